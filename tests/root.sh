#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# root: a Debian 12 that has nothing, made with debootstrap (once, kept in
# $FRESH_ROOT_CACHE or /var/tmp/kinesis-agent-fresh), and programs run in a copy of
# it, in mount and process namespaces of their own. How packages are reached
# (apt's sources, proxy, certificate authorities, npm's settings, name servers)
# is copied from this machine when it runs; nothing else of this machine is
# there.
#
# Sourced by fresh-root.sh and packages.sh; $top is the source tree.

# shellcheck shell=bash disable=SC2154
cache=${FRESH_ROOT_CACHE:-/var/tmp/kinesis-agent-fresh}
where=/src/kinesis-agent

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# Where this machine gets bookworm's packages from.
mirror() {
	{
		sed -n 's/^URIs: *\([^ ]*\).*/\1/p' \
			/etc/apt/sources.list.d/*.sources
		sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' \
			/etc/apt/sources.list /etc/apt/sources.list.d/*.list
	} 2>/dev/null | head -n 1
}

make_base() {
	[ ! -d "$cache/base" ] || return 0
	command -v debootstrap >/dev/null ||
		die "debootstrap is not installed: apt-get install debootstrap"
	mkdir -p "$cache"
	rm -rf "$cache/making"
	debootstrap --variant=minbase bookworm "$cache/making" "$(mirror)" \
		>"$cache/debootstrap.log" 2>&1 ||
		die "debootstrap failed, see $cache/debootstrap.log"
	mv "$cache/making" "$cache/base"
}

# Copy "$2"... of this machine into root $1, under the same names, where there.
copy_in() {
	local root=$1 path
	shift

	for path; do
		[ -e "$path" ] || continue
		mkdir -p "$root$(dirname "$path")"
		cp -a --remove-destination -L "$path" "$root$(dirname "$path")/"
	done
}

make_root() {
	local root=$1

	rm -rf "$root"
	cp -a --reflink=auto "$cache/base" "$root"
	rm -rf "$root"/etc/apt/sources.list "$root"/etc/apt/*.d
	copy_in "$root" /etc/apt/sources.list /etc/apt/sources.list.d \
		/etc/apt/apt.conf /etc/apt/apt.conf.d /etc/apt/auth.conf.d \
		/etc/apt/preferences.d /etc/apt/keyrings /etc/apt/trusted.gpg \
		/etc/apt/trusted.gpg.d /usr/share/keyrings \
		/usr/local/share/ca-certificates /etc/npmrc \
		/etc/resolv.conf /etc/hosts
	# apt's hooks call programs that are not there.
	grep -lE '^ *(DPkg|APT)::[A-Za-z-]*(Pre|Post)-' \
		"$root"/etc/apt/apt.conf.d/* 2>/dev/null | xargs -r rm -f
	[ ! -f "$HOME/.npmrc" ] || cp -L "$HOME/.npmrc" "$root/root/.npmrc"
}

# The source tree as committed, into root $1.
put_source() {
	local root=$1

	mkdir -p "$root$where"
	git -c safe.directory="$top" -C "$top" archive HEAD |
		tar -x -C "$root$where"
}

# What a command may inherit: how to reach the network, and nothing else.
inherited() {
	env | grep -iE '^(https?_proxy|no_proxy|ftp_proxy|all_proxy)=' || true
	echo "TERM=${TERM:-dumb}"
	echo "HOME=/root"
	echo "LANG=C.UTF-8"
	echo "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

# Inside the new namespaces, as their process 1: make $1 the root, run the
# rest there, and look what is still running. (pivot_root, because a chroot is
# left by whoever enters the mount namespace, as some tests do.)
inside() {
	local root=$1 rc=0 proc
	shift

	mount --bind "$root" "$root"
	mount -t proc proc "$root/proc"
	mount --rbind /sys "$root/sys"
	mount --rbind /dev "$root/dev"
	mapfile -t environment < <(inherited)
	mkdir "$root/outside"
	cd "$root"
	pivot_root . outside
	umount -l /outside
	rmdir /outside
	cd "$where"
	env -i "${environment[@]}" "$@" || rc=$?
	for proc in /proc/[0-9]*; do
		[ "$proc" != /proc/1 ] || continue
		echo "left running: ${proc#/proc/} $(tr '\0' ' ' <"$proc/cmdline")"
		rc=1
	done
	return "$rc"
}
