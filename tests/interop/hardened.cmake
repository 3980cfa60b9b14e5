# SPDX-License-Identifier: Apache-2.0
#
# How the binary is made, judged by readelf, and what its systemd units let it
# do, judged by systemd. A sanitizer's build is made otherwise.
if(TARGET kinesis-agent AND SANITIZE STREQUAL "" AND CMAKE_BUILD_TYPE MATCHES Rel)
	add_test(NAME interop.hardened COMMAND /usr/bin/python3
		${CMAKE_CURRENT_LIST_DIR}/hardened.py
		$<TARGET_FILE:kinesis-agent> ${CMAKE_BUILD_TYPE})
	add_test(NAME interop.units COMMAND /usr/bin/python3
		${CMAKE_CURRENT_LIST_DIR}/units.py
		${CMAKE_SOURCE_DIR}/packaging/systemd)
	set_tests_properties(interop.hardened interop.units PROPERTIES
		LABELS interop SKIP_RETURN_CODE 77 TIMEOUT 60)
endif()
