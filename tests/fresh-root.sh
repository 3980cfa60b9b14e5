#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# fresh-root: do the README's two commands work on a Debian 12 that has nothing?
#
#   sudo tests/fresh-root.sh                  both, each in a root of its own
#   sudo tests/fresh-root.sh quickstart       packaging/quickstart.sh only
#   sudo tests/fresh-root.sh tests            tests/run.sh only
#   sudo tests/fresh-root.sh quick            tests/run.sh --quick
#   sudo tests/fresh-root.sh shell            look around in such a root
#
# Makes a minimal root with debootstrap (once, kept in $FRESH_ROOT_CACHE or
# /var/tmp/kinesis-agent-fresh), copies it for each command, puts a git archive
# of HEAD into it and runs the command there in its own mount and process
# namespaces: what it mounts or leaves running ends with it, and what it leaves
# running fails it. How packages are reached (apt's sources, proxy, certificate
# authorities, npm's settings, name servers) is copied from this machine when
# it runs; nothing else of this machine is there.
#
# Not part of tests/run.sh: it needs root, debootstrap and many minutes.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=root.sh
. "$top/tests/root.sh"

run_in_root() {
	local name=$1 root=$cache/root-$1 log=$cache/$1.log began=$SECONDS rc=0
	shift

	echo "== $name: $*"
	make_root "$root"
	put_source "$root"
	unshare --mount --pid --fork --kill-child \
		"$top/tests/fresh-root.sh" --inside "$root" "$@" \
		< <(:) 2>&1 | tee "$log" || rc=$?
	rm -rf --one-file-system "$root"
	if [ "$rc" -eq 0 ]; then
		results+=("$name passed in $((SECONDS - began)) s")
	else
		results+=("$name FAILED ($rc) after $((SECONDS - began)) s, see $log")
		bad=1
	fi
}

if [ "${1:-}" = --inside ]; then
	shift
	inside "$@"
	exit
fi

[ "$(id -u)" -eq 0 ] || die "needs root (chroot, mounts)"
[ $# -gt 0 ] || set -- quickstart tests
make_base
bad=0
results=()
for command; do
	case $command in
	quickstart) run_in_root quickstart packaging/quickstart.sh ;;
	tests) run_in_root tests tests/run.sh ;;
	quick) run_in_root quick tests/run.sh --quick ;;
	shell)
		make_root "$cache/root-shell"
		put_source "$cache/root-shell"
		unshare --mount --pid --fork --kill-child \
			"$top/tests/fresh-root.sh" --inside "$cache/root-shell" \
			bash || true
		rm -rf --one-file-system "$cache/root-shell"
		;;
	*) die "no such command: $command; there are: quickstart tests quick shell" ;;
	esac
done
[ "${#results[@]}" -eq 0 ] || printf 'fresh-root: %s\n' "${results[@]}"
exit "$bad"
