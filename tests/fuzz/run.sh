#!/bin/sh
# Runs each fuzz target for SECONDS on a copy of its corpus, in the build
# folder.  Exits 1 on a finding and leaves the input in finding-TARGET-*.
set -eu

if [ $# -ne 1 ]; then
	echo "usage: run.sh seconds" >&2
	exit 64
fi
src=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
rc=0

for target in event json jws path query splice token xml; do
	if [ ! -x "./fuzz_$target" ]; then
		echo "run.sh: fuzz_$target is not built here:" \
		    "configure with CC=clang --enable-fuzzer" >&2
		exit 64
	fi
	cp -r "$src/corpus/$target" "$tmp/$target"
	case $target in
	splice|xml)
		cp "$src"/../fixtures/bbb/*.xml "$tmp/$target" ;;
	esac
	if ! "./fuzz_$target" -max_total_time="$1" -max_len=16384 \
	    -timeout=10 -print_final_stats=1 \
	    -artifact_prefix="finding-$target-" "$tmp/$target" \
	    >"$tmp/log" 2>&1; then
		echo "$target: a finding"
		tail -n 60 "$tmp/log"
		rc=1
		continue
	fi
	echo "$target: $(sed -n \
	    's/^stat::number_of_executed_units: *//p' "$tmp/log") inputs, ok"
done
exit $rc
