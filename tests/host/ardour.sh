#!/bin/bash
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# ardour.sh BUNDLE TAP DESCRIBE - the plugin at home in Ardour 7, without a screen or a sound card: a session with a change of
# tempo and of metre and an automated control is made, played and recorded, saved, exported twice, opened again, saved and
# exported once more. What is exported is the same to the byte every time, notes and sound; what was heard and recorded
# is the same notes at the same places. DESCRIBE is a program that prints what Ardour has to know of the plugin.
# Skipped (77) where Ardour or the piano are absent. Ardour crashes now and then, mostly while it closes: a step
# counts if it printed that it is done, and is tried again otherwise.

set -u

bundle=$1
tap=$2
describe=$3
here=$(cd "$(dirname "$0")" && pwd)

for program in ardour7-lua ardour7-export; do
  command -v "$program" >/dev/null 2>&1 || exit 77
done
lv2ls 2>/dev/null | grep -q http://drobilla.net/plugins/mda/Piano || exit 77

folder=$(mktemp -d "${TMPDIR:-/tmp}/ritornello-ardour-XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM

mkdir "$folder/lv2" "$folder/home"
ln -s "$bundle" "$folder/lv2/ritornello.lv2"
ln -s "$tap" "$folder/lv2/tap.lv2"
export LV2_PATH="$folder/lv2:/usr/lib/lv2" HOME="$folder/home"
unset DISPLAY XDG_CONFIG_HOME XDG_CACHE_HOME

fail() {
  echo "$1"
  exit 1
}

# attempt NAME TEST COMMAND... - run COMMAND, its output into NAME.out, until TEST succeeds; $folder/NAME.tap gets the tap's
attempt() {
  local name=$1 is_done=$2
  shift 2
  for _ in 1 2 3 4 5 6; do
    rm -f "$folder/$name.tap"
    RITORNELLO_TAP="$folder/$name.tap" timeout -k 2 120 "$@" >"$folder/$name.out" 2>"$folder/$name.err"
    if $is_done "$name"; then
      return 0
    fi
    if grep -q '^Error: ' "$folder/$name.out"; then
      break # What Ardour says is no crash but a finding
    fi
    [ "$name" != make ] || rm -rf "$folder/session"
  done
  tail -n 20 "$folder/$name.out" "$folder/$name.err"
  fail "$name fails"
}

says_done() {
  grep -qx 'done' "$folder/$1.out"
}

has_written() {
  [ "$(stat -c %s "$folder/$1.wav" 2>/dev/null || echo 0)" -gt 1000000 ]
}

export_as() {
  rm -f "$folder/$1.wav"
  attempt "$1" has_written ardour7-export -b 16 -s 48000 -o "$folder/$1.wav" "$folder/session" session
}

# Messages of a tap's log while the transport rolls, without the word for how
messages() {
  sed -n 's/^\([0-9]*\) \(live\|export\) midi /\1 /p' "$folder/$1.tap"
}

# same_notes WHAT SLACK A B - the note-ons of two lists of messages are the same ones, at most SLACK frames apart
same_notes() {
  awk -v what="$1" -v slack="$2" '
    $2 != 144 { next }
    NR == FNR { frame[++count] = $1; note[count] = $3 " " $4; next }
    { ++other }
    other <= count && (note[other] != $3 " " $4 || $1 - frame[other] > slack || frame[other] - $1 > slack) {
      print what ": note " other " is " $3 " " $4 " at " $1 ", not " note[other] " at " frame[other]
      exit status = 1
    }
    END {
      # The last ones may be cut off
      if (!status && (count < 60 || other < count - 6)) { print what ": " count " and " other " notes"; status = 1 }
      exit status
    }
  ' "$3" "$4" || exit 1
}

# Made, played, recorded; what Ardour knows of the plugin is what its table of ports says
attempt make says_done ardour7-lua "$here/ardour.lua" make "$folder/session"
grep -E '^(plugin|parameter|preset)' "$folder/make.out" | sort >"$folder/shown"
"$describe" | sort >"$folder/described"
[ -s "$folder/described" ] || fail 'nothing is described'
diff "$folder/described" "$folder/shown" || fail 'Ardour shows something else than the plugin describes'

export_as first
export_as second
attempt reopen says_done ardour7-lua "$here/ardour.lua" reopen "$folder/session"
export_as third

for name in make first second third; do
  messages "$name" >"$folder/$name.midi"
  grep -q '^0 [a-z]* place 0 0.000000 90.000000 4/4' "$folder/$name.tap" || fail "$name: the song does not begin at bar 1"
  grep -q ' place 2 [0-9.]* 132.000000 4/4' "$folder/$name.tap" || fail "$name: the tempo does not change"
  grep -q ' place 4 [0-9.]* 132.000000 6/8' "$folder/$name.tap" || fail "$name: the metre does not change"
done
# Now and then Ardour's blocks begin elsewhere, and so it tells of the new tempo elsewhere, and rounds: then the frames of notes
# are a few others, and the sound is
places() {
  grep ' place ' "$folder/$1.tap"
}
for name in second third; do
  if [ "$(places first)" = "$(places "$name")" ]; then
    diff "$folder/first.midi" "$folder/$name.midi" >"$folder/difference" ||
      { head -n 6 "$folder/difference"; places "$name"; fail "the $name export has other notes"; }
    cmp "$folder/first.wav" "$folder/$name.wav" || fail "the $name export sounds otherwise"
  else
    echo "In the $name export Ardour's blocks began elsewhere"
    same_notes "first and $name" 17 "$folder/first.midi" "$folder/$name.midi"
  fi
done

# Ardour rounds its place to 1/1920 beat: 17 frames; what it records, to its own ticks
same_notes 'heard and exported' 17 "$folder/make.midi" "$folder/first.midi"
awk '$1 == "recorded" { print $2, 144, $3, $4 }' "$folder/make.out" >"$folder/recorded.midi"
sort -n -k1,1 -k3,3 "$folder/recorded.midi" >"$folder/recorded.sorted"
sort -n -k1,1 -k3,3 "$folder/make.midi" | awk '$2 == 144' >"$folder/make.sorted"
same_notes 'heard and recorded' 30 "$folder/make.sorted" "$folder/recorded.sorted"

# The music is where it belongs: on ticks (1/24 quarter), in 6/8 too
awk '
  $2 == 144 && $1 > 430600 {
    ticks = ($1 - 430545.4545) / (48000 * 60 / 132 / 24); off = ticks - int(ticks + 0.5); ++notes
    if (off > 0.03 || off < -0.03) { print "in 6/8 a note is off the grid by " off " ticks"; exit status = 1 }
  }
  END { if (!status && notes < 30) { print "only " notes + 0 " notes in 6/8"; status = 1 } exit status }
' "$folder/make.midi" || exit 1

echo "$(awk '$2 == 144' "$folder/first.midi" | wc -l) notes: exported three times, heard and recorded, all the same"
