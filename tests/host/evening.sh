#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# evening.sh RITORNELLO BUNDLES MAKE_PIECES RECORDER OPTION... - the story of an evening, in a home folder of its own: someone
# trains on ten small pieces, with the OPTIONs, and finds weights, a page of pictures, and presets that jalv lists and plays.
# What needs jalv and JACK is left out where they are absent. Ends all that it starts, by pid.

set -u

whole_path() {
  case $1 in
    */*) echo "$(cd "$(dirname "$1")" && pwd)/$(basename "$1")" ;;
    *) echo "$1" ;;
  esac
}

ritornello=$(whole_path "$1")
bundles=$(whole_path "$2")
make_pieces=$(whole_path "$3")
recorder=$(whole_path "$4")
shift 4

folder=$(mktemp -d "${TMPDIR:-/tmp}/ritornello-evening-XXXXXX") || exit 1
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

fail() {
  echo "$*"
  exit 1
}

mkdir "$folder/home" "$folder/music" || exit 1
export HOME="$folder/home" LV2_PATH="$folder/home/.lv2:$bundles:/usr/lib/lv2"
"$make_pieces" "$folder/music" || exit 1
cd "$folder" || exit 1

"$ritornello" train music -o mine.safetensors --preset "$@" || fail "the training has failed"
[ -s mine.safetensors ] || fail "there are no weights"
grep -q '<h2>Where attention looks' mine.safetensors.html || fail "there is no page of pictures"
grep -q '^</body></html>' mine.safetensors.html || fail "the page of pictures is not whole"
grep -q 'mozart\|bach' mine.safetensors.html || fail "the page knows no style"
[ -s "$HOME/.lv2/ritornello-mine.lv2/weights.safetensors" ] || fail "there are no presets"

if command -v lv2_validate >/dev/null 2>&1; then
  lv2_validate "$bundles"/ritornello.lv2/*.ttl "$HOME"/.lv2/ritornello-mine.lv2/*.ttl >validated.txt 2>&1
  grep -q 'Found 0 errors' validated.txt || fail "$(cat validated.txt)"
fi

listed() {
  lv2info urn:ritornello:lv2 | grep -q "mine: $1"
}
if command -v lv2info >/dev/null 2>&1; then
  listed 'Wolfgang Amadeus Mozart' && listed 'Johann Sebastian Bach' || fail "lilv does not list the presets"
fi

for program in jackd jalv jack_wait; do
  command -v "$program" >/dev/null 2>&1 || exit 0
done
[ -x "$recorder" ] || exit 0
export JACK_NO_AUDIO_RESERVATION=1 JACK_NO_START_SERVER=1 JACK_DEFAULT_SERVER="ritornello-evening-$$"
jackd -r -n "$JACK_DEFAULT_SERVER" -d dummy -r 48000 -p 256 >jackd.txt 2>&1 &
jack=$!
if ! jack_wait -s "$JACK_DEFAULT_SERVER" -w -t 10 >/dev/null 2>&1; then
  echo "no JACK server can be started here"
  exit 0
fi
mkfifo input
stdbuf -oL jalv -p -n evening urn:ritornello:lv2 <input >jalv.txt 2>&1 &
host=$!
exec 3>input
echo presets >&3
tries=0
until grep -q 'mine: Johann Sebastian Bach' jalv.txt; do
  kill -0 "$host" 2>/dev/null || fail "jalv has ended: $(cat jalv.txt)"
  tries=$((tries + 1))
  [ "$tries" -lt 300 ] || fail "jalv does not list the presets: $(cat jalv.txt)"
  sleep 0.1
done
grep -q 'mine: Wolfgang Amadeus Mozart' jalv.txt || fail "jalv does not list all presets: $(cat jalv.txt)"
echo "preset urn:ritornello:lv2:preset:mine:bach" >&3
"$recorder" evening:midi_out 20 || fail "the preset does not play: $(cat jalv.txt)"
exec 3>&-
kill "$host" "$jack"
wait "$host" "$jack"
host=
jack=

"$ritornello" preset --remove mine.safetensors || exit 1
[ ! -e "$HOME/.lv2/ritornello-mine.lv2" ] || fail "the presets are still there"
echo "weights, pictures and presets are there"
