#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# lv2bench.sh FOLDER - lv2bench runs the plugin in FOLDER (blocks of 512, small event buffers, no transport) and says how long
# that took. Skipped (77) without lv2bench.

set -u

command -v lv2bench >/dev/null 2>&1 || exit 77
for block in 512 1 8192; do
  said=$(LV2_PATH="$1" lv2bench -b "$block" -n 65536 urn:ritornello:lv2) || exit 1
  echo "$block: $said"
  printf '%s\n' "$said" | grep -qE '^[0-9.]+ urn:ritornello:lv2$' || exit 1
done
