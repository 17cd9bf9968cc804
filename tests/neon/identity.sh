#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# identity.sh TEST_IDENTITY NEON SOURCE DIGEST - the longer target: 200 bars in three styles from every set of kernels that this
# processor runs, then the kernels for ARM in an emulator (NEON is neon.sh), where there is what that takes.

test_identity=$1
neon=$2
source=$3
digest=$4

"$test_identity" 200 || exit 1
"$neon" "$source" "$digest"
status=$?
if [ $status -eq 77 ]; then
  echo "NEON was left out: there is no cross compiler or no emulator"
  exit 0
fi
exit $status
