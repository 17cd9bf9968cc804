#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# Print presets/LICENSE from the training corpus' sources.tsv: the licence of the weight files, and whose work they were
# learned from.
#
#     presets/attribution.sh ../shared/corpus/sources.tsv > presets/LICENSE

set -eu

cat <<'TEXT'
The weight files in this folder (*.safetensors) are licensed under the

    Creative Commons Attribution-ShareAlike 4.0 International Public License (CC BY-SA 4.0)
    https://creativecommons.org/licenses/by-sa/4.0/legalcode

They were learned from MIDI sequences of solo keyboard music, all by composers who died before 1950, made by the people
below. Some of those sequences are under CC BY-SA, which is why the weights are too; who passes the weights on, changed or
not, keeps this list with them. The MIDI sequences themselves are not part of this software. The Mutopia files were rendered
to MIDI from their LilyPond sources; all were quantised and transposed for training.

Source                                    Licence            Files  Author of the sequence or typesetting
TEXT

awk -F '\t' '
  NR == 1 { for (i = 1; i <= NF; ++i) column[$i] = i; next }
  {
    source = $column["source"] == "Mutopia" ? "Mutopia, www.mutopiaproject.org" : "http://www.piano-midi.de"
    ++count[sprintf("%-40s  %-17s", source, $column["licence"]) "\t" $column["author"]]
  }
  END { for (key in count) { split(key, part, "\t"); printf "%s  %5d  %s\n", part[1], count[key], part[2] } }
' "$1" | LC_ALL=C sort
