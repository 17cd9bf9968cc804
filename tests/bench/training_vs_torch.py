#!/usr/bin/env python3
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
"""Compare the trainer with PyTorch: the same network from the same weight file, the same batch, the same threads.

Checks that losses and gradients agree, then prints both speeds and their ratio. The network is written as one would in
PyTorch: torch.nn.LSTM, embeddings, one product per layer and batch, attention over all slots at once.

    meson setup build -Dbenchmarks=true && meson compile -C build
    python3 tests/bench/training_vs_torch.py build/tests/bench/bench_training        (needs torch and numpy)
"""

import argparse
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time

import numpy
import torch
from torch import nn
from torch.nn import functional

TABLES = ["embed.hand", "embed.pitch", "embed.duration", "embed.velocity", "embed.advance", "embed.start",
          "place.tick", "place.beat", "place.length",
          "condition.style", "condition.key", "condition.density", "condition.metre"]
FIELDS = ["hand", "pitch", "duration", "velocity", "advance"]
TOLERANCE = 1e-4
DROPOUT = 0.1


def read_safetensors(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            tensors[name] = torch.from_numpy(numpy.frombuffer(data[begin:end], "<f4").reshape(entry["shape"]).copy())
    return header["__metadata__"], tensors


def distance_classes(bars):
    """attention_distance_class() of plugin/engine/streaming_layout.c: exact to 31 bars, then in ever coarser steps."""
    beyond = torch.tensor([32, 36, 40, 48, 56, 72, 88, 120, 152, 216, 280, 408, 536, 792, 1048, 1560])
    return torch.where(bars < 32, bars, 31 + torch.bucketize(bars, beyond, right=True)).clamp(min=0)


class Network(nn.Module):
    def __init__(self, sizes, weights):
        super().__init__()
        self.sizes = sizes
        e, h, d = sizes["embedding"], sizes["hidden"], sizes["dense"]
        n, k, v = sizes["heads"], sizes["key"], sizes["value"]
        self.tables = nn.ModuleList(nn.Embedding(len(weights[name].reshape(-1, e)), e) for name in TABLES)
        self.encoder = nn.LSTM(e, h)
        self.decoder = nn.LSTM(h + n * v, h)
        self.query, self.key = nn.Linear(h, n * k, bias=False), nn.Linear(h, n * k, bias=False)
        self.value = nn.Linear(e, n * v, bias=False)
        self.bias, self.sink = nn.Parameter(torch.zeros(n, 48)), nn.Parameter(torch.zeros(n))
        self.dense = nn.Linear(h, d)
        self.heads = nn.ModuleList(nn.Linear(d, len(weights[f"head.{field}.bias"])) for field in FIELDS)
        self.choices = nn.ModuleList(nn.Embedding(len(weights[f"head.{field}.bias"]), d) for field in FIELDS[:-1])
        self.dropout = DROPOUT
        with torch.no_grad():
            for name, parameter in self.named_tensors():
                parameter.copy_(weights[name].reshape(parameter.shape))
            for lstm in (self.encoder, self.decoder):  # PyTorch has two biases, of which one is enough
                lstm.bias_hh_l0.zero_()
                lstm.bias_hh_l0.requires_grad_(False)

    def named_tensors(self):
        """(name in the weight file, parameter)"""
        for name, table in zip(TABLES, self.tables):
            yield name, table.weight
        for name, lstm in (("forward", self.encoder), ("decoder", self.decoder)):
            yield f"{name}.input", lstm.weight_ih_l0
            yield f"{name}.recurrent", lstm.weight_hh_l0
            yield f"{name}.bias", lstm.bias_ih_l0
        yield "attention.query", self.query.weight
        yield "attention.key", self.key.weight
        yield "attention.value", self.value.weight
        yield "attention.bias", self.bias
        yield "attention.sink", self.sink
        yield "dense.weight", self.dense.weight
        yield "dense.bias", self.dense.bias
        for field, head in zip(FIELDS, self.heads):
            yield f"head.{field}.weight", head.weight
            yield f"head.{field}.bias", head.bias
        for field, choice in zip(FIELDS, self.choices):
            yield f"head.{field}.embed", choice.weight

    def drop(self, x):
        return functional.dropout(x, self.dropout, self.training)

    def embed(self, batch):
        """A table without a row for a step (-1) adds nothing."""
        x = 0
        for table, rows in zip(self.tables, batch["inputs"]):
            found = functional.embedding(rows.clamp(min=0), table.weight)
            x = x + found * (rows >= 0).unsqueeze(-1)
        return self.drop(x)

    def attend(self, f, f_before, x, batch, memory):
        """f, f_before [T][B][H], x [T][B][E] -> [T][B][N * V], and the memory for the next pass"""
        steps, streams, _ = f.shape
        n, k, v, m = (self.sizes[i] for i in ("heads", "key", "value", "memory"))
        keys = self.key(f_before).view(steps, streams, n, k).permute(1, 2, 0, 3)      # [B][N][T][K]
        values = self.value(x).view(steps, streams, n, v).permute(1, 2, 0, 3)         # [B][N][T][V]
        queries = self.query(f).view(steps, streams, n, k).permute(1, 2, 0, 3) / math.sqrt(k)
        keys, values = torch.cat([memory["keys"], keys], 2), torch.cat([memory["values"], values], 2)
        bars = torch.cat([memory["bars"], batch["slot_bar"].T], 1)                    # [B][S]
        valid = torch.cat([memory["valid"], batch["inputs"][5].T < 0], 1)             # the start of a piece is no slot
        slot, step = torch.arange(m + steps), torch.arange(steps).unsqueeze(1)
        seen = ((slot <= m + step) & (slot > step)) & valid.unsqueeze(1)              # [B][T][S]
        distances = distance_classes(batch["bar"].T.unsqueeze(2) - bars.unsqueeze(1)) # [B][T][S]
        scores = queries @ keys.transpose(2, 3) + self.bias[:, distances].transpose(0, 1)
        scores = scores.masked_fill(~seen.unsqueeze(1), float("-inf"))
        sink = self.sink.view(1, n, 1, 1).expand(streams, n, steps, 1)
        shares = torch.softmax(torch.cat([scores, sink], 3), 3)[..., :-1]
        attended = (shares @ values).permute(2, 0, 1, 3).reshape(steps, streams, n * v)
        return attended, dict(keys=keys[:, :, steps:].detach(), values=values[:, :, steps:].detach(), bars=bars[:, steps:],
                              valid=valid[:, steps:])

    def forward(self, batch, state):
        """Losses [T][B][fields], and the state that the next pass begins with"""
        x = self.embed(batch)
        f, encoder = self.encoder(x, state["encoder"])
        f_before = torch.cat([state["encoder"][0], f[:-1]])
        attended, memory = self.attend(f, f_before, x, batch, state["memory"])
        g, decoder = self.decoder(self.drop(torch.cat([f, attended], 2)), state["decoder"])
        z = self.dense(self.drop(g))
        losses = []
        for i, head in enumerate(self.heads):
            targets = batch["targets"][i]
            losses.append(functional.cross_entropy(head(torch.relu(z)).flatten(0, 1), targets.flatten(), reduction="none"))
            if i < len(self.choices):
                z = z + self.choices[i](targets)
        state = dict(encoder=tuple(s.detach() for s in encoder), decoder=tuple(s.detach() for s in decoder), memory=memory)
        return torch.stack(losses, 1).view(*batch["bar"].shape, len(FIELDS)), state

    def silence(self, streams):
        n, k, v, m, h = (self.sizes[i] for i in ("heads", "key", "value", "memory", "hidden"))
        zeros = torch.zeros(1, streams, h)
        return dict(encoder=(zeros, zeros), decoder=(zeros, zeros),
                    memory=dict(keys=torch.zeros(streams, n, m, k), values=torch.zeros(streams, n, m, v),
                                bars=torch.zeros(streams, m, dtype=torch.long),
                                valid=torch.zeros(streams, m, dtype=torch.bool)))


def batch_of(tensors, number, steps, streams):
    def get(name):
        return tensors[f"{number}.{name}"].view(steps, streams).long()
    return dict(inputs=[get(f"input.{name}") for name in TABLES], targets=[get(f"target.{field}") for field in FIELDS],
                bar=get("bar"), slot_bar=get("slot_bar"))


def relative(found, expected):
    return ((found - expected).norm() / expected.norm().clamp(min=1e-12)).item()


def check(network, tensors, steps, streams):
    """Two passes: the second's losses and gradients are compared. Returns the worst relative differences."""
    network.eval()
    with torch.no_grad():
        _, state = network(batch_of(tensors, 0, steps, streams), network.silence(streams))
    losses, _ = network(batch_of(tensors, 1, steps, streams), state)
    (losses.sum() / (steps * streams)).backward()
    worst = ("", 0.0)
    for name, parameter in network.named_tensors():
        expected = tensors[f"gradient.{name}"].view(parameter.shape)
        if name == "embed.start":
            continue  # No piece begins in the second pass
        worst = max(worst, (name, relative(parameter.grad, expected)), key=lambda pair: pair[1])
    return relative(losses.detach(), tensors["losses"].view(losses.shape)), worst


def speed(network, tensors, steps, streams, seconds):
    """Events per second, forward, back, clipped and applied; memory full, for eight passes came before."""
    network.train()
    parameters = [parameter for _, parameter in network.named_tensors()]
    optimiser = torch.optim.Adam(parameters, lr=1e-4, betas=(0.9, 0.99), fused=True)
    batch, state = batch_of(tensors, 1, steps, streams), network.silence(streams)
    passes, began = -8, time.monotonic()
    while passes <= 0 or time.monotonic() - began < seconds:
        if passes == 0:
            began = time.monotonic()
        optimiser.zero_grad()
        losses, state = network(batch, state)
        (losses.sum() / (steps * streams)).backward()
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        passes += 1
    return passes * steps * streams / (time.monotonic() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path, help="bench_training, as built")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=8.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=4, help="in turns, of which each side's best counts")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as folder:
        dump = pathlib.Path(folder) / "dump.safetensors"
        subprocess.run([arguments.program, "--threads", "1", "--dump", dump], check=True)
        metadata, tensors = read_safetensors(dump)
    steps, streams = map(int, metadata["shape"].split())
    network = Network(json.loads(metadata["network"]), tensors)
    losses, (name, gradient) = check(network, tensors, steps, streams)
    theirs, ours = [], []
    for _ in range(arguments.rounds):
        theirs.append(speed(network, tensors, steps, streams, arguments.seconds))
        text = subprocess.run([arguments.program, "--json", "--threads", str(arguments.threads), "--seconds",
                               str(arguments.seconds)], check=True, stdout=subprocess.PIPE).stdout
        ours.append(json.loads(text)["events_per_second"])
    agree = losses < TOLERANCE and gradient < TOLERANCE
    print(json.dumps(dict(torch=torch.__version__, threads=arguments.threads, loss_difference=losses,
                          gradient_difference=gradient, gradient_name=name, agree=agree,
                          torch_events_per_second=[round(value) for value in theirs],
                          ritornello_events_per_second=[round(value) for value in ours],
                          ratio=round(max(ours) / max(theirs), 2)), indent=2))
    return 0 if agree else 1


if __name__ == "__main__":
    sys.exit(main())
