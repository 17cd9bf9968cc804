#!/bin/bash
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# What hosts load, and the program, are hardened: only LV2's entry point is seen from outside; after loading nothing of the
# tables of functions can be written (RELRO, bound now); no stack can be executed; stacks are guarded, and calls of the C library
# with a known size are checked.
#
# Usage: hardening.sh BUNDLE [PROGRAM]

set -u
failed=0

fail() {
  echo "$1: $2"
  failed=1
}

check_elf() {
  local file=$1 segments dynamic
  segments=$(readelf -W -l "$file")
  dynamic=$(readelf -W -d "$file")
  grep -q GNU_RELRO <<<"$segments" || fail "$file" 'has no RELRO'
  grep -Eq 'BIND_NOW|Flags:.* NOW' <<<"$dynamic" || fail "$file" 'is not bound when it is loaded'
  grep -E 'GNU_STACK' <<<"$segments" | grep -q ' RWE ' && fail "$file" 'has a stack that can be executed'
  readelf -h "$file" | grep -Eq 'Type: +DYN' || fail "$file" 'can lie at one address only'
  grep -q TEXTREL <<<"$dynamic" && fail "$file" 'has code that is changed when it is loaded'
  grep -Eq 'R(UN)?PATH' <<<"$dynamic" && case $file in *.so) fail "$file" 'looks for libraries in a path of its own' ;; esac
  return 0
}

# What the file takes from the C library tells how it was compiled
check_compiled() {
  local file=$1 taken
  taken=$(readelf -W --dyn-syms "$file" | awk '$7 == "UND" { print $8 }')
  grep -q '^__stack_chk_fail' <<<"$taken" || fail "$file" 'does not guard its stack'
  [ "${FORTIFIED:-1}" = 0 ] || grep -Eq '^__[a-z]+_chk' <<<"$taken" || fail "$file" 'does not check sizes (_FORTIFY_SOURCE)'
}

check_exports() {
  local file=$1 wanted=$2 seen
  seen=$(readelf -W --dyn-syms "$file" | awk '$7 ~ /^[0-9]+$/ && $5 != "LOCAL" { sub("@.*", "", $8); print $8 }' | sort | tr '\n' ' ')
  [ "$seen" = "$wanted " ] || fail "$file" "shows \"$seen\" instead of $wanted alone"
}

bundle=$1
modules=0
for module in "$bundle"/*.so; do
  modules=$((modules + 1))
  check_elf "$module"
  check_compiled "$module"
  case $module in
  *_ui.so) check_exports "$module" lv2ui_descriptor ;;
  *) check_exports "$module" lv2_descriptor ;;
  esac
done
[ $modules -gt 0 ] || fail "$bundle" 'has no modules'
if [ $# -gt 1 ]; then
  check_elf "$2"
  check_compiled "$2"
fi
exit $failed
