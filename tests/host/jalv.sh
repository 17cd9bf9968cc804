#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# jalv.sh MAKE_BUNDLE [RECORDER [presets]] - play in a real host: jalv under a JACK server of our own with the dummy driver,
# recorded and checked by jack_recorder; with `presets`, every preset of the bundle. Skipped (77) where jalv, JACK or the recorder are absent. Ends all that it starts, by pid.

set -u

make_bundle=$1
recorder=${2:-}
what=${3:-}

for program in jackd jalv jack_wait; do
  command -v "$program" >/dev/null 2>&1 || exit 77
done
[ -n "$recorder" ] || exit 77

folder=$(mktemp -d "${TMPDIR:-/tmp}/ritornello-jalv-XXXXXX") || exit 1
jack=
host=

finish() {
  for process in $host $jack; do
    kill "$process" 2>/dev/null && wait "$process" 2>/dev/null
  done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

export JACK_NO_AUDIO_RESERVATION=1 JACK_NO_START_SERVER=1 JACK_DEFAULT_SERVER="ritornello-$$"
"$make_bundle" "$folder" || exit 1
mkdir "$folder/lv2"
mv "$folder/ritornello.lv2" "$folder/lv2/"
export LV2_PATH="$folder/lv2:/usr/lib/lv2"

jackd -r -n "$JACK_DEFAULT_SERVER" -d dummy -r 48000 -p 256 >"$folder/jackd.log" 2>&1 &
jack=$!
if ! jack_wait -s "$JACK_DEFAULT_SERVER" -w -t 10 >/dev/null 2>&1; then
  echo "no JACK server can be started here"
  cat "$folder/jackd.log"
  exit 77
fi

# jalv quits when its input ends, so it gets one that does not
mkfifo "$folder/input"
jalv -p -n ritornello urn:ritornello:lv2 <"$folder/input" >"$folder/jalv.log" 2>&1 &
host=$!
exec 3>"$folder/input"

# Choose every preset in turn, as a user does at jalv's prompt; each has to begin within two beats
play_presets() {
  failed=0
  count=0
  for preset in $(sed -n 's/^<\(urn:ritornello:lv2#preset-[a-z0-9-]*\)>$/\1/p' "$folder/lv2/ritornello.lv2/manifest.ttl"); do
    echo "preset $preset" >&3
    printf '%s: ' "${preset#*#preset-}"
    "$recorder" ritornello:midi_out 20 2 || failed=$((failed + 1))
    count=$((count + 1))
  done
  echo "$count presets, $failed failed"
  [ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
}

if [ "$what" = presets ]; then
  play_presets
else
  "$recorder" ritornello:midi_out 40
fi
status=$?
if ! kill -0 "$host" 2>/dev/null; then
  echo "jalv has ended by itself"
  status=1
fi
[ "$status" -eq 0 ] || cat "$folder/jalv.log"
exec 3>&-
exit "$status"
