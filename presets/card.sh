#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# card.sh BUILD FOLDER: measure presets/ritornello.safetensors on the music of FOLDER and print the tables of its model
# card. Takes some minutes.

set -eu
program=$(cd "$1" && pwd)/trainer/ritornello
folder=$(cd "$2" && pwd)
cd "$(dirname "$0")"
json=$(mktemp -d)
trap 'rm -r "$json"' EXIT

composed() {
  name=$1
  shift
  "$program" evaluate ritornello.safetensors "$folder" --held-out --json --compose 32 "$@" >"$json/$name.json"
}

composed free --temperatures 1
composed guarded --temperatures 1 --originality 16
for style in bach mozart beethoven chopin none; do
  "$program" evaluate ritornello.safetensors "$folder" --held-out --json --told $style >"$json/told-$style.json"
done
python3 card_tables.py "$json"
