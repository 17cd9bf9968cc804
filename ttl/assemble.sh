#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# assemble.sh BUNDLE STAMP FILE... - put the files of a bundle into one folder, and note in STAMP that it is done.

set -eu

bundle=$1
stamp=$2
shift 2

mkdir -p "$bundle"
for file in "$@"; do
  # By a rename, so that a host which has the old file open goes on with it
  cp "$file" "$bundle/.new"
  mv "$bundle/.new" "$bundle/$(basename "$file")"
done

# A folder that holds nothing but bundles, as LV2_PATH wants it
mkdir -p "$(dirname "$bundle")/lv2"
ln -sfn "../$(basename "$bundle")" "$(dirname "$bundle")/lv2/$(basename "$bundle")"
: >"$stamp"
