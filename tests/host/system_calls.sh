#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# Watches a run of the plugin from outside, with strace: between the two marks around every block, the audio thread makes no
# system call. Where the host itself has something to do in there (the plugin asks it to schedule work), other marks say so.
# And a host that makes one is found out. Exit status 77 (skipped) without strace, or where nothing may be traced.
#
# Usage: system_calls.sh WATCHED_RUN

set -u
program=$1
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT

if ! command -v strace >/dev/null; then
  echo 'There is no strace here'
  exit 77
fi
if ! strace -f -o "$folder/try" true 2>/dev/null || ! grep -q exited "$folder/try"; then
  echo 'Nothing may be traced here'
  exit 77
fi

# Print the calls between the marks, and at the end how many blocks there were
calls() {
  awk '
    function mark(name) { return index($0, "\"/ritornello/mark/" name "\"") }
    mark("begin") { audio = $1; inside[$1] = 1; ++blocks; next }
    mark("end") { inside[$1] = 0; next }
    mark("host") { inside[$1] = 0; next }
    mark("plugin") { inside[$1] = 1; next }
    /<\.\.\. / { next }
    / (---|\+\+\+) / { next }
    inside[$1] { print "between the marks: " $0; ++found }
    END { print blocks + 0, found + 0 }
  ' "$1"
}

# Run the program with strace watching; print what was found
watch() {
  log=$folder/log
  if ! strace -f -o "$log" "$program" "$@" >"$folder/output" 2>&1; then
    cat "$folder/output"
    echo 'The watched program failed'
    return 1
  fi
  calls "$log" >"$folder/calls"
}

watch || exit 1
set -- $(tail -n 1 "$folder/calls")
echo "$1 blocks, $2 system calls in them"
if [ "$1" -lt 1000 ] || [ "$2" != 0 ]; then
  head -n 20 "$folder/calls"
  exit 1
fi

watch --bad || exit 1
set -- $(tail -n 1 "$folder/calls")
if [ "$2" -lt 1000 ]; then
  echo "A host that makes a call in every block is not found out: $1 blocks, $2 calls"
  exit 1
fi
