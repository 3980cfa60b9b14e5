# SPDX-License-Identifier: Apache-2.0
#
# What editors are told of agent.yaml, judged by a validator of JSON Schema; and
# the completion and the manuals by the programs that read them.
if(TARGET kinesis-agent)
	foreach(judge schema shells)
		add_test(NAME interop.${judge} COMMAND /usr/bin/python3
			${CMAKE_CURRENT_LIST_DIR}/${judge}.py)
		set_tests_properties(interop.${judge} PROPERTIES
			ENVIRONMENT KINESIS_AGENT=$<TARGET_FILE:kinesis-agent>
			LABELS interop TIMEOUT 60)
	endforeach()
endif()
