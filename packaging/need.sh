# SPDX-License-Identifier: Apache-2.0
#
# need: what each job needs of the machine: Debian packages, by name, how they
# get here, and a build folder.
#
# Sourced by packaging/quickstart.sh and tests/run.sh, so that nothing of this
# exists twice. Installs only what is missing, asks nothing, and starts no service on
# the machine it runs on. Refuses to guess: as another user than root it says
# what is missing and fails.

# shellcheck shell=bash disable=SC2034  # the lists are for whoever sources this
need_build=(
	gcc libc6-dev cmake ninja-build pkg-config
	libssl-dev libcurl4-openssl-dev libyaml-dev libjansson-dev
	libsqlite3-dev libinotifytools0-dev libpcre2-dev zlib1g-dev libzstd-dev
	libmicrohttpd-dev ca-certificates
)
need_sandbox=(libgnutls28-dev)
need_tests=(
	libcmocka-dev python3 python3-botocore python3-cbor2 python3-yaml
	python3-jsonschema python3-prometheus-client logrotate haproxy openssl groff-base
	procps util-linux xfsprogs sqlite3 gzip zstd strace jq
)
need_checks=(clang clang-format clang-tidy cppcheck)

# For `cmake --build BUILD --target package`, and what judges the packages.
need_package=(dpkg-dev rpm file)
need_package_checks=(lintian rpmlint debootstrap systemd-container)

# The names among "$@" that are not installed, one a line.
need_missing() {
	local name
	for name; do
		[ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" \
			= installed ] || printf '%s\n' "$name"
	done
}

need_apt() {
	DEBIAN_FRONTEND=noninteractive apt-get -q -o Acquire::Retries=3 \
		-o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# Some of these packages are servers elsewhere; here they are only programs
# for a test to start, so their installation may not start them.
need_apt_install() {
	local deny=/usr/sbin/policy-rc.d made=no rc=0

	if [ ! -e "$deny" ]; then
		printf '#!/bin/sh\nexit 101\n' >"$deny"
		chmod 755 "$deny"
		made=yes
	fi
	need_apt install -y --no-install-recommends "$@" || rc=$?
	[ "$made" = no ] || rm -f "$deny"
	return "$rc"
}

# Have the packages "$@" installed. Fails with one line that says what to do.
need_packages() {
	local missing log

	mapfile -t missing < <(need_missing "$@")
	[ "${#missing[@]}" -gt 0 ] || return 0
	if [ "$(id -u)" -ne 0 ]; then
		echo "not installed: ${missing[*]}; run this as root (sudo)" >&2
		return 1
	fi
	echo "installing: ${missing[*]}"
	log=$(mktemp)
	if need_apt update >"$log" 2>&1 &&
		need_apt_install "${missing[@]}" >"$log" 2>&1; then
		rm -f "$log"
		return 0
	fi
	cat "$log" >&2
	rm -f "$log"
	echo "apt-get could not install: ${missing[*]}" >&2
	return 1
}

# need_configure SOURCE BUILD CMAKE-ARGUMENT...: quiet if it works. A build folder
# that belongs to another (or a moved) source tree is begun again.
need_configure() {
	local source=$1 dir=$2
	shift 2

	if [ -f "$dir/CMakeCache.txt" ] && ! grep -qxF \
		"CMAKE_HOME_DIRECTORY:INTERNAL=$source" "$dir/CMakeCache.txt"
	then
		rm -rf "$dir"
	fi
	mkdir -p "$dir" || return 1
	cmake -S "$source" -B "$dir" -G Ninja "$@" >"$dir/configure.log" 2>&1 ||
		{
			cat "$dir/configure.log" >&2
			return 1
		}
}
