# SPDX-License-Identifier: Apache-2.0
#
# AWS's own library (botocore) says where its services are.
add_executable(endpoints_driver endpoints_driver.c)
target_link_libraries(endpoints_driver PRIVATE ship)
target_include_directories(endpoints_driver PRIVATE ${CMAKE_SOURCE_DIR}/agent)
add_test(NAME interop.endpoints
	COMMAND /usr/bin/python3
	${CMAKE_CURRENT_SOURCE_DIR}/endpoints_botocore.py
	$<TARGET_FILE:endpoints_driver>)
set_tests_properties(interop.endpoints PROPERTIES TIMEOUT 120 LABELS interop)
