# SPDX-License-Identifier: Apache-2.0
#
# package: what is installed where, and the deb and rpm made of it:
# `cmake --build BUILD --target package`. Included by the top CMakeLists.txt.
#
# Both packages hold the same files. The deb's dependencies are read from the
# binary (dpkg-shlibdeps); the rpm's are written here by hand, as plain sonames: those
# that would be read from a binary built on Debian name a symbol version of
# libcurl that exists nowhere else. tests/packages.sh holds them against the
# binary.
include(GNUInstallDirs)

set(made ${CMAKE_BINARY_DIR}/packaging)
set(unit_dir lib/systemd/system)

# gz NAME SOURCE: SOURCE compressed as Debian wants it, the same every time.
function(gz NAME SOURCE)
	add_custom_command(OUTPUT ${made}/${NAME}.gz
		COMMAND sh -c "gzip -9n <'${SOURCE}' >'${made}/${NAME}.gz'"
		DEPENDS ${SOURCE} VERBATIM)
	set_property(GLOBAL APPEND PROPERTY made_files ${made}/${NAME}.gz)
endfunction()

# printed NAME WHAT: what the binary prints of itself, so it is never out of
# date.
function(printed NAME WHAT)
	add_custom_command(OUTPUT ${made}/${NAME}
		COMMAND sh -c "'$<TARGET_FILE:kinesis-agent>' print ${WHAT} >'${made}/${NAME}'"
		DEPENDS kinesis-agent VERBATIM)
	set_property(GLOBAL APPEND PROPERTY made_files ${made}/${NAME})
endfunction()

file(MAKE_DIRECTORY ${made})
printed(agent.yaml.example example)
printed(agent.schema.json schema)
printed(kinesis-agent.8 manual)
printed(agent.yaml.5 settings)
printed(kinesis-agent.bash completion)
gz(kinesis-agent.8 ${made}/kinesis-agent.8)
gz(agent.yaml.5 ${made}/agent.yaml.5)
gz(changelog.Debian ${CMAKE_SOURCE_DIR}/packaging/debian/changelog)
get_property(files GLOBAL PROPERTY made_files)
add_custom_target(packaging ALL DEPENDS ${files})

install(TARGETS kinesis-agent RUNTIME DESTINATION bin)
install(FILES packaging/systemd/kinesis-agent.service
	packaging/systemd/kinesis-agent@.service DESTINATION ${unit_dir})
install(FILES packaging/agent.yaml DESTINATION /etc/kinesis-agent)
install(DIRECTORY DESTINATION /etc/kinesis-agent/agent.d)
install(FILES ${made}/kinesis-agent.8.gz DESTINATION share/man/man8)
install(FILES ${made}/agent.yaml.5.gz DESTINATION share/man/man5)
install(FILES ${made}/kinesis-agent.bash
	DESTINATION share/bash-completion/completions RENAME kinesis-agent)
install(FILES ${made}/agent.schema.json DESTINATION share/kinesis-agent)
install(FILES ${made}/agent.yaml.example README.md
	DESTINATION share/doc/kinesis-agent)
install(FILES packaging/debian/copyright DESTINATION share/doc/kinesis-agent)
install(FILES ${made}/changelog.Debian.gz
	DESTINATION share/doc/kinesis-agent)

set(CPACK_PACKAGE_NAME kinesis-agent)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_CONTACT "kinesis-agent developers <developers@kinesis-agent.example.org>")
set(CPACK_PACKAGE_VENDOR "kinesis-agent developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
	"follows log files and delivers their lines to Amazon Kinesis")
set(CPACK_PACKAGE_DESCRIPTION
	"A daemon that follows rotating log files and delivers every line to Amazon
Kinesis Data Streams or Amazon Data Firehose. It reads the configuration of
the Java Amazon Kinesis Agent and goes on at its checkpoints.")
set(CPACK_GENERATOR DEB RPM)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
	OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
	WORLD_READ WORLD_EXECUTE)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONFLICTS aws-kinesis-agent)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(debian ${CMAKE_SOURCE_DIR}/packaging/debian)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${debian}/conffiles ${debian}/postinst
	${debian}/prerm ${debian}/postrm)

set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_SUMMARY
	"Follows log files and delivers their lines to Amazon Kinesis")
set(CPACK_RPM_PACKAGE_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_SPEC_MORE_DEFINE
	"%global packager ${CPACK_PACKAGE_CONTACT}")
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_GROUP System/Daemons)
set(CPACK_RPM_PACKAGE_AUTOREQ OFF)
set(CPACK_RPM_PACKAGE_AUTOPROV OFF)
set(sonames libc.so.6 libcrypto.so.3 libcurl.so.4 libjansson.so.4 libpcre2-8.so.0 libsqlite3.so.0
	libyaml-0.so.2 libz.so.1 libzstd.so.1 libmicrohttpd.so.12)
list(TRANSFORM sonames APPEND "()(64bit)")
list(APPEND sonames "libc.so.6(GLIBC_2.34)(64bit)" ca-certificates)
list(JOIN sonames ", " CPACK_RPM_PACKAGE_REQUIRES)
set(CPACK_RPM_PACKAGE_REQUIRES_PRE shadow-utils)
set(CPACK_RPM_PACKAGE_CONFLICTS aws-kinesis-agent)
set(rpm ${CMAKE_SOURCE_DIR}/packaging/rpm)
set(CPACK_RPM_PRE_INSTALL_SCRIPT_FILE ${rpm}/pre)
set(CPACK_RPM_POST_INSTALL_SCRIPT_FILE ${rpm}/post)
set(CPACK_RPM_PRE_UNINSTALL_SCRIPT_FILE ${rpm}/preun)
set(CPACK_RPM_POST_UNINSTALL_SCRIPT_FILE ${rpm}/postun)
set(CPACK_RPM_CHANGELOG_FILE ${rpm}/changelog)
set(CPACK_RPM_USER_FILELIST
	"%config(noreplace) /etc/kinesis-agent/agent.yaml")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /lib /lib/systemd
	/lib/systemd/system /usr/share/man /usr/share/man/man5
	/usr/share/man/man8 /usr/share/doc /usr/share/bash-completion
	/usr/share/bash-completion/completions)

set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_IGNORE_FILES "/build[^/]*/" "/\\\\.git/" node_modules)
include(CPack)
