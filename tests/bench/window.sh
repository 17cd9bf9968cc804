#!/bin/bash
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# window.sh BUNDLE-FOLDER PLACES [SECONDS] - measure what the window costs in jalv.gtk3 under Xvfb, while the plugin plays by itself
# and while nothing changes: processor time of the host's main thread (which draws the window and runs GTK) and of the X
# server, and bytes that the host writes (to the X server, and to JACK). The same without a window tells what of it is jalv's.
# Prints JSON. Ends all that it starts, by pid.

set -u

lv2=$1
places=$2
seconds=${3:-20}
folder=$(mktemp -d "${TMPDIR:-/tmp}/ritornello-window-XXXXXX") || exit 1
started=

finish() {
  local process
  for process in $started; do
    kill "$process" 2>/dev/null && wait "$process" 2>/dev/null
  done
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

mkfifo "$folder/display"
Xvfb -displayfd 3 -screen 0 4096x2304x24 -nolisten tcp -noreset 3>"$folder/display" >/dev/null 2>&1 &
server=$!
started=$server
read -r number <"$folder/display" || exit 1
export DISPLAY=":$number" HOME="$folder" XDG_CONFIG_HOME="$folder/config" LV2_PATH="$lv2:/usr/lib/lv2"
export JACK_NO_AUDIO_RESERVATION=1 JACK_NO_START_SERVER=1 JACK_DEFAULT_SERVER="ritornello-bench-$$"
jackd -r -n "$JACK_DEFAULT_SERVER" -d dummy -r 48000 -p 256 >/dev/null 2>&1 &
started="$! $started"
jack_wait -s "$JACK_DEFAULT_SERVER" -w -t 10 >/dev/null || exit 1

# Processor time in hundredths of a second, and bytes
time_of() {
  sed 's/.*) //' "$1/stat" | cut -d' ' -f12,13 | tr ' ' + | bc
}
bytes_of() {
  sed -n 's/^wchar: //p' "/proc/$1/io"
}

# Measure process $1 for some seconds as $2
measure() {
  local main server_time bytes
  main=$(time_of "/proc/$1/task/$1") server_time=$(time_of "/proc/$server") bytes=$(bytes_of "$1")
  sleep "$seconds"
  main=$(($(time_of "/proc/$1/task/$1") - main)) server_time=$(($(time_of "/proc/$server") - server_time))
  bytes=$(($(bytes_of "$1") - bytes))
  printf '"%s": {"main_thread_percent": %s, "x_server_percent": %s, "bytes_per_second": %s}' "$2" \
    "$(echo "scale=2; $main / $seconds" | bc)" "$(echo "scale=2; $server_time / $seconds" | bc)" $((bytes / seconds))
}

# Start jalv with arguments; the process is in $host
start() {
  "$@" >/dev/null 2>&1 &
  host=$!
  started="$host $started"
  sleep 4
}

stop() {
  kill "$host" 2>/dev/null
  wait "$host" 2>/dev/null
}

printf '{'
start jalv.gtk3 --jack-name ritornello urn:ritornello:lv2
window=$(xdotool search --onlyvisible --class '^Ritornello$' | tail -n 1)
size=$(xdotool getwindowgeometry --shell "$window" | sed -n 's/^\(WIDTH\|HEIGHT\)=//p' | tr '\n' ' ')
printf '"size": "%s", ' "$size"
xdotool mousemove 2 2
sleep 2
measure "$host" still
printf ', '
set -- $("$places" $size sync)
xdotool mousemove --window "$window" "$1" "$2" click 1
sleep 15
measure "$host" playing
printf ', '
stop
start jalv.gtk3 --generic-ui --jack-name ritornello urn:ritornello:lv2
measure "$host" without_window
printf '}\n'
