#!/bin/sh
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# The comparison the article could not afford: each of its networks and ours, trained on the same works for the same time,
# measured on the same works kept out. Prints one Markdown table; weights, logs and all figures stay in the output folder.
#
#   tests/bench/comparison.sh FOLDER OUTPUT [MINUTES [UNITS]]
#
# FOLDER is the music, OUTPUT a folder to write to, MINUTES how long each network trains (20), UNITS the size of each LSTM
# (64). Networks that are trained already are not trained again, so that a broken-off comparison goes on. Environment:
#
#   RITORNELLO   the program (build/trainer/ritornello)
#   SEED         of everything, also of which works are kept out (1)
#   VALIDATION   share of the music kept out (0.06)
#   WINDOWS      tokens at which a network of layers is measured, spread evenly (8192)
#   COMPOSE      pieces to compose per style and temperature for structure and quotations, to OUTPUT/NAME.composed.txt (0)
#   ONLY         names of networks to compare, with spaces between them (all)
set -eu

folder=${1:?"usage: comparison.sh FOLDER OUTPUT [MINUTES [UNITS]]"}
output=${2:?"usage: comparison.sh FOLDER OUTPUT [MINUTES [UNITS]]"}
minutes=${3:-20}
units=${4:-64}
program=${RITORNELLO:-build/trainer/ritornello}
seed=${SEED:-1}
validation=${VALIDATION:-0.06}
windows=${WINDOWS:-8192}
compose=${COMPOSE:-0}
mkdir -p "$output"

end="dropout:0.3, dense:256, softmax"
bidirectional="bilstm:$units, attention:32"
lstm="lstm:$units, dropout:0.3"

# Name, then what `ritornello train` is told
networks() {
  cat <<LIST
plain --network=index, $lstm, $lstm, lstm:$units, dense:256, softmax
article-1 --network=index, $bidirectional, $end
article --network=index, $bidirectional, dropout:0.3, lstm:$units, $end
article-2 --network=index, $bidirectional, $bidirectional, $end
article-3 --network=index, $bidirectional, $bidirectional, $bidirectional, $end
article-embed --network=embed:$units, $bidirectional, dropout:0.3, lstm:$units, $end
streaming-plain --network=streaming --hidden=$units --embedding=$units --heads=0
streaming --network=streaming --hidden=$units --embedding=$units
streaming-both-ways --network=streaming --hidden=$units --embedding=$units --backward=$units
LIST
}

wanted() {
  [ -z "${ONLY:-}" ] && return 0
  for name in $ONLY; do
    [ "$name" = "$1" ] && return 0
  done
  return 1
}

# A list of layers has spaces and is one argument; all others have none
train() {
  name=$1
  options=$2
  [ -e "$output/$name.done" ] && return 0
  rm -rf "$output/$name.safetensors" "$output/$name.safetensors.run"
  case $options in
    *,*) set -- "$options" ;;
    *) # shellcheck disable=SC2086
      set -- $options ;;
  esac
  "$program" train "$folder" -o "$output/$name.safetensors" --minutes="$minutes" --seed="$seed" \
    --validation="$validation" --title="Comparison: $name" "$@" > "$output/$name.train.txt" 2>&1
  touch "$output/$name.done"
}

measure() {
  "$program" evaluate --held-out --windows="$windows" "$output/$1.safetensors" "$folder" > "$output/$1.held-out.txt"
  if [ "$compose" -gt 0 ]; then
    "$program" evaluate --compose="$compose" "$output/$1.safetensors" "$folder" > "$output/$1.composed.txt"
  fi
}

# Nats per note for pitches and time: the column of that name, or all that a network of layers predicts
nats() {
  awk '/pitch and time/ { column = 4 } /per token/ { column = 3; token = 4 }
       $1 == "all" { printf "%s | %s", $column, token ? $token : "" }' "$output/$1.held-out.txt"
}

# What was learned from and how fast: notes, or tokens, of the last line of the log
speed() {
  awk -F, 'END { printf "%.2f million | %.0f", $3 / 1e6, ($4 > 0 ? $3 / $4 : 0) }' "$output/$1.safetensors.run/log.csv"
}

networks | while read -r name options; do
  if wanted "$name"; then
    echo "$name: $options" >&2
    train "$name" "$options"
    measure "$name"
  fi
done

echo "Each network trained for $minutes minutes, with $units units in each LSTM, seed $seed, $validation of the music kept out."
echo
echo "| network | nats per note, pitches and time | per token | notes (or tokens) learned from | per second |"
echo "| --- | --- | --- | --- | --- |"
networks | while read -r name options; do
  if wanted "$name"; then
    echo "| \`$name\` | $(nats "$name") | $(speed "$name") |"
  fi
done
