#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# packages.sh SOURCE [all|archive|options|debian] - what is given away, built and tested: the source archive, from itself and without git;
# each combination of meson's options; Debian's packages, where dpkg-buildpackage is there. Takes a quarter of an hour, in a
# temporary folder, and wants everything committed.

set -eu

source=$1
what=${2:-all}
folder=$(mktemp -d "${TMPDIR:-/tmp}/ritornello-packages-XXXXXX")
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' INT TERM
unset DESTDIR

version=$(sed -n "s/^  version: '\(.*\)',/\1/p" "$source/meson.build")
name=ritornello-$version

step() {
  echo "== $*"
}

step "archive $name"
meson setup "$folder/dist" "$source" >"$folder/log" || { cat "$folder/log"; exit 1; }
meson dist -C "$folder/dist" --no-tests --formats xztar >>"$folder/log" || { tail "$folder/log"; exit 1; }
tar -xJf "$folder/dist/meson-dist/$name.tar.xz" -C "$folder"
[ ! -e "$folder/$name/.git" ]

if [ "$what" = all ] || [ "$what" = archive ]; then
  step 'the archive builds and passes its tests from itself'
  meson setup "$folder/build" "$folder/$name" -Dwerror=true >"$folder/log"
  meson compile -C "$folder/build" >"$folder/log" || { tail -n 30 "$folder/log"; exit 1; }
  meson test -C "$folder/build" --suite unit --suite docs --timeout-multiplier 4
  meson test -C "$folder/build" install lv2_validate description host_notes host_transport --timeout-multiplier 4
fi

if [ "$what" = all ] || [ "$what" = options ]; then
  for gui in enabled disabled; do
    for trainer in enabled disabled; do
      for tests in enabled disabled; do
        step "gui $gui, trainer $trainer, tests $tests"
        build=$folder/$gui-$trainer-$tests
        meson setup "$build" "$folder/$name" -Dwerror=true -Dgui=$gui -Dtrainer=$trainer -Dtests=$tests >"$folder/log" ||
          { tail "$folder/log"; exit 1; }
        meson compile -C "$build" >"$folder/log" || { tail -n 30 "$folder/log"; exit 1; }
        [ $tests = disabled ] || meson test -C "$build" install lv2_validate host_notes --timeout-multiplier 4 >"$folder/log" ||
          { tail -n 30 "$folder/log"; exit 1; }
        rm -rf "$build"
      done
    done
  done
fi

if { [ "$what" = all ] || [ "$what" = debian ]; } && command -v dpkg-buildpackage >/dev/null; then
  step "Debian's packages"
  cp "$folder/dist/meson-dist/$name.tar.xz" "$folder/ritornello_$version.orig.tar.xz"
  mkdir "$folder/debian"
  tar -xJf "$folder/dist/meson-dist/$name.tar.xz" -C "$folder/debian"
  mv "$folder/ritornello_$version.orig.tar.xz" "$folder/debian/"
  (cd "$folder/debian/$name" && dpkg-buildpackage -us -uc >"$folder/log" 2>&1) || { tail -n 30 "$folder/log"; exit 1; }
  for package in "$folder"/debian/*.deb; do
    dpkg-deb --info "$package" | sed -n 's/^ Package: /-- /p'
    dpkg-deb --contents "$package" | awk '!/\/$/ { print $6 }'
  done
  if command -v lintian >/dev/null; then
    lintian --allow-root --fail-on error "$folder"/debian/*.changes
  fi
fi

step 'all is well'
