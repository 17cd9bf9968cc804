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

# Start jalv with the options given. It quits when its input ends, so it gets one that does not
start_jalv() {
  rm -f "$folder/input"
  mkfifo "$folder/input"
  stdbuf -oL jalv -p -n ritornello "$@" urn:ritornello:lv2 <"$folder/input" >"$folder/jalv.log" 2>&1 &
  host=$!
  exec 3>"$folder/input"
}

stop_jalv() {
  exec 3>&-
  kill "$host" 2>/dev/null && wait "$host" 2>/dev/null
  host=
}

# Write the preset as a saved state, which jalv takes before it runs. (Presets chosen at its prompt leave the ports of a plugin
# without a window as they are.)
write_state() {
  rm -rf "$folder/state"
  mkdir "$folder/state"
  sed -n '/^@prefix/p' "$bundle/presets.ttl" >"$folder/state/state.ttl"
  sed -n "/^<$1>/,/^$/p" "$bundle/presets.ttl" | sed 's/^<urn:[^>]*>/<>/' >>"$folder/state/state.ttl"
  ln -s "$bundle"/*.safetensors "$folder/state/"
}

# The style that jalv says it plays, once it answers
style_now() {
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    echo controls >&3
    sleep 0.3
    style=$(sed -n 's/^>* *style = \([0-9]*\).*/\1/p' "$folder/jalv.log" | tail -n 1)
    [ -z "$style" ] || break
  done
  echo "$style"
}

# Every preset has to begin within two beats, in its own style
play_presets() {
  failed=0
  count=0
  for preset in $(sed -n 's/^<\(urn:ritornello:lv2#preset-[a-z0-9-]*\)>$/\1/p' "$bundle/manifest.ttl"); do
    write_state "$preset"
    start_jalv -l "$folder/state"
    wanted=$(sed -n 's/.*symbol "style" ; pset:value \([0-9]*\).*/\1/p' "$folder/state/state.ttl")
    printf '%s, style %s: ' "${preset#*#preset-}" "$wanted"
    if [ -z "$wanted" ] || [ "$(style_now)" != "$wanted" ]; then
      echo "is not what jalv plays"
      failed=$((failed + 1))
    else
      "$recorder" ritornello:midi_out 20 2 || failed=$((failed + 1))
    fi
    count=$((count + 1))
    stop_jalv
  done
  echo "$count presets, $failed failed"
  [ "$count" -gt 0 ] && [ "$failed" -eq 0 ]
}

bundle=$folder/lv2/ritornello.lv2
if [ "$what" = presets ]; then
  play_presets
  exit
fi

start_jalv
"$recorder" ritornello:midi_out 40
status=$?
if ! kill -0 "$host" 2>/dev/null; then
  echo "jalv has ended by itself"
  status=1
fi
[ "$status" -eq 0 ] || cat "$folder/jalv.log"
exec 3>&-
exit "$status"
