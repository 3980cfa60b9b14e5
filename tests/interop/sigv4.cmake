# SPDX-License-Identifier: Apache-2.0
#
# AWS's own signer (botocore) signs the same requests.
add_executable(sigv4_driver sigv4_driver.c)
target_link_libraries(sigv4_driver PRIVATE ship)
target_include_directories(sigv4_driver PRIVATE ${CMAKE_SOURCE_DIR}/agent)
add_test(NAME interop.sigv4
	COMMAND /usr/bin/python3
	${CMAKE_CURRENT_SOURCE_DIR}/sigv4_botocore.py $<TARGET_FILE:sigv4_driver>)
set_tests_properties(interop.sigv4 PROPERTIES TIMEOUT 120 LABELS interop)
