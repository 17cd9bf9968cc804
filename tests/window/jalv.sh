#!/bin/bash
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# jalv.sh MAKE_BUNDLE PLACES - work the window in a real host with a synthetic mouse and keyboard: turn a knob, type a value,
# choose weights, regenerate, undo, lock bars, save the take. Then look at the plugin: at the files it has written, and at its
# ports in the state that the host saves. Skipped (77) where jalv.gtk3, JACK, Xvfb, a window manager or xdotool are absent. Ends
# all that it starts, by pid.

set -u

make_bundle=$1
places=$2

for program in Xvfb jackd jack_wait jack_transport jalv.gtk3 openbox xdotool; do
  command -v "$program" >/dev/null 2>&1 || exit 77
done

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

fail() {
  echo "$*"
  [ -z "${KEEP_SCREEN:-}" ] || import -window root "$KEEP_SCREEN"
  tail -n 30 "$folder/jalv.log"
  exit 1
}

# Try a command until it succeeds, for half a minute
wait_for() {
  local try
  for try in $(seq 150); do
    "$@" >/dev/null 2>&1 && return 0
    sleep 0.2
  done
  fail "waited for this in vain: $*"
}

# An X server of our own, on a display number that is free

mkfifo "$folder/display"
Xvfb -displayfd 3 -screen 0 1400x1000x24 -nolisten tcp -noreset 3>"$folder/display" >"$folder/server.log" 2>&1 &
started="$! $started"
read -r number <"$folder/display" || exit 77
export DISPLAY=":$number" HOME="$folder" XDG_CONFIG_HOME="$folder/config" GTK_A11Y=none NO_AT_BRIDGE=1
openbox --sm-disable >"$folder/openbox.log" 2>&1 &
started="$! $started"

# A JACK server of our own, whose transport tells bars and stands still

export JACK_NO_AUDIO_RESERVATION=1 JACK_NO_START_SERVER=1 JACK_DEFAULT_SERVER="ritornello-window-$$"
jackd -r -n "$JACK_DEFAULT_SERVER" -d dummy -r 48000 -p 256 >"$folder/jackd.log" 2>&1 &
started="$! $started"
if ! jack_wait -s "$JACK_DEFAULT_SERVER" -w -t 10 >/dev/null 2>&1; then
  echo "no JACK server can be started here"
  exit 77
fi
mkfifo "$folder/transport"
jack_transport <"$folder/transport" >"$folder/transport.log" 2>&1 &
started="$! $started"
exec 4>"$folder/transport"
printf 'locate 0\nmaster\ntempo 120\n' >&4

# The plugin, and other weights where the user has put them

"$make_bundle" "$folder" || exit 1
mkdir -p "$folder/lv2" "$folder/.lv2/other.lv2"
mv "$folder/ritornello.lv2" "$folder/lv2/"
cp "$RITORNELLO_BUNDLE"/ritornello_ui.* "$folder/lv2/ritornello.lv2/"
mv "$folder/other.safetensors" "$folder/.lv2/other.lv2/other.safetensors"
export LV2_PATH="$folder/lv2:/usr/lib/lv2"
start_host() {
  jalv.gtk3 --dump --jack-name ritornello urn:ritornello:lv2 >"$folder/jalv.log" 2>&1 &
  host=$!
  started="$host $started"
}
start_host

# jalv crashes when it can't get hold of the JACK server at once: then it is started again
window=
find_window() {
  kill -0 "$host" 2>/dev/null || start_host
  window=$(xdotool search --onlyvisible --class '^Ritornello$' | tail -n 1)
  [ -n "$window" ]
}
wait_for find_window
size=
geometry=
# It stands still where the host and the window manager have put it
is_settled() {
  local before=$geometry
  geometry=$(xdotool getwindowgeometry --shell "$window")
  size=$(printf '%s\n' "$geometry" | sed -n 's/^\(WIDTH\|HEIGHT\)=//p' | tr '\n' ' ')
  [ -n "$before" ] && [ "$before" = "$geometry" ] && [ "${size%% *}" -ge 700 ] && grep -q 'lv2#title>' "$folder/jalv.log"
}
wait_for is_settled

# What the user does

point() {
  set -- $("$places" $size "$1")
  [ $# = 2 ] || fail "there is no such control"
  x=$1 y=$2
  xdotool mousemove --window "$window" "$x" "$y"
}

click() {
  point "$1"
  xdotool click "${2:-1}"
}

press_keys() {
  xdotool key --delay 30 "$@"
}

type_text() {
  xdotool type --delay 15 "$1"
}

# Save the take to that name and wait for the whole file
save_take() {
  click save
  press_keys ctrl+a
  type_text "$folder/$1"
  press_keys Return
  wait_for test -s "$folder/$1"
}

# A click gives it the keyboard
is_focused() {
  [ "$(xdotool getwindowfocus -f)" = "$window" ] || { click status; false; }
}
wait_for is_focused

# The plugin composes ahead as far as it may while the transport stands: 32 beats, which are eight bars
click look_ahead 3
type_text 32
press_keys Return

# Turn a knob, by dragging it up
point temperature
xdotool mousedown 1 mousemove_relative -- 0 -20 mousemove_relative -- 0 -15 mouseup 1

# Type a value
click bpm 3
type_text 96
press_keys Return

# Choose weights from the menu, by their first letters
click weights
type_text other
press_keys Return
wait_for grep -q 'patch:value <file://.*/other.safetensors>' "$folder/jalv.log"

# Composed anew, brought back, and each time saved
# Save the take until it is twice the same: all that may be composed is
wait_for_still() {
  local try
  for try in $(seq 30); do
    rm -f "$folder/$1.mid" "$folder/$1-again.mid"
    save_take "$1.mid"
    sleep 1
    save_take "$1-again.mid"
    cmp -s "$folder/$1.mid" "$folder/$1-again.mid" && return 0
  done
  fail "the take does not come to rest"
}
wait_for_still first
click regenerate
is_another() {
  wait_for_still second
  ! cmp -s "$folder/first.mid" "$folder/second.mid"
}
wait_for is_another
click undo
is_first() {
  wait_for_still third
  cmp -s "$folder/first.mid" "$folder/third.mid"
}
wait_for is_first
head -c 4 "$folder/first.mid" | grep -q MThd || fail "what was saved is no MIDI file"

# Lock a bar in the roll, with the mouse
click roll
press_keys Down Return
wait_for grep -q 'lv2#lockBars>' "$folder/jalv.log"
locked() {
  grep -A 3 'patch:Set' "$folder/jalv.log" | grep -A 2 'lv2#lockBars>' | grep -q '"[0-9]'
}
wait_for locked

# What the host saves is what the plugin has

main_window=$(xdotool search --onlyvisible --name '^Ritornello$' | head -n 1)
xdotool windowactivate --sync "$main_window"
press_keys ctrl+s
is_dialog() {
  [ "$(xdotool getactivewindow)" != "$main_window" ]
}
wait_for is_dialog
type_text "$folder/saved"
is_saved() {
  [ -s "$folder/saved/state.ttl" ] || { press_keys Return; false; }
}
wait_for is_saved

# The value of a port in the state
port() {
  tr -d '\n\t' <"$folder/saved/state.ttl" | sed -n "s/.*lv2:symbol \"$1\" ;pset:value \([-0-9.]*\).*/\1/p"
}
wait_for test -n "$(port bpm)"
[ "$(port bpm)" = 96.0 ] || fail "the tempo was typed as 96 and is $(port bpm)"
[ "$(port look_ahead)" = 32.0 ] || fail "look ahead was typed as 32 and is $(port look_ahead)"
case $(port temperature) in
1.[1-9]*) ;;
*) fail "the temperature was turned up and is $(port temperature)" ;;
esac
grep -q 'other.safetensors' "$folder/saved/state.ttl" || fail "the weights chosen are not in the state"

kill -0 "$host" || fail "jalv has ended by itself"

# And in the host without a window, which opens that state again, it is as it was

kill "$host"
wait "$host" 2>/dev/null
started=${started#"$host "}
mkfifo "$folder/input"
jalv -p -n reopened -l "$folder/saved" urn:ritornello:lv2 <"$folder/input" >"$folder/reopened.log" 2>&1 &
host=$!
started="$host $started"
exec 5>"$folder/input"
same_controls() {
  echo controls >&5
  sleep 0.2
  for symbol in bpm look_ahead temperature seed; do
    grep -aqF "$symbol = $(LC_ALL=C printf %f "$(port "$symbol")")" "$folder/reopened.log" || return 1
  done
}
wait_for same_controls
kill -0 "$host" || fail "jalv has ended by itself, reopened"
exit 0
