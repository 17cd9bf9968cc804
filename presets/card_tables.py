#!/usr/bin/env python3
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
"""Print the tables of a model card, in Markdown, from what card.sh measured into a folder."""

import json
import pathlib
import sys

HEADS = ["hand", "pitch", "duration", "velocity", "advance"]
STRUCTURE = {
    "pitch_class_entropy": "pitch-class entropy",
    "scale_consistency": "scale",
    "pitch_class_entropy_1_bar": "entropy, 1 bar",
    "pitch_class_entropy_4_bars": "4 bars",
    "groove_consistency": "groove",
    "sounding_notes": "notes sounding",
    "share_of_time_with_two": "two or more",
    "empty_beats": "empty beats",
    "notes_per_beat": "notes per beat",
    "compressed_size": "zlib",
    "bars_that_return": "bars return",
    "bars_that_return_folded": "folded",
    "rhythm_as_bar_before": "rhythm",
    "best_of_16_bars": "best of 16 bars",
    "longest_repeated_event": "longest repeat",
}
FAR = 2.0  # Standard deviations


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |")


def head(*cells):
    row(*cells)
    row(*["---"] * len(cells))


def held_out_row(name, figures):
    heads = figures["heads"]
    moves = heads["hand"] + heads["pitch"] + heads["advance"]
    row(name, f"{figures['notes']:,}", f"**{figures['nats_per_note']:.3f}**", *(f"{heads[h]:.3f}" for h in HEADS), f"{moves:.3f}")


def held_out(free):
    print("\n## Held out\n")
    head("style", "notes", "all", *HEADS, "hand + pitch + advance")
    for style, figures in free["styles"].items():
        held_out_row(style, figures)
    held_out_row("all", free)
    held_out_row("all, verbatim repeats folded", free["folded"])


def told(tables, folded):
    print("\n## Told, verbatim repeats folded\n" if folded else "\n## Told\n")
    head("music of", *(f"told {style}" for style in tables))
    for style in [style for style in tables if style != "none"]:
        figures = {told: (table["folded"] if folded else table)["styles"][style]["nats_per_note"] for told, table in tables.items()}
        least = min(figures.values())
        row(style, *(f"**{x:.3f}**" if x == least else f"{x:.3f}" for x in figures.values()))


def longest(quotations):
    return (quotations["longest"] or {}).get("events", 0)


def structure(free, guarded):
    print("\n## Structure\n")
    head("style", *STRUCTURE.values(), "within 2", "16-note runs", "longest", "real", "guarded")
    for style, judged in free["composed"]["styles"].items():
        composed = next(iter(judged["temperatures"].values()))
        with_guard = next(iter(guarded["composed"]["styles"][style]["temperatures"].values()))
        distances = [composed["structure"][name]["distance"] for name in STRUCTURE]
        said = [x for x in distances if x is not None]
        quotations = composed["quotations"]
        row(style, *("" if x is None else f"{x:+.1f}" for x in distances), f"{sum(abs(x) <= FAR for x in said)} of {len(said)}",
            f"{100 * quotations['runs_of_16']:.1f} %", longest(quotations),
            f"{100 * judged['real']['quotations']['runs_of_16']:.1f} %", longest(with_guard["quotations"]))


def main():
    folder = pathlib.Path(sys.argv[1])

    def read(name):
        return json.loads((folder / f"{name}.json").read_text())

    free = read("free")
    held_out(free)
    tables = {style: read(f"told-{style}") for style in ("bach", "mozart", "beethoven", "chopin", "none")}
    told(tables, False)
    told(tables, True)
    structure(free, read("guarded"))


main()
