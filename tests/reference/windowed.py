#!/usr/bin/env python3
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
"""Write tests/reference/windowed.safetensors and windowed-embed.safetensors: windowed networks with random weights, a few
windows, and the logits, losses and gradients that PyTorch finds for them in float64, straight from the formulas of
plugin/engine/windowed_layout.h (needs torch and numpy). The trainer and the engine must agree."""

import json
import pathlib

import numpy
import torch

from streaming import write_safetensors

CONTEXT, VOCABULARY, WINDOWS = 9, 12, 3
NETWORKS = {
    "windowed": "index, bilstm:16, attention:16, dropout:0.3, lstm:16, dropout:0.3, dense:16, softmax",
    "windowed-embed": "embed:16, bilstm:16, attention:16, bilstm:16, attention:16, softmax",
}


def parse(text):
    layers = []
    for item in text.split(", "):
        kind, _, size = item.partition(":")
        layers.append((kind, float(size) if kind == "dropout" else int(size or 0)))
    return layers


def lstm_shapes(prefix, inputs, hidden):
    return {f"{prefix}input": (4 * hidden, inputs), f"{prefix}recurrent": (4 * hidden, hidden), f"{prefix}bias": (4 * hidden,)}


def shapes(layers):
    found, width = {}, 1
    for number, (kind, size) in enumerate(layers):
        name = f"layer{number}."
        if kind == "embed":
            found["embed"] = (VOCABULARY, size)
            width = size
        elif kind == "lstm":
            found.update(lstm_shapes(name, width, size))
            width = size
        elif kind == "bilstm":
            found.update(lstm_shapes(name + "forward.", width, size))
            found.update(lstm_shapes(name + "backward.", width, size))
            width = 2 * size
        elif kind == "attention":
            found.update({name + "query": (size, width), name + "key": (size, width), name + "bias": (size,), name + "weight": (size,)})
        elif kind in ("dense", "softmax"):
            size = size or VOCABULARY
            found.update({name + "weight": (size, width), name + "bias": (size,)})
            width = size
    return found


def lstm(weights, prefix, xs):
    hidden = weights[prefix + "recurrent"].shape[1]
    h = c = torch.zeros(hidden, dtype=torch.float64)
    outputs = []
    for x in xs:
        gates = weights[prefix + "input"] @ x + weights[prefix + "recurrent"] @ h + weights[prefix + "bias"]
        i, f, g, o = gates.split(hidden)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        h = torch.sigmoid(o) * torch.tanh(c)
        outputs.append(h)
    return outputs


def attention(weights, name, xs):
    outputs = []
    for x in xs:
        query = weights[name + "query"] @ x + weights[name + "bias"]
        energies = [torch.sigmoid(weights[name + "weight"] @ torch.tanh(query + weights[name + "key"] @ s)) for s in xs]
        shares = torch.softmax(torch.stack(energies), 0)
        outputs.append(sum(share * s for share, s in zip(shares, xs)))
    return outputs


def run(weights, layers, window):
    """The logits after one window. Every layer gives all positions here; the last one's are what counts."""
    for number, (kind, _) in enumerate(layers):
        name = f"layer{number}."
        if kind == "index":
            xs = [torch.tensor([token / VOCABULARY], dtype=torch.float64) for token in window]
        elif kind == "embed":
            xs = [weights["embed"][token] for token in window]
        elif kind == "lstm":
            xs = lstm(weights, name, xs)
        elif kind == "bilstm":
            forward, backward = lstm(weights, name + "forward.", xs), lstm(weights, name + "backward.", xs[::-1])[::-1]
            xs = [torch.cat(pair) for pair in zip(forward, backward)]
        elif kind == "attention":
            xs = attention(weights, name, xs)
        elif kind in ("dense", "softmax"):
            xs = [weights[name + "weight"] @ xs[-1] + weights[name + "bias"]]
    return xs[-1]


def vocabulary():
    """Two of each kind of token: rests, notes, chords, in the order that the engine's vocabulary has."""
    tokens = [[6], [12], [12, 48], [24, 48], [24, 48, 55, 64], [12, 60], [24, 60], [12, 60, 64], [24, 60, 64], [48, 72]]
    assert len(tokens) + 2 == VOCABULARY
    return json.dumps(dict(format="tokens-1", tokens=tokens), separators=(",", ":"))


def write(name, text, random):
    layers = parse(text)
    weights = {key: torch.tensor(random.normal(0.0, 0.5, shape).astype("f4"), dtype=torch.float64, requires_grad=True)
               for key, shape in shapes(layers).items()}
    windows = random.integers(2, VOCABULARY, (CONTEXT, WINDOWS))
    windows[:4, 1] = 0  # a young piece: the start stands before it
    targets = random.integers(1, VOCABULARY, WINDOWS)
    logits = torch.stack([run(weights, layers, windows[:, b]) for b in range(WINDOWS)])
    losses = -torch.log_softmax(logits, 1)[torch.arange(WINDOWS), torch.tensor(targets)]
    losses.sum().backward()

    tensors = {key: value.detach().numpy().astype("f4") for key, value in weights.items()}
    tensors.update({f"gradient.{key}": value.grad.numpy().astype("f4") for key, value in weights.items()})
    tensors.update(windows=windows.astype("f4"), targets=targets.astype("f4"), logits=logits.detach().numpy().astype("f4"),
                   losses=losses.detach().numpy().astype("f4"))
    network = dict(kind="windowed", layers=text, context=CONTEXT, vocabulary=VOCABULARY)
    metadata = dict(format="ritornello-1", network=json.dumps(network), vocabulary=vocabulary(), styles="[]", title="Reference",
                    licence="ISC", attribution="", made_with=f"PyTorch {torch.__version__}, float64")
    path = pathlib.Path(__file__).with_name(name + ".safetensors")
    write_safetensors(path, metadata, tensors)
    print(f"{path}: loss {losses.sum().item():.6f}")


def main():
    random = numpy.random.default_rng(20261123)
    for name, text in NETWORKS.items():
        write(name, text, random)


if __name__ == "__main__":
    main()
