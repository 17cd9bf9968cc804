#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# The comparison the article could not afford: each of its networks and ours, trained on the same works for the same
# processor time with one thread each, measured on the same works kept out. Prints Markdown tables; weights, logs and all
# figures stay in the output folder. Needs python3 for the tables.
#
#   tests/bench/comparison.sh FOLDER OUTPUT [MINUTES [UNITS]]
#
# FOLDER is the music, OUTPUT a folder to write to, MINUTES how much processor time each network trains for (10), UNITS the
# size of each LSTM (64). What is trained and measured already is not done again, so that a broken-off comparison goes on.
# Environment:
#
#   RITORNELLO   the program (build/trainer/ritornello)
#   JOBS         trainings side by side (2); processor time is what counts, so that they may share a busy machine
#   SEED         of everything, also of which works are kept out (1)
#   VALIDATION   share of the music kept out (0.06)
#   WINDOWS      tokens at which a network of layers is measured, spread evenly (8192)
#   COMPOSE      pieces to compose per style and temperature for structure and quotations (0: none)
#   STYLES       whose music these are held against, with commas between them (mozart)
#   TEMPERATURES to compose at, with commas between them (1)
#   ONLY         names of networks to compare, with spaces between them (all)
set -eu

folder=${1:?"usage: comparison.sh FOLDER OUTPUT [MINUTES [UNITS]]"}
output=${2:?"usage: comparison.sh FOLDER OUTPUT [MINUTES [UNITS]]"}
minutes=${3:-10}
units=${4:-64}
program=${RITORNELLO:-build/trainer/ritornello}
jobs=${JOBS:-2}
seed=${SEED:-1}
validation=${VALIDATION:-0.06}
windows=${WINDOWS:-8192}
compose=${COMPOSE:-0}
styles=${STYLES:-mozart}
temperatures=${TEMPERATURES:-1}
mkdir -p "$output"

end="dropout:0.3, dense:256, softmax"
bidirectional="bilstm:$units, attention:32"
lstm="lstm:$units, dropout:0.3"
# What the backward encoder says is read by attention alone, so that there is none without it
# As it was trained for doc/comparison.md
streaming="--network=streaming --hidden=$units --embedding=$units --noise=0.03 --stutter=0 --fold=0"

# Name, then what `ritornello train` is told
networks() {
  cat <<LIST
streaming $streaming
streaming-plain $streaming --heads=0
streaming-both-ways $streaming --backward=$units
plain --network=index, $lstm, $lstm, lstm:$units, dense:256, softmax
article-1 --network=index, $bidirectional, $end
article --network=index, $bidirectional, dropout:0.3, lstm:$units, $end
article-2 --network=index, $bidirectional, $bidirectional, $end
article-3 --network=index, $bidirectional, $bidirectional, $bidirectional, $end
article-embed --network=embed:$units, $bidirectional, dropout:0.3, lstm:$units, $end
LIST
}

wanted() {
  [ -z "${ONLY:-}" ] && return 0
  for name in $ONLY; do
    [ "$name" = "$1" ] && return 0
  done
  return 1
}

# A list of layers has spaces and is one argument; all others have none. A training that was broken off goes on
train() {
  name=$1
  options=$2
  [ -e "$output/$name.done" ] && return 0
  case $options in
    *,*) set -- "$options" ;;
    *) # shellcheck disable=SC2086
      set -- $options ;;
  esac
  [ -e "$output/$name.safetensors.run/checkpoint.safetensors" ] && set -- --resume "$@"
  "$program" train "$folder" -o "$output/$name.safetensors" --cpu-minutes="$minutes" --threads=1 --no-report --seed="$seed" \
    --validation="$validation" --title="Comparison: $name" "$@" >> "$output/$name.train.txt" 2>&1
  touch "$output/$name.done"
}

# Write what a command prints to a file, whole or not at all, unless that file is there already
keep() {
  file=$1
  shift
  [ -e "$file" ] && return 0
  "$@" > "$file.part" && mv "$file.part" "$file"
}

measure() {
  weights=$output/$1.safetensors
  keep "$output/$1.held-out.json" \
    "$program" evaluate --held-out --windows="$windows" --json --threads=1 "$weights" "$folder"
  if [ "$compose" -gt 0 ]; then
    keep "$output/$1.composed.json" \
      "$program" evaluate --windows=1 --compose="$compose" --styles="$styles" --temperatures="$temperatures" --json --threads=1 \
      "$weights" "$folder"
  fi
}

# Do something for all networks wanted, JOBS at a time
for_all() {
  running=0
  networks | {
    while read -r name options; do
      wanted "$name" || continue
      "$1" "$name" "$options" &
      running=$((running + 1))
      if [ "$running" = "$jobs" ]; then
        wait
        running=0
      fi
    done
    wait
  }
}

for_all train
for_all measure

echo "Each network trained for $minutes minutes of one core, with $units units in each LSTM, seed $seed, $validation of the music kept out."
echo
# shellcheck disable=SC2046
"$(dirname "$0")/comparison_table.py" "$output" "$minutes" $(networks | while read -r name _; do
  if wanted "$name"; then
    echo "$name"
  fi
done)
