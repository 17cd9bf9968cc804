#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# with_display.sh COMMAND... - run a command with an X server of its own, on a display number that is free, and with a home
# folder that is empty. Skipped (77) where there is no Xvfb. Ends what it starts, by pid.

set -u

command -v Xvfb >/dev/null 2>&1 || exit 77

folder=$(mktemp -d "${TMPDIR:-/tmp}/ritornello-window-XXXXXX") || exit 1
server=

finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; }
  rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

mkfifo "$folder/display"
Xvfb -displayfd 3 -screen 0 4096x2304x24 -nolisten tcp -noreset 3>"$folder/display" >"$folder/server.log" 2>&1 &
server=$!
# The server writes its number when it is ready; if it ends without, so does the reading
if ! read -r number <"$folder/display"; then
  cat "$folder/server.log"
  exit 1
fi
export DISPLAY=":$number" HOME="$folder" XDG_CONFIG_HOME="$folder/config"
"$@"
