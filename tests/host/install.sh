#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# install.sh BUILD MESON - what is installed is complete, lies where hosts look, works from there, does no harm to another
# copy beside it, and leaves nothing behind when it is uninstalled. Installs into a temporary folder only.

set -u

build=$1
meson=$2
folder=$(mktemp -d "${TMPDIR:-/tmp}/ritornello-install-XXXXXX") || exit 1

# What was really installed from this build is known by a log; it is not this test's to lose
log=$build/meson-logs/install-log.txt
cp "$log" "$folder/install-log" 2>/dev/null
finish() {
  if [ -f "$folder/install-log" ]; then
    cp "$folder/install-log" "$log"
  else
    rm -f "$log"
  fi
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

fail() {
  echo "$1"
  exit 1
}

"$meson" install -C "$build" --destdir "$folder/stage" --no-rebuild --quiet >"$folder/log" 2>&1 ||
  { cat "$folder/log"; fail 'it does not install'; }
bundle=$(find "$folder/stage" -type d -name ritornello.lv2)
[ "$(printf '%s\n' "$bundle" | wc -l)" = 1 ] && [ -n "$bundle" ] || fail "the bundle is in these places: $bundle"
case "$bundle" in
  */lib/lv2/ritornello.lv2) ;;
  *) fail "hosts do not look in $bundle" ;;
esac

for file in manifest.ttl ritornello.ttl presets.ttl ritornello.so; do
  [ -s "$bundle/$file" ] || fail "there is no $file in the bundle"
done
for file in "$build"/ritornello.lv2/*; do
  cmp -s "$file" "$bundle/$(basename "$file")" || case "$file" in
    *.so) [ -s "$bundle/$(basename "$file")" ] || fail "$(basename "$file") is not installed" ;; # Without its build's paths
    *) fail "$(basename "$file") is not installed as it was built" ;;
  esac
done
find "$folder/stage" -type f -perm /022 | grep . && fail 'these files can be written by all'

# The plugin is found there, and with a second copy in the user's own folder it is still one plugin
if command -v lv2ls >/dev/null; then
  mkdir "$folder/own"
  cp -r "$bundle" "$folder/own/"
  for path in "$(dirname "$bundle")" "$(dirname "$bundle"):$folder/own"; do
    [ "$(LV2_PATH="$path" lv2ls | grep -cx urn:ritornello:lv2)" = 1 ] || fail "in $path there is not one plugin"
  done
fi

# The program plays what is beside it, and nothing else is looked for. Only with the bundled weights is there something to play
program=$(find "$folder/stage" -type f -name ritornello -perm /100)
if [ -n "$program" ] && [ -s "$bundle/ritornello.safetensors" ]; then
  LV2_PATH="$folder/nothing" HOME="$folder/nothing" "$program" render Mozart --bars 2 -o "$folder/x.wav" >"$folder/log" 2>&1 ||
    { cat "$folder/log"; fail 'the installed program does not render'; }
  man=$(find "$folder/stage" -name 'ritornello.1*')
  [ -n "$man" ] || fail 'there is no man page'
fi

# Uninstalled, nothing is left
(cd "$folder/stage" && find . -type f -o -type l) >"$folder/installed"
DESTDIR="$folder/stage" ninja -C "$build" uninstall >"$folder/log" 2>&1 || { cat "$folder/log"; fail 'it does not uninstall'; }
[ -z "$(find "$folder/stage" -type f -o -type l)" ] || { find "$folder/stage" -type f; fail 'the files above are left'; }
echo "$(wc -l <"$folder/installed") files installed and uninstalled"
