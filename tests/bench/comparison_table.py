#!/usr/bin/env python3
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
"""Print the tables of comparison.sh, in Markdown.

    comparison_table.py OUTPUT MINUTES NAME...

OUTPUT is its folder, with NAME.held-out.json, NAME.composed.json (if it was to compose) and NAME.safetensors.run/log.csv.
"""

import csv
import json
import pathlib
import sys

STRUCTURE = {
    "scale_consistency": "notes in the best major scale",
    "groove_consistency": "groove of neighbouring bars",
    "rhythm_as_bar_before": "bars in the rhythm of the bar before",
    "best_of_16_bars": "notes that stand in the most alike of 16 bars",
}


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def head(*cells):
    row(*cells)
    row(*["---"] * len(cells))


def learning(output, minutes, names):
    head("network", "nats per note, pitches and time", "all of a note", "per token", "notes or tokens learned from", "per second")
    for name in names:
        held = json.loads((output / f"{name}.held-out.json").read_text())
        with open(output / f"{name}.safetensors.run" / "log.csv", newline="") as file:
            seen = int(list(csv.DictReader(file))[-1]["notes"])
        layers = "tokens" in held
        row(f"`{name}`", f"{held['pitch_and_time']:.3f}", "" if layers else f"{held['nats_per_note']:.3f}",
            f"{held['nats_per_token']:.3f}" if layers else "", f"{seen / 1e6:.2f} million", f"{seen / (60 * minutes):.0f}")


def composing(output, names):
    pieces = {name: output / f"{name}.composed.json" for name in names}
    composed = {name: json.loads(path.read_text())["composed"] for name, path in pieces.items() if path.exists()}
    for style in sorted({style for figures in composed.values() for style in figures["styles"]}):
        temperatures = next(figures for figures in composed.values() if style in figures["styles"])["styles"][style]["temperatures"]
        for temperature in temperatures:
            print(f"\nComposed at temperature {temperature}, beside the real pieces of {style}; in brackets, standard deviations "
                  "of the real pieces:\n")
            head("network", *STRUCTURE.values(), "runs of 8 quoted", "runs of 16", "longest")
            asked = {name: figures for name, figures in composed.items() if style in figures["styles"]}
            for number, (name, figures) in enumerate(asked.items()):
                if not number:
                    put_music("real", figures["styles"][style]["real"])
                put_music(f"`{name}`", figures["styles"][style]["temperatures"][temperature])


def put_music(name, figures):
    cells = []
    for key in STRUCTURE:
        measure = figures["structure"][key]
        if "distance" in measure:
            cells.append(f"{measure['mean']:.2f} ({measure['distance']:+.1f})")
        else:
            cells.append(f"{measure['mean']:.2f} ± {measure['deviation']:.2f}")
    quoted = figures["quotations"]
    longest = quoted["longest"]
    row(name, *cells, f"{100 * quoted['runs_of_8']:.2f} %", f"{100 * quoted['runs_of_16']:.2f} %", longest["events"] if longest else 0)


def main():
    output, minutes, names = pathlib.Path(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]
    learning(output, minutes, names)
    composing(output, names)


if __name__ == "__main__":
    main()
