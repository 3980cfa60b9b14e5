#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# quickstart: from a bare Debian 12 to log lines arriving, in one command.
#
#   sudo packaging/quickstart.sh              a sample log, written and rotated
#                                             while the agent follows it
#   sudo packaging/quickstart.sh FILE         your log, from its first line
#
# sends to a sandbox on this machine, then counts line by line what arrived.
#
#   sudo -E packaging/quickstart.sh [FILE] --stream NAME [--region REGION]
#                                   [--endpoint URL] [--ca-file PEM]
#
# sends to a real stream with your credentials (from the environment), and
# shows what the agent says of it. Real records cost real money.
#
# Exit code 0 only if nothing was lost and nothing repeated. Ends by itself
# (or with Ctrl-C), leaves nothing running and nothing behind but its build
# folder, build-quickstart at the top or in $BUILD_ROOT.
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=need.sh
. "$top/packaging/need.sh"
build=${BUILD_ROOT:-$top}/build-quickstart
export LC_ALL=C.UTF-8
# The sandbox is here, whatever the way out is.
export no_proxy="127.0.0.1${no_proxy:+,$no_proxy}"

sample_lines=5000
sample_rotations=3
sample_seconds=10
patience=15 # seconds without progress before giving up

file='' stream='' endpoint='' region='' ca_file=''
work='' writer='' sandbox='' agent='' printers=()
interrupted=no

usage() {
	sed -n '4,17s/^# \{0,1\}//p' "$top/packaging/quickstart.sh"
}

die() {
	echo "quickstart: $*" >&2
	exit 1
}

step() {
	printf '\n== %s\n' "$*"
}

running() {
	[ -n "$1" ] && kill -0 "$1" 2>/dev/null
}

# End process $1 with SIGTERM, after $2 seconds with SIGKILL; its exit code.
end() {
	local pid=$1 deadline=$((SECONDS + $2)) rc=0

	[ -n "$pid" ] || return 0
	kill -TERM "$pid" 2>/dev/null || true
	while running "$pid"; do
		if [ "$SECONDS" -ge "$deadline" ]; then
			kill -KILL "$pid" 2>/dev/null || true
			break
		fi
		sleep 0.1
	done
	wait "$pid" 2>/dev/null || rc=$?
	return "$rc"
}

cleanup() {
	local rc=$?

	trap - EXIT
	trap '' INT TERM HUP
	end "$writer" 2 || true
	end "$agent" 10 || true
	end "$sandbox" 5 || true
	[ "${#printers[@]}" -eq 0 ] || wait "${printers[@]}" 2>/dev/null || true
	[ -z "$work" ] || rm -rf "$work"
	# Under sudo the build belongs to whoever called it, not to root.
	[ -z "${SUDO_UID:-}" ] || [ ! -d "$build" ] ||
		chown -R "$SUDO_UID:${SUDO_GID:-$SUDO_UID}" "$build"
	exit "$rc"
}

parse() {
	while [ $# -gt 0 ]; do
		case $1 in
		--stream | --endpoint | --region | --ca-file)
			[ $# -ge 2 ] || die "$1 needs a value"
			case $1 in
			--stream) stream=$2 ;;
			--endpoint) endpoint=$2 ;;
			--region) region=$2 ;;
			--ca-file) ca_file=$2 ;;
			esac
			shift
			;;
		-h | --help)
			usage
			exit 0
			;;
		-*)
			usage >&2
			die "no such option: $1"
			;;
		*)
			[ -z "$file" ] || die "one FILE only, not also $1"
			file=$1
			;;
		esac
		shift
	done
	[ -z "$endpoint$region$ca_file" ] || [ -n "$stream" ] ||
		die "--endpoint, --region and --ca-file need --stream NAME"
	region=${region:-${AWS_REGION:-${AWS_DEFAULT_REGION:-}}}
	if [ -n "$file" ]; then
		[ -f "$file" ] || die "$file: no such file"
		[ -r "$file" ] || die "$file: cannot read it"
		file=$(realpath -- "$file")
		[[ "$file" != *[][*?{}\\\"]* ]] ||
			die "$file: a name with one of [ ] * ? { } \\ \" is a pattern"
	fi
}

build_it() {
	local log=$build/build.log targets=(kinesis-agent)

	[ -n "$stream" ] || targets+=(kinesis-sandbox)
	step "building (release) in $build, silently"
	need_configure "$top" "$build" -DCMAKE_BUILD_TYPE=Release \
		-DBUILD_TESTING=OFF || die "the build cannot be configured"
	if ! cmake --build "$build" --target "${targets[@]}" >"$log" 2>&1; then
		cat "$log" >&2
		die "the build failed"
	fi
	echo "built ${targets[*]}"
}

# Every record that arrives comes down the pipe $1; a person gets to see one a
# second, and $2 always holds how many there were.
thinned() {
	perl -e '
		use strict;
		my ($counter, $count, $shown, $rest, $block) = ($ARGV[0], 0, 0, "");
		$| = 1;
		while (sysread(STDIN, $block, 1 << 18)) {
			my @lines = split(/\n/, $rest . $block, -1);
			$rest = pop(@lines);
			@lines = grep { tr/\t// >= 6 } @lines;
			next if !@lines;
			$count += @lines;
			open(my $out, ">", "$counter.new") or die;
			print $out "$count\n";
			close($out);
			rename("$counter.new", $counter);
			next if time() == $shown;
			$shown = time();
			my @field = split(/\t/, $lines[-1], 7);
			$field[1] =~ s/^shardId-0*(?=\d)/shard /;
			$field[6] =~ s/\\n$//;
			printf("sandbox | %7d records; %s: %s\n", $count, $field[1],
				substr($field[6], 0, 90));
		}' "$2" <"$1" &
	printers+=($!)
}

start_sandbox() {
	local program deadline=$((SECONDS + patience))

	step "starting the sandbox, a Kinesis on this machine"
	program=$(find "$build" -name kinesis-sandbox -type f | head -n 1)
	mkfifo "$work/printed" "$work/sandbox-says"
	thinned "$work/printed" "$work/arrived"
	sed -u 's/^/sandbox | /' <"$work/sandbox-says" &
	printers+=($!)
	# In a session of its own, so that Ctrl-C does not end it before the agent
	# has delivered what it read.
	setsid "$program" --tls --ca-out "$work/ca.pem" --store "$work/store" \
		--print --ready-file "$work/ready" \
		>"$work/printed" 2>"$work/sandbox-says" &
	sandbox=$!
	until grep -q '^listening ' "$work/ready" 2>/dev/null; do
		running "$sandbox" || die "the sandbox did not start"
		[ "$SECONDS" -lt "$deadline" ] || die "the sandbox does not listen"
		sleep 0.1
	done
	endpoint=$(sed -n 's/^listening //p' "$work/ready")
	ca_file=$work/ca.pem
	region=${region:-us-east-1}
	echo "listening on $endpoint"
}

configure() {
	local pattern=${file:-$work/log/app.log*}

	{
		echo "kinesis.endpoint: ${endpoint:-}"
		echo "kinesis.region: ${region:-}"
		echo "caFile: ${ca_file:-}"
		if [ -z "$stream" ]; then
			echo "awsAccessKeyId: AKIDSANDBOX"
			echo "awsSecretAccessKey: sandbox-secret"
		fi
	} | grep -v ': $' >"$work/agent.yaml"
	cat >>"$work/agent.yaml" <<-YAML
		stateDirectory: "$work/state"
		flows:
		  - name: quickstart
		    filePattern: "$pattern"
		    kinesisStream: "${stream:-quickstart}"
		    initialPosition: START_OF_FILE
		    maxBufferAgeMillis: 500
	YAML
	mkdir -p "$work/state" "$work/log"
	step "the agent's configuration"
	cat "$work/agent.yaml"
}

start_agent() {
	step "kinesis-agent -c agent.yaml"
	mkfifo "$work/agent-says"
	tee "$work/agent.log" <"$work/agent-says" | sed -u 's/^/agent   | /' &
	printers+=($!)
	setsid "$build/kinesis-agent" -c "$work/agent.yaml" \
		>"$work/agent-says" 2>&1 &
	agent=$!
}

# A service's log: numbered lines, moved away and made anew now and then.
write_sample() {
	local log=$work/log/app.log methods=(GET GET GET POST PUT)
	local step=$((sample_lines / (sample_seconds * 10))) i=0 rotated=0

	while [ "$i" -lt "$sample_lines" ]; do
		local now
		printf -v now '%(%Y-%m-%dT%H:%M:%S)T' -1
		for ((k = 0; k < step && i < sample_lines; k++, i++)); do
			printf '%s INFO request=%06d %s /items/%d status=200 ms=%d\n' \
				"$now" "$i" "${methods[i % 5]}" \
				"$((i * 7919 % 1000))" "$((i * 31 % 97))"
		done >>"$log"
		if [ "$rotated" -lt "$sample_rotations" ] && [ "$i" -ge \
			"$((sample_lines * (rotated + 1) / (sample_rotations + 1)))" ]
		then
			rotated=$((rotated + 1))
			mv "$log" "$log.$rotated"
			: >"$log"
			echo "writer  | rotated: app.log is app.log.$rotated now"
		fi
		sleep 0.1
	done
	echo "writer  | wrote $i lines"
}

# The lines that were written, in order, each with its end. Of a file of the
# user's: as it was opened, and as it is called now, if it was rotated.
written() {
	local log=$work/log/app.log n

	if [ -n "$file" ]; then
		cat "/proc/$$/fd/9"
		[ "$file" -ef "/proc/$$/fd/9" ] || cat "$file"
		return 0
	fi
	for n in $(seq "$sample_rotations") ''; do
		[ ! -f "$log${n:+.$n}" ] || cat "$log${n:+.$n}"
	done
}

# How many records have arrived: the sandbox knows at once, of a real stream
# the agent's own report has to be believed, which comes now and then.
arrived() {
	if [ -z "$stream" ]; then
		cat "$work/arrived" 2>/dev/null || echo 0
		return 0
	fi
	reported delivered
}

# The number behind the word(s) $1 in the agent's last report.
reported() {
	sed -n "s/.* $1 \([0-9][0-9]*\).*/\1/p" "$work/agent.log" |
		tail -n 1 | grep . || echo 0
}

# Until everything that was written has arrived. Gives up when nothing moves.
wait_for_delivery() {
	local before=-1 now=0 wanted deadline=$((SECONDS + patience)) told=no

	while [ "$interrupted" = no ]; do
		running "$agent" || die "the agent has ended by itself"
		now=$(arrived)
		if [ "$now" -ne "$before" ] || running "$writer"; then
			deadline=$((SECONDS + patience))
		fi
		if ! running "$writer"; then
			wanted=$(written | wc -l)
			[ "$now" -lt "$wanted" ] || return 0
			[ -z "$stream" ] || [ "$told" = yes ] ||
				echo "waiting for the agent's report, twice a minute"
			told=yes
		fi
		before=$now
		[ "$SECONDS" -lt "$deadline" ] || {
			echo "nothing new for $patience s: stopping"
			return 0
		}
		sleep 0.2
	done
}

stop_agent() {
	local rc=0

	end "$writer" 2 || true
	writer=
	step "stopping the agent (SIGTERM)"
	end "$agent" 30 || rc=$?
	agent=
	[ "$rc" -eq 0 ] || die "the agent ended with $rc"
}

# What the agent says of a stream that we cannot read back.
sum_up_report() {
	local wrote delivered again

	wait "${printers[@]}" || true
	printers=()
	wrote=$(written | wc -l)
	delivered=$(reported delivered)
	again=$(reported 'sent again')
	step "summary, as the agent reports it"
	printf '%-10s %8d\n' written "$wrote" delivered "$delivered" \
		retried "$again"
	[ "$delivered" -ge "$wrote" ] || [ "$interrupted" = yes ]
}

# Compare, line by line and as often as each occurs, what the files hold with
# what the sandbox stored. Both sides in the store's notation.
sum_up() {
	local wrote delivered lost repeated unread=0 unfinished

	end "$sandbox" 5 || die "the sandbox failed at its end"
	sandbox=
	wait "${printers[@]}" || true
	printers=()
	written | perl -ne '
		next if !s/\n$//;
		s/\\/\\\\/g; s/\r/\\r/g; s/\t/\\t/g;
		s/([\x00-\x1f\x7f])/sprintf("\\x%02x", ord($1))/ge;
		print "$_\\n\n"' >"$work/written"
	cut -f 7- "$work/store" >"$work/delivered"
	LC_ALL=C sort "$work/written" >"$work/written.sorted"
	LC_ALL=C sort "$work/delivered" >"$work/delivered.sorted"
	LC_ALL=C comm -23 "$work/written.sorted" "$work/delivered.sorted" \
		>"$work/lost"
	LC_ALL=C comm -13 "$work/written.sorted" "$work/delivered.sorted" \
		>"$work/repeated"
	wrote=$(wc -l <"$work/written")
	delivered=$(wc -l <"$work/delivered")
	lost=$(wc -l <"$work/lost")
	repeated=$(wc -l <"$work/repeated")
	# Of a file that is still written, or not waited for, the agent may not
	# have read the end: what lacks is exactly its last lines then.
	if [ "$lost" -gt 0 ] && [ "$file$interrupted" != no ] &&
		tail -n "$lost" "$work/written" | LC_ALL=C sort |
		cmp -s - "$work/lost"
	then
		unread=$lost
		lost=0
	fi
	step "summary"
	printf '%-10s %8d\n' written "$wrote" delivered "$delivered" \
		lost "$lost" repeated "$repeated"
	[ "$unread" -eq 0 ] || printf '%-10s %8d  %s\n' unread "$unread" \
		"(the last lines, not read before the stop)"
	# Neither written nor lost: the agent sends it when its newline is there.
	unfinished=$(written | perl -ne '
		$bytes = /\n\z/ ? 0 : length; END { print $bytes || 0 }')
	[ "$unfinished" -eq 0 ] || printf '%-10s %8d  %s\n' unfinished 1 \
		"($unfinished bytes at the end wait for their newline)"
	[ "$lost" -eq 0 ] ||
		head -n 3 "$work/lost" | sed 's/^/missing: /' | cut -c 1-100
	[ "$lost" -eq 0 ] && [ "$repeated" -eq 0 ]
}

parse "$@"
# A real stream's progress is only seen in the agent's reports, twice a minute.
[ -z "$stream" ] || patience=70
trap cleanup EXIT
trap 'interrupted=yes' INT TERM HUP
step "packages"
# The build's description names the sandbox too, whether or not it is wanted.
need_packages "${need_build[@]}" "${need_sandbox[@]}" || exit 1
echo "all there"
build_it
work=$(mktemp -d -t kinesis-quickstart.XXXXXX)
[ -n "$stream" ] || start_sandbox
[ -z "$file" ] || exec 9<"$file"
configure
if [ -z "$file" ]; then
	: >"$work/log/app.log"
fi
start_agent
if [ -z "$file" ]; then
	write_sample &
	writer=$!
fi
# Ctrl-C also ends whatever this was waiting for; that is no failure of ours.
wait_for_delivery || [ "$interrupted" = yes ]
stop_agent
if [ -n "$stream" ]; then
	sum_up_report
else
	sum_up
fi
