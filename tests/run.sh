#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run: everything that judges this project, from a bare Debian 12 to a verdict.
#
#   sudo tests/run.sh                all stages
#   sudo tests/run.sh --quick        build with gcc, run CTest
#   sudo tests/run.sh --stage NAME   only this one (may be given again)
#   tests/run.sh --list              the stages' names
#
# A failing stage does not stop the others; the exit code is 0 only if all
# passed. The last line is "N passed, N failed": CTest's tests over all builds;
# a stage that failed without a failing test of its own counts as one.
#
# Builds are incremental, in build-* at the top or in $BUILD_ROOT. No process
# that a test started may outlive its stage: it would be named, ended, and the
# stage failed.
set -uo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top" || exit 1
# shellcheck source=../packaging/need.sh
. packaging/need.sh

all_stages=(install format lint cppcheck gcc clang address thread)
builds=${BUILD_ROOT:-$top}
jobs=2
export CTEST_OUTPUT_ON_FAILURE=1 LC_ALL=C.UTF-8
# How stage_leftovers knows our processes, however they were started.
mark=$$.$RANDOM
export KINESIS_AGENT_TESTS=$mark
# What a user's shell set may not decide how a test ends.
unset MAKEFLAGS CFLAGS LDFLAGS CC
unset "${!AWS_@}"
# Every server of the tests is here, whatever the way out is.
export no_proxy="127.0.0.1${no_proxy:+,$no_proxy}"
export NO_PROXY=$no_proxy

usage() {
	sed -n '5,8s/^# \{0,2\}//p' "$top/tests/run.sh"
}

sources() {
	find . -path './build*' -prune -o -name node_modules -prune -o \
		-name '*.[ch]' -print | sort
}

stage_install() {
	local packages=("${need_build[@]}" "${need_sandbox[@]}" \
		"${need_tests[@]}" "${need_checks[@]}")

	# Whatever npm is there may not be Debian's: leave it alone then.
	command -v npm >/dev/null || packages+=(npm)
	need_packages "${packages[@]}" && npm_packages
}

# What tests/interop asks of npm, at exactly the versions of its lock file.
npm_packages() (
	cd tests/interop || exit 1
	[ package-lock.json -nt node_modules/.package-lock.json ] || exit 0
	npm ci --omit=optional --ignore-scripts --no-progress </dev/null &&
		touch node_modules/.package-lock.json
)

stage_format() {
	sources | xargs -r clang-format --dry-run -Werror
}

stage_lint() {
	python3 tests/lint/rooms.py
}

stage_cppcheck() {
	mkdir -p "$builds/build-cppcheck" || return 1
	sources | grep '\.c$' | cppcheck --file-list=- --quiet -j "$jobs" \
		--std=c11 --language=c --library=posix,gnu \
		--enable=warning,style,performance,portability \
		--inline-suppr --suppressions-list=tests/lint/cppcheck.txt \
		--error-exitcode=1 --cppcheck-build-dir="$builds/build-cppcheck" \
		-D_GNU_SOURCE -DAGENT_VERSION='""' -Iinclude -Iagent
}

# build NAME CMAKE-ARGUMENT...: configure and build in build-NAME.
build() {
	local dir=$builds/build-$1
	shift

	need_configure "$top" "$dir" "$@" &&
		cmake --build "$dir" -j "$jobs" -- --quiet -k 0
}

# run_ctest NAME ARGUMENT...: CTest in build-NAME, its verdict kept for the
# summary. Scenarios wait more than they work, so more run than there are cores.
run_ctest() {
	local dir=$builds/build-$1
	shift

	rm -f "$dir/verdict.xml"
	"${no_aslr[@]}" ctest --test-dir "$dir" -j 4 --no-tests=error \
		--output-junit verdict.xml "$@" </dev/null
}

build_gcc() {
	build gcc -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=RelWithDebInfo
}

build_address() {
	build address -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug \
		-DSANITIZE=address
}

build_thread() {
	build thread -DCMAKE_C_COMPILER=gcc -DCMAKE_BUILD_TYPE=Debug \
		-DSANITIZE=thread
}

# clang-tidy runs beside the compiler, so only on what changed; other checks
# than last time mean everything again.
build_clang() {
	local dir=$builds/build-clang

	cat .clang-tidy tests/.clang-tidy | cmp -s - "$dir/checks" ||
		rm -rf "$dir"
	build clang -DCMAKE_C_COMPILER=clang -DCMAKE_BUILD_TYPE=RelWithDebInfo \
		"-DCMAKE_C_CLANG_TIDY=clang-tidy;--quiet;--warnings-as-errors=*"
	# Noted also after a failure: what passed need not be judged again.
	set -- $?
	cat .clang-tidy tests/.clang-tidy >"$dir/checks"
	return "$1"
}

# Tests wait more than they work: meanwhile the next stage is built, with what
# they leave of the machine. Its mark is not ours, as it outlives the stage.
declare -A early=()
begin_early() {
	[[ " ${stages[*]} " == *" $1 "* ]] || return 0
	mkdir -p "$builds/build-early"
	(
		unset KINESIS_AGENT_TESTS
		renice -n 19 -p "$BASHPID" >/dev/null
		"build_$1"
	) >"$builds/build-early/$1.log" 2>&1 </dev/null &
	early[$1]=$!
}

# built NAME: have it built, early or now.
built() {
	local rc=0

	[ -n "${early[$1]:-}" ] || {
		"build_$1"
		return
	}
	wait "${early[$1]}" || rc=$?
	unset "early[$1]"
	cat "$builds/build-early/$1.log"
	return "$rc"
}

# Nothing of it may outlive us.
end_early() {
	local pid

	for pid in "${early[@]}"; do
		pkill -TERM -P "$pid"
		kill -TERM "$pid"
	done 2>/dev/null
}

stage_gcc() {
	built gcc || return 1
	begin_early clang
	run_ctest gcc
}

stage_clang() {
	built clang
}

stage_address() {
	local reports=$builds/build-address/reports
	local same=log_path=$reports/report:allocator_may_return_null=1

	built address || return 1
	begin_early thread
	rm -rf "$reports" && mkdir "$reports"
	ASAN_OPTIONS=$same:detect_stack_use_after_return=1 \
	UBSAN_OPTIONS=$same:print_stacktrace=1 \
		sanitized address "$reports"
}

# What these play happens on the tail's thread alone, or before there is any
# other: the threads that run beside it are judged in the other scenarios.
one_thread='broken_archive|compressed_while_down|configuration_mistakes|directories|globs|gone_while_down|identity|links|logrotate'

stage_thread() {
	local reports=$builds/build-thread/reports
	local same=log_path=$reports/report:allocator_may_return_null=1

	built thread || return 1
	rm -rf "$reports" && mkdir "$reports"
	find_no_aslr || return 1
	TSAN_OPTIONS=$same:second_deadlock_stack=1 \
		sanitized thread "$reports" "|^scenario\\.($one_thread)\\."
}

# sanitized NAME REPORTS [MORE]: units and scenarios under a sanitizer, but for
# those that match MORE, which goes on the expression of the others. A report fails the stage whichever
# process wrote it, also one whose exit code no test looked at. (An allocation
# that fails answers NULL there too: how we take that is tested.)
sanitized() {
	local rc=0

	run_ctest "$1" -E "^(lint|interop|bench|fuzz)\\.${3:-}" || rc=1
	if [ -n "$(ls -A "$2")" ]; then
		cat "$2"/*
		rc=1
	fi
	return "$rc"
}

# The thread sanitizer cannot place its shadow where the kernel randomises
# more address bits than it was built for; without randomisation it can.
no_aslr=()
find_no_aslr() {
	local try=$builds/build-thread/try

	echo 'int main(void) { return 0; }' |
		gcc -fsanitize=thread -x c -o "$try" - || return 1
	no_aslr=()
	"$try" 2>/dev/null && return 0
	no_aslr=(setarch "$(uname -m)" -R)
	"${no_aslr[@]}" "$try"
}

# Name and end what a stage's tests left running. True if there was something.
stage_leftovers() {
	local pid deadline=$((SECONDS + 2))

	# What was told to end may need a moment for it.
	while [ -n "$(our_processes)" ]; do
		if [ "$SECONDS" -lt "$deadline" ]; then
			sleep 0.1
			continue
		fi
		for pid in $(our_processes); do
			printf 'left running: %s %s\n' "$pid" \
				"$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline")"
			kill -KILL "$pid"
		done
		return 0
	done
	return 1
}

# The ids of what a test started and that still runs. A shell that only forked
# has our own environment, from before the mark was set, so it is not in it.
our_processes() {
	local environ

	for environ in /proc/[0-9]*/environ; do
		# Gone between the listing and the look: nothing to say.
		tr '\0' '\n' 2>/dev/null <"$environ" |
			grep -qx "KINESIS_AGENT_TESTS=$mark" || continue
		environ=${environ#/proc/}
		echo "${environ%/environ}"
	done 2>/dev/null
}

rows=()
remarks=()
passed=0
failed=0

# The names of the tests in verdict $1 that ended as $2: run, fail, skip, or
# gone (could not be started).
tests_that() {
	awk -v wanted="$2" -F '"' '
		/<testcase / { name = $2; how = $(NF - 1) }
		/<testcase / && how != "notrun" && how == wanted { print name }
		/<skipped message=/ && how == "notrun" {
			is = $2 ~ /^SKIP_/ ? "skip" : "gone"
			if (is == wanted)
				print name
		}' "$1"
}

# Read CTest's verdict on build-$1 into row, row_failed and the totals.
take_verdict() {
	local xml=$builds/build-$1/verdict.xml ran skipped broken

	row=
	row_failed=0
	[ -f "$xml" ] || return 0
	ran=$(tests_that "$xml" run | wc -l)
	mapfile -t skipped < <(tests_that "$xml" skip)
	mapfile -t broken < <(tests_that "$xml" fail; tests_that "$xml" gone)
	row_failed=${#broken[@]}
	row="$ran of $((ran + row_failed + ${#skipped[@]})) tests"
	passed=$((passed + ran))
	failed=$((failed + row_failed))
	remarks+=("${broken[@]/#/failed in $1: }" "${skipped[@]/#/skipped in $1: }")
}

run_stage() {
	local name=$1 began=$SECONDS verdict=passed

	printf '\n==== %s\n' "$name"
	rm -f "$builds/build-$name/verdict.xml"
	"stage_$name" || verdict=FAILED
	if stage_leftovers; then
		verdict=FAILED
	fi
	take_verdict "$name"
	[ "$verdict" = passed ] || bad=1
	if [ "$verdict" = FAILED ] && [ "$row_failed" -eq 0 ]; then
		failed=$((failed + 1))
	fi
	rows+=("$(printf '%-10s %-7s %5d s   %s' "$name" "$verdict" \
		"$((SECONDS - began))" "$row")")
}

stages=()
while [ $# -gt 0 ]; do
	case $1 in
	--quick) stages+=(install gcc) ;;
	--stage)
		[[ " ${all_stages[*]} " == *" ${2:-} "* ]] || {
			echo "no such stage: ${2:-}; there are: ${all_stages[*]}" >&2
			exit 2
		}
		stages+=("$2")
		shift
		;;
	--list)
		printf '%s\n' "${all_stages[@]}"
		exit 0
		;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 2
		;;
	esac
	shift
done
[ "${#stages[@]}" -gt 0 ] || stages=("${all_stages[@]}")

mkdir -p "$builds" || exit 1
trap 'end_early; stage_leftovers; exit 130' INT TERM HUP
bad=0
for stage in "${stages[@]}"; do
	run_stage "$stage"
	# Nothing else can be judged without the tools.
	[ "$stage" != install ] || [ "$bad" -eq 0 ] || break
done

printf '\n==== summary, %d s in all\n' "$SECONDS"
printf '%s\n' "${rows[@]}"
[ "${#remarks[@]}" -eq 0 ] || printf '%s\n' "${remarks[@]}"
# Under sudo the builds belong to whoever called it, not to root.
if [ -n "${SUDO_UID:-}" ]; then
	chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$builds"/build-* \
		tests/interop/node_modules 2>/dev/null
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
exit "$bad"
