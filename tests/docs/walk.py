# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# walk.py SOURCE PROGRAM BUNDLE - the commands of README's "Training your own", one after the other as they stand there, on a folder
# of three pieces and for seconds instead of hours: each succeeds, and what is promised is there. Home is a temporary folder. Skipped
# (77) as long as the bundle has no weights.

import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

PIECES = (("mozart", 1), ("mozart", 2), ("chopin", 3))
# What makes a command short without making it another one
SHORTER = {
    "--minutes": ["0.05"],
    "--seconds": ["8"],
    "--compose": ["1", "--bars", "8", "--temperatures", "1", "--styles", "mozart"],
    "--bars": ["4"],
}


def commands(source):
    section = re.search(r"^## Training your own\n(.*?)^## ", (source / "README.md").read_text(), re.MULTILINE | re.DOTALL).group(1)
    lines = "\n".join(re.findall(r"^```sh\n(.*?)^```", section, re.MULTILINE | re.DOTALL)).split("\n")
    lines = [line for line in lines if line]
    assert lines and all(line.startswith("ritornello ") for line in lines), "README's commands are not the program's"
    return [shlex.split(line)[1:] for line in lines]


def shortened(arguments):
    result, skip = [], False
    for argument in arguments:
        if not skip:
            result += [argument] + SHORTER.get(argument, [])
        skip = argument in SHORTER
    if arguments[0] == "report":
        result += ["--pieces=1", "--bars=8"]
    return result


def main():
    source, program, bundle = pathlib.Path(sys.argv[1]), str(pathlib.Path(sys.argv[2]).resolve()), pathlib.Path(sys.argv[3])
    weights = bundle / "ritornello.safetensors"
    if not weights.exists():
        sys.exit(77)
    with tempfile.TemporaryDirectory() as name:
        here = pathlib.Path(name)
        environment = dict(os.environ, HOME=name, LV2_PATH=f"{here / '.lv2'}:/usr/lib/lv2", OMP_NUM_THREADS="1")

        def run(*arguments):
            print("ritornello", *arguments, flush=True)
            subprocess.run([program, *arguments], cwd=here, env=environment, stdin=subprocess.DEVNULL, check=True)

        for style, seed in PIECES:
            (here / "FOLDER" / style).mkdir(parents=True, exist_ok=True)
            run("compose", str(weights), "-o", f"FOLDER/{style}/{seed}.mid", "--bars", "24", "--seed", str(seed), "--style", style)
        (here / "presets").symlink_to(bundle)
        for arguments in commands(source):
            run(*shortened(arguments))

        for product in ("mine.safetensors", "mine.safetensors.html", "mine.mid", "mine.wav"):
            assert (here / product).stat().st_size > 500, f"there is no {product}"
        presets = list((here / ".lv2").glob("*.lv2/manifest.ttl"))
        assert len(presets) == 1 and "pset:Preset" in presets[0].read_text(), "there are no presets in the hosts' menus"
    print("all of README's commands are as it says")


main()
