# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# `ritornello render Mozart` with the bundled weights makes audible stereo music. Called with the program and the bundle;
# skipped (77) as long as the bundle has no weights.

import array
import math
import pathlib
import subprocess
import sys
import tempfile
import wave

SECONDS = 8


def decibels(samples):
    return 10.0 * math.log10(sum(s * s for s in samples) / len(samples) / 32768.0**2 + 1e-20)


def main():
    program, bundle = sys.argv[1:]
    if not (pathlib.Path(bundle) / "ritornello.safetensors").exists():
        sys.exit(77)

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mozart.wav"
        subprocess.run([program, "render", "Mozart", "-o", path, f"--seconds={SECONDS}", "--bundle", bundle], check=True)
        with wave.open(str(path)) as sound:
            assert sound.getnchannels() == 2, "not stereo"
            assert sound.getsampwidth() == 2 and sound.getframerate() == 48000
            assert sound.getnframes() == (SECONDS + 2) * 48000, "not as long as asked for"
            samples = array.array("h", sound.readframes(sound.getnframes()))

    left, right = samples[0::2], samples[1::2]
    print(f"left {decibels(left):.1f} dBFS, right {decibels(right):.1f} dBFS")
    assert min(decibels(left), decibels(right)) > -40.0, "too quiet"
    assert left != right, "both channels are the same"


main()
