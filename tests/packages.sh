#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# packages: both packages, from the source to nothing left.
#
#   sudo tests/packages.sh
#
# Builds the deb (twice, the second as an upgrade) and the rpm by the README's
# commands, has lintian and rpmlint judge them, and holds the rpm's requirements
# against the binary.
# Then plays tests/packages.py in Debian 12 roots made with debootstrap that
# hold nothing else: install, ship as the installed unit under systemd,
# die, upgrade, remove, purge, and list what is left; the rpm unpacked and run; the
# source archive built on with rpmbuild.
#
# Not part of tests/run.sh: it needs root, debootstrap and some minutes.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
# shellcheck source=../packaging/need.sh
. packaging/need.sh
# shellcheck source=root.sh
. tests/root.sh

build=$top/build-package

# What people are told to type, and is not for root: it builds the packages.
told_to_build() {
	sed -n '/^## Install it/,/^## /p' README.md |
		sed -n '/^```sh/,/^```/{/^```/!p}' | grep -v '^sudo '
}

build_packages() {
	mkdir -p "$build"
	rm -f "$build"/*.deb "$build"/*.rpm "$build"/*.tar.gz
	told_to_build >"$build/told.sh"
	grep -q 'target package' "$build/told.sh" ||
		die "the README tells no command that builds packages"
	bash -ex "$build/told.sh" >"$build/package.log" 2>&1 || {
		cat "$build/package.log" >&2
		return 1
	}
	cpack --config "$build/CPackConfig.cmake" -G DEB -B "$build" \
		-D CPACK_DEBIAN_PACKAGE_RELEASE=2 >>"$build/package.log"
	git -c safe.directory="$top" archive --format=tar.gz \
		--prefix="kinesis-agent-$version/" \
		-o "$build/kinesis-agent-$version.tar.gz" HEAD
}

# Nothing but what is said here and why.
judge_packages() {
	local said

	# An upload to Debian closes a bug; this is none.
	said=$(lintian --suppress-tags initial-upload-closes-no-bugs \
		"$build"/*-1_*.deb 2>&1) || true
	said=$(grep -v 'running with root privileges' <<<"$said") || true
	[ -z "$said" ] || die "lintian: $said"
	# Whoever publishes it signs it.
	said=$(rpmlint "$build"/*.rpm 2>&1 | grep ': E: ' |
		grep -v ': E: no-signature$') || true
	[ -z "$said" ] || die "rpmlint: $said"
	echo "lintian and rpmlint: no errors"
}

# The rpm's requirements are written by hand: every library that the binary
# wants is among them, and no other. (The loader is a part of libc.)
judge_requires() {
	local rpm wanted required

	rpm=$(ls "$build"/*.rpm)
	wanted=$(readelf -d "$build/kinesis-agent" |
		sed -n 's/.*(NEEDED).*\[\(lib.*\)\]/\1()(64bit)/p' | sort)
	required=$(rpm -qpR "$rpm" | grep '^lib.*()(64bit)$' | sort -u)
	[ "$wanted" = "$required" ] || die "the rpm requires: $required
the binary wants: $wanted"
	wanted=$(objdump -T "$build/kinesis-agent" |
		grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1)
	rpm -qpR "$rpm" | grep -qxF "libc.so.6($wanted)(64bit)" ||
		die "the binary wants $wanted, which the rpm does not require"
	echo "the rpm requires what the binary wants"
}

judge_binary() {
	python3 tests/interop/hardened.py "$build/kinesis-agent" Release
}

judge_unit() {
	python3 tests/interop/units.py packaging/systemd
}

[ "$(id -u)" -eq 0 ] || die "needs root (debootstrap, mounts)"
need_packages "${need_build[@]}" "${need_sandbox[@]}" "${need_tests[@]}" \
	"${need_package[@]}" "${need_package_checks[@]}"
version=$(sed -n 's/^project(kinesis-agent VERSION \([^ ]*\) .*/\1/p' \
	CMakeLists.txt)
make_base
build_packages
judge_packages
judge_requires
judge_binary
judge_unit
installed=$cache/root-packages
make_root "$installed"
rc=0
KINESIS_AGENT=$build/kinesis-agent \
	KINESIS_SANDBOX=$build/tests/fake/kinesis-sandbox \
	PYTHONPATH=$top/tests/scenario PYTHONDONTWRITEBYTECODE=1 \
	python3 tests/packages.py "$installed" "$build" || rc=$?
rm -rf --one-file-system "$installed"
exit "$rc"
