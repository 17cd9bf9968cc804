#!/usr/bin/env python3
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
"""Make tests/reference/streaming.safetensors: a small `streaming` network, computed by PyTorch.

The network is written here a second time, straight from the formulas of plugin/engine/streaming_layout.h, with autograd
for the gradients. The fixture holds random weights, two streams of steps, and what PyTorch makes of them: logits, losses
and gradients. tests/unit/test_reference.c compares the trainer and the plugin's engine with it; it needs no Python.

    python3 tests/reference/streaming.py        (needs torch and numpy)
"""

import json
import pathlib
import struct

import numpy
import torch

TABLES = ["embed.hand", "embed.pitch", "embed.duration", "embed.velocity", "embed.advance", "embed.start",
          "place.tick", "place.beat", "place.length",
          "condition.style", "condition.key", "condition.density", "condition.metre"]
FIELDS = ["hand", "pitch", "duration", "velocity", "advance"]
CLASSES = dict(hand=2, pitch=88, duration=36, velocity=16, advance=122)
DISTANCES = 48
SIZES = dict(kind="streaming", embedding=16, hidden=32, backward=16, heads=2, key=16, value=16, dense=32, segment=4,
             memory=16, styles=3)
STEPS, STREAMS = 24, 2


def shapes(s):
    e, h, b, n, k, v, d = (s[i] for i in ("embedding", "hidden", "backward", "heads", "key", "value", "dense"))
    table_rows = [3, 88, 36, 17, 122, None, 96, 16, 16, s["styles"] + 1, 25, 9, 11]
    result = {name: (rows, e) if rows else (e,) for name, rows in zip(TABLES, table_rows)}
    for name, width, size in (("forward", e, h), ("backward", e, b), ("decoder", h + n * v, h)):
        result[f"{name}.input"] = (4 * size, width)
        result[f"{name}.recurrent"] = (4 * size, size)
        result[f"{name}.bias"] = (4 * size,)
    result.update({"attention.query": (n * k, h), "attention.key": (n * k, h), "attention.value": (n * v, e),
                   "attention.backward": (n * v, b), "attention.bias": (n, DISTANCES), "attention.sink": (n,),
                   "dense.weight": (d, h), "dense.bias": (d,)})
    for field in FIELDS:
        result[f"head.{field}.weight"] = (CLASSES[field], d)
        result[f"head.{field}.bias"] = (CLASSES[field],)
        if field != "advance":
            result[f"head.{field}.embed"] = (CLASSES[field], d)
    return result


def distance_class(bars):
    """Exact to 31 bars; then eight bars per class from 32 in ever coarser steps is plugin/engine's affair: stay below."""
    assert 0 <= bars < 32
    return bars


def lstm_step(weights, name, x, h, c):
    gates = weights[f"{name}.input"] @ x + weights[f"{name}.recurrent"] @ h + weights[f"{name}.bias"]
    i, f, g, o = gates.chunk(4)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def encode_segment(weights, xs):
    """The backward encoder's outputs for one segment's inputs, in order of time."""
    h = c = torch.zeros(SIZES["backward"], dtype=xs[0].dtype)
    outputs = []
    for x in reversed(xs):
        h, c = lstm_step(weights, "backward", x, h, c)
        outputs.append(h)
    return outputs[::-1]


def attend(weights, q, slots, encodings, bar):
    """slots: (key, value, bar) per step or None; encodings: per step or None where its segment is not complete."""
    n, k, v = SIZES["heads"], SIZES["key"], SIZES["value"]
    heads = []
    for head in range(n):
        scores, values = [weights["attention.sink"][head]], [torch.zeros(v, dtype=q.dtype)]
        for slot, encoding in zip(slots, encodings):
            if slot is None:
                continue
            key, value, slot_bar = slot
            if encoding is not None:
                value = value + weights["attention.backward"] @ encoding
            score = q[head * k:(head + 1) * k] @ key[head * k:(head + 1) * k] / k ** 0.5
            scores.append(score + weights["attention.bias"][head, distance_class(bar - slot_bar)])
            values.append(value[head * v:(head + 1) * v])
        heads.append(torch.softmax(torch.stack(scores), 0) @ torch.stack(values))
    return torch.cat(heads)


def choose(weights, g, targets):
    z = weights["dense.weight"] @ g + weights["dense.bias"]
    logits = {}
    for field in FIELDS:
        logits[field] = weights[f"head.{field}.weight"] @ torch.relu(z) + weights[f"head.{field}.bias"]
        if field != "advance" and targets[field] >= 0:
            z = z + weights[f"head.{field}.embed"][targets[field]]
    return logits


def run_stream(weights, steps):
    """Return the logits of every step of one stream, a dict per step."""
    dtype = weights["dense.bias"].dtype
    f = c = torch.zeros(SIZES["hidden"], dtype=dtype)
    g = d = torch.zeros(SIZES["hidden"], dtype=dtype)
    xs, slots, encodings, result = [], [], [], []
    for t, step in enumerate(steps):
        x = sum(weights[name][row] if weights[name].dim() == 2 else weights[name]
                for name, row in step["inputs"].items() if row is not None)
        if t % SIZES["segment"] == 0 and t > 0:
            encodings[-SIZES["segment"]:] = encode_segment(weights, xs[-SIZES["segment"]:])
        key = weights["attention.key"] @ f
        slots.append(None if t == 0 else (key, weights["attention.value"] @ x, step["slot_bar"]))
        encodings.append(None)
        xs.append(x)
        f, c = lstm_step(weights, "forward", x, f, c)
        begin = max(0, len(slots) - SIZES["memory"])
        a = attend(weights, weights["attention.query"] @ f, slots[begin:], encodings[begin:], step["bar"])
        g, d = lstm_step(weights, "decoder", torch.cat([f, a]), g, d)
        result.append(choose(weights, g, step["targets"]))
    return result


def make_streams(random):
    streams = []
    for b in range(STREAMS):
        steps, event, tick = [], None, 0
        style, key = int(random.integers(0, 4)), int(random.integers(0, 25))
        for t in range(STEPS):
            target = {field: int(random.integers(0, CLASSES[field])) for field in FIELDS}
            target["advance"] = int(random.integers(0, 30))  # that many ticks
            bar, in_bar = tick // 96, tick % 96
            rows = [None] * 5 + [0] if event is None else [event[field] for field in FIELDS] + [None]
            rows += [in_bar % 24, in_bar // 24, 3, style, key, int(random.integers(0, 9)), 3]
            slot_bar = 0 if event is None else last_bar
            if b == 1 and t % 5 == 0:
                target["hand"], target["velocity"] = -1, -1
            steps.append(dict(inputs=dict(zip(TABLES, rows)), targets=target, bar=bar, slot_bar=slot_bar, tick=in_bar))
            event, last_bar = dict(target), bar
            if b == 1 and t % 5 == 0:
                event["hand"], event["velocity"] = 2, 16  # untold
            tick += target["advance"]
        streams.append(steps)
    return streams


def write_safetensors(path, metadata, tensors):
    header, offset = {"__metadata__": metadata}, 0
    for name, value in tensors.items():
        size = value.size * 4
        header[name] = dict(dtype="F32", shape=list(value.shape), data_offsets=[offset, offset + size])
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(numpy.ascontiguousarray(value, "<f4").tobytes())


def main():
    random = numpy.random.default_rng(20261123)
    weights = {name: torch.tensor(random.normal(0.0, 0.35 if len(shape) == 2 else 0.2, shape).astype("f4"),
                                  dtype=torch.float64, requires_grad=True)
               for name, shape in shapes(SIZES).items()}
    streams = make_streams(random)
    losses = numpy.zeros((STEPS, STREAMS, len(FIELDS)), "f4")
    logits = {field: numpy.zeros((STEPS, STREAMS, CLASSES[field]), "f4") for field in FIELDS}
    total = 0.0
    for b, steps in enumerate(streams):
        for t, (step, found) in enumerate(zip(steps, run_stream(weights, steps))):
            for i, field in enumerate(FIELDS):
                logits[field][t, b] = found[field].detach().numpy()
                if step["targets"][field] >= 0:
                    loss = -torch.log_softmax(found[field], 0)[step["targets"][field]]
                    losses[t, b, i] = loss.item()
                    total = total + loss
    total.backward()

    tensors = {name: value.detach().numpy().astype("f4") for name, value in weights.items()}
    tensors.update({f"gradient.{name}": value.grad.numpy().astype("f4") for name, value in weights.items()})
    none = -1.0
    for name in TABLES:
        tensors[f"input.{name}"] = numpy.array([[none if streams[b][t]["inputs"][name] is None
                                                 else streams[b][t]["inputs"][name] for b in range(STREAMS)]
                                                for t in range(STEPS)], "f4")
    for field in FIELDS:
        tensors[f"target.{field}"] = numpy.array([[streams[b][t]["targets"][field] for b in range(STREAMS)]
                                                  for t in range(STEPS)], "f4")
        tensors[f"logits.{field}"] = logits[field]
    for name in ("bar", "slot_bar", "tick"):
        tensors[name] = numpy.array([[streams[b][t][name] for b in range(STREAMS)] for t in range(STEPS)], "f4")
    tensors["losses"] = losses
    metadata = dict(format="ritornello-1", network=json.dumps(SIZES), vocabulary="events-1",
                    styles=json.dumps(["bach", "chopin", "mozart"]), title="Reference", licence="ISC", attribution="",
                    made_with=f"PyTorch {torch.__version__}, float64")
    path = pathlib.Path(__file__).with_name("streaming.safetensors")
    write_safetensors(path, metadata, tensors)
    print(f"{path}: loss {total.item():.6f}")


if __name__ == "__main__":
    main()
