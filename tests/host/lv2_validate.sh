#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# lv2_validate.sh BUNDLE - check the bundle's description against all LV2 vocabularies. lv2_validate prints a syntax error
# but ends well all the same, so its lines are looked at too. Skipped (77) where it is not installed.

set -u

bundle=$1

command -v lv2_validate >/dev/null 2>&1 || exit 77

output=$(lv2_validate "$bundle"/*.ttl 2>&1)
status=$?
printf '%s\n' "$output"
[ "$status" -eq 0 ] || exit 1

# Complaints that are not about the vocabularies' own files
if printf '%s\n' "$output" | grep -v '/usr/lib/lv2/' | grep -qiE '^(error|warning)|syntax error|failed to'; then
  exit 1
fi
printf '%s\n' "$output" | grep -q 'Found 0 errors'
