#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# neon.sh SOURCE DIGEST - the kernels for NEON and plain C, compiled for 64-bit ARM and run in an emulator, give the bits that
# DIGEST, the same program compiled for this machine, gets from every set of its own. Skipped (77) without the cross compiler
# (Debian: gcc-aarch64-linux-gnu, libc6-dev-arm64-cross) or the emulator (qemu-user-static).

set -u

source=$1
digest=$2
compiler=aarch64-linux-gnu-gcc
emulator=qemu-aarch64-static

command -v $compiler >/dev/null 2>&1 || exit 77
command -v $emulator >/dev/null 2>&1 || exit 77

folder=$(mktemp -d "${TMPDIR:-/tmp}/ritornello-neon-XXXXXX") || exit 1
trap 'rm -rf "$folder"' EXIT

engine=$source/plugin/engine
$compiler -std=c11 -O3 -ffp-contract=off -Wall -Wextra -Werror -D_POSIX_C_SOURCE=200809L -DNDEBUG -DKERNELS_NEON -static \
  -I"$source/plugin" -o "$folder/digest" "$source/tests/neon/digest.c" "$engine/kernels.c" "$engine/kernels_neon.c" \
  "$engine/kernels_portable.c" -lm || exit 1

"$digest" portable >"$folder/expected" || exit 1
for set in NEON portable; do
  $emulator "$folder/digest" "$set" >"$folder/$set" || exit 1
  diff "$folder/expected" "$folder/$set" || { echo "$set gives other bits"; exit 1; }
done
for set in AVX2 AVX-512; do
  if "$digest" "$set" >"$folder/$set"; then
    diff "$folder/expected" "$folder/$set" || { echo "$set gives other bits"; exit 1; }
    echo "$set agrees"
  fi
done
echo "NEON agrees: $(wc -l <"$folder/expected") digests"
