# SPDX-License-Identifier: Apache-2.0
#
# Real logrotate, the agent, haproxy, kinesalite, botocore. Needs the packages
# of package.json (npm ci --omit=optional): a test that cannot find them fails.
if(NOT TARGET kinesis-agent)
	message(STATUS "no kinesalite test: the agent is not built")
	return()
endif()

set(slow 1)
if(SANITIZE STREQUAL "address")
	set(slow 3)
elseif(SANITIZE STREQUAL "thread")
	set(slow 5)
endif()

foreach(case cbor json one-in-flight)
	add_test(NAME interop.kinesalite.${case} COMMAND /usr/bin/python3
		${CMAKE_CURRENT_LIST_DIR}/kinesalite.py ${case})
	set_tests_properties(interop.kinesalite.${case} PROPERTIES
		ENVIRONMENT "KINESIS_AGENT=$<TARGET_FILE:kinesis-agent>;SCENARIO_SLOW=${slow};PYTHONDONTWRITEBYTECODE=1"
		LABELS interop
		COST 100 # the longest: first, but not beside its likes
		RESOURCE_LOCK kinesalite
		TIMEOUT 180)
endforeach()
