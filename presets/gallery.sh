#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# gallery.sh BUILD FOLDER: compose with eight of the presets, beside music of FOLDER in the same styles. Writes
# doc/gallery.md with its pictures and its sounds; BUILD is the build folder, with the plugin and the program.

set -eu
build=$(cd "$1" && pwd)
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."
ritornello=$build/trainer/ritornello
pictures=doc/gallery
page=$(mktemp)
trap 'rm -f "$page"' EXIT
mkdir -p $pictures

# The pictures of a report's page, one below the other, as files: the roll of what was composed, and of real music
rolls() {
  "$ritornello" report presets/ritornello.safetensors "$folder" --style="$1" --pieces=1 --bars=16 --seed=7 -o "$page"
  grep -o 'src="data:image/svg+xml;base64,[^"]*"' "$page" | cut -d, -f2 | tr -d '"' | {
    read -r composed
    read -r real
    echo "$composed" | base64 -d >"$pictures/$1.svg"
    echo "$real" | base64 -d >"$pictures/$1-real.svg"
  }
  grep -o '<figcaption>[^<]*' "$page" | sed -n '2s/<figcaption>//p' >"$pictures/$1.source"
}

{
  cat <<'TEXT'
# Gallery

Eight composers, composed beside music that was really written: sixteen bars of each, right hand orange, left hand blue. The
pictures are the style's piece of seed 7. The sounds are other pieces: what the preset plays first, by `ritornello render`, on
the piano of the MDA plugins. Nothing is chosen. `presets/gallery.sh build FOLDER` makes this page again. The music and its pictures are under
[CC BY-SA 4.0](../presets/LICENSE), as the weights are.
TEXT
  while IFS='|' read -r style preset; do
    rolls "$style"
    "$ritornello" render "$preset" --bundle="$build/ritornello.lv2" --seconds=16 -o "$pictures/$style.ogg" >/dev/null
    printf '\n## %s\n\nComposed, [to be heard](gallery/%s.ogg):\n\n![composed](gallery/%s.svg)\n\n' "$preset" "$style" "$style"
    printf 'Real, the beginning of %s:\n\n![real](gallery/%s-real.svg)\n' "$(cat "$pictures/$style.source")" "$style"
    rm "$pictures/$style.source"
  done <<'PRESETS'
bach|Bach
haydn|Haydn
mozart|Mozart
beethoven|Beethoven
schubert|Schubert
chopin|Chopin
grieg|Grieg: Lyric Piece
debussy|Debussy
PRESETS
} >doc/gallery.md
