#!/usr/bin/env python3
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
"""The default network stepped event by event: in the plugin's engine, in PyTorch and in ONNX Runtime, one thread each.

    python3 tests/bench/inference_vs_peers.py build/tests/bench/bench_inference presets/ritornello.safetensors

Needs numpy, torch, onnx and onnxruntime; the benchmarks are built with -Dbenchmarks=true. All three get the same weights (the
peers in F32, which the values of F16 are exactly), the same events and a full memory of 1,024 slots. The logits of every step
are compared with the engine's in F32; in F16, as the weight file is, the engine's memory is rounded, too. The network is
written for each peer as one would who wants it quick: a step is one call, keys and values stay where they are, and nothing
is computed that is not needed. An event's time is the median of the last 600.
"""

import json
import pathlib
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import numpy
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

FIELDS = ["hand", "pitch", "duration", "velocity", "advance"]
CLASSES = [2, 88, 36, 16, 122]
TABLES = ["embed.hand", "embed.pitch", "embed.duration", "embed.velocity", "embed.advance", "embed.start", "place.tick",
          "place.beat", "place.length", "condition.style", "condition.key", "condition.density", "condition.metre"]
EXACT, DISTANCES = 32, [32, 36, 40, 48, 56, 72, 88, 120, 152, 216, 280, 408, 536, 792, 1048, 1560]
TIMED = 600


def read_weights(path):
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    sizes = json.loads(header.pop("__metadata__")["network"])
    kinds = {"F16": "<f2", "F32": "<f4"}
    return sizes, {name: numpy.frombuffer(data[slice(*info["data_offsets"])], kinds[info["dtype"]])
                   .reshape(info["shape"]).astype("f4") for name, info in header.items() if info["dtype"] in kinds}


def write_in_f32(path, copy):
    """Write the weight file at `path` to `copy`, all that is F16 as F32."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    infos = sorted((i["data_offsets"], name) for name, i in header.items() if name != "__metadata__")
    blocks, offset = [], 0
    for offsets, name in infos:
        block, info = data[slice(*offsets)], header[name]
        if info["dtype"] == "F16":
            block, info["dtype"] = numpy.frombuffer(block, "<f2").astype("<f4").tobytes(), "F32"
        info["data_offsets"] = [offset, offset + len(block)]
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(copy, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))


def step_ours(bench, folder):
    """Return the engine's microseconds per event, and its steps."""
    dump = pathlib.Path(folder, "steps")
    us = float(subprocess.run([bench, "--bundle", folder, "--dump", dump], check=True, capture_output=True, text=True).stdout)
    return us, read_steps(dump)


def read_steps(path):
    steps = []
    for line in open(path):
        numbers = line.split()
        rows, rest, chosen, logits = [int(n) for n in numbers[1:14]], numbers[14:], [], []
        for classes in CLASSES:
            chosen.append(int(rest[0]))
            logits.append(numpy.array(rest[1:1 + classes], "f4"))
            rest = rest[1 + classes:]
        steps.append((int(numbers[0]), rows, chosen, logits))
    return steps


class Host:
    """What any of them has to do beside the network: look up rows, keep the memory, know how long ago things were."""

    def __init__(self, sizes, weights):
        self.tables = [weights[name].reshape(-1, sizes["embedding"]) for name in TABLES]
        self.memory, self.heads = sizes["memory"], sizes["heads"]
        self.bias = weights["attention.bias"]
        self.classes = numpy.array([b if b < EXACT else EXACT - 1 + sum(b >= d for d in DISTANCES) for b in range(2048)])
        self.bars = numpy.zeros(self.memory, int)
        self.events, self.bar = 0, 0

    def input(self, rows):
        return sum(table[row] for table, row in zip(self.tables, rows) if row >= 0)

    def place(self, bar, rows):
        """Return the new event's slot, or None, and the biases of all slots."""
        slot = None
        if rows[0] >= 0:
            slot = self.events % self.memory
            self.bars[slot] = self.bar
            self.events += 1
        self.bar = bar
        bias = self.bias[:, self.classes[numpy.clip(bar - self.bars, 0, 2047)]]
        if self.events < self.memory:
            bias = bias.copy()
            bias[:, self.events:] = -1e9
        return slot, bias


class PyTorch:
    def __init__(self, sizes, weights):
        self.w = {name: torch.from_numpy(value.copy()) for name, value in weights.items()}
        n, k, v, h = (sizes[i] for i in ("heads", "key", "value", "hidden"))
        self.n, self.k, self.v = n, k, v
        self.forward = torch.cat([self.w["forward.input"], self.w["forward.recurrent"]], 1)
        self.decoder = torch.cat([self.w["decoder.input"], self.w["decoder.recurrent"]], 1)
        self.keys, self.values = torch.zeros(n, sizes["memory"], k), torch.zeros(n, sizes["memory"], v)
        self.f, self.c, self.g, self.d = (torch.zeros(h) for _ in range(4))
        self.zero = torch.zeros(n, 1, v)
        self.sink = self.w["attention.sink"].reshape(n, 1)

    @staticmethod
    def lstm(gates, cell):
        i, f, g, o = gates.chunk(4)
        cell = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(cell), cell

    def step(self, x, slot, bias, chosen):
        w, x, bias = self.w, torch.from_numpy(x), torch.from_numpy(bias)
        if slot is not None:
            self.keys[:, slot] = torch.mv(w["attention.key"], self.f).view(self.n, self.k)
            self.values[:, slot] = torch.mv(w["attention.value"], x).view(self.n, self.v)
        gates = torch.addmv(w["forward.bias"], self.forward, torch.cat([x, self.f]))
        self.f, self.c = self.lstm(gates, self.c)
        query = torch.mv(w["attention.query"], self.f).view(self.n, self.k, 1)
        scores = torch.bmm(self.keys, query).squeeze(2) * self.k ** -0.5 + bias
        shares = torch.softmax(torch.cat([scores, self.sink], 1), 1)[:, :-1]
        attended = torch.bmm(shares.unsqueeze(1), self.values).flatten()
        gates = torch.addmv(w["decoder.bias"], self.decoder, torch.cat([self.f, attended, self.g]))
        self.g, self.d = self.lstm(gates, self.d)
        z, logits = torch.addmv(w["dense.bias"], w["dense.weight"], self.g), []
        for field, choice in zip(FIELDS, chosen):
            logits.append(torch.addmv(w[f"head.{field}.bias"], w[f"head.{field}.weight"], torch.relu(z)))
            if field != "advance":
                z = z + w[f"head.{field}.embed"][choice]
        return logits


class OnnxRuntime:
    def __init__(self, sizes, weights):
        n, k, v, h, e, m = (sizes[i] for i in ("heads", "key", "value", "hidden", "embedding", "memory"))
        self.n, self.k, self.v = n, k, v
        nodes, constants = [], []

        def constant(name, value):
            constants.append(numpy_helper.from_array(numpy.ascontiguousarray(value), name))
            return name

        def node(kind, inputs, outputs, **attributes):
            outputs = [outputs] if isinstance(outputs, str) else outputs
            nodes.append(helper.make_node(kind, inputs, outputs, **attributes))
            return outputs[0]

        def product(name, x, weight, bias=None):
            y = node("MatMul", [x, constant(name + ".w", weight.T)], name + ".product")
            return node("Add", [y, constant(name + ".b", bias)], name) if bias is not None else y

        def lstm(name, gates, cell):
            parts = [f"{name}.{gate}" for gate in "ifgo"]
            node("Split", [gates], parts, axis=1, num_outputs=4)
            i, f, o = (node("Sigmoid", [parts[j]], f"{name}.{j}.s") for j in (0, 1, 3))
            new = node("Mul", [i, node("Tanh", [parts[2]], name + ".t")], name + ".new")
            cell = node("Add", [node("Mul", [f, cell], name + ".kept"), new], name + ".cell_out")
            return node("Mul", [o, node("Tanh", [cell], name + ".cell_t")], name + ".out")

        new_key = product("key", "f", weights["attention.key"])
        new_value = product("value", "x", weights["attention.value"])
        both = node("Concat", ["x", "f"], "x_f", axis=1)
        forward = numpy.concatenate([weights["forward.input"], weights["forward.recurrent"]], 1)
        f = lstm("forward", product("forward.gates", both, forward, weights["forward.bias"]), "c")
        query = product("query", f, weights["attention.query"] * k ** -0.5)
        query = node("Reshape", [query, constant("query.shape", numpy.array([n, k, 1]))], "query.heads")
        scores = node("Squeeze", [node("MatMul", ["keys", query], "scores.raw"), constant("two", numpy.array([2]))], "scores.s")
        scores = node("Add", [scores, "bias"], "scores")
        sink = constant("sink", weights["attention.sink"].reshape(n, 1))
        shares = node("Softmax", [node("Concat", [scores, sink], "scores.all", axis=1)], "shares.all", axis=1)
        shares = node("Slice", [shares, constant("zero", numpy.array([0])), constant("m", numpy.array([m])),
                                constant("axis", numpy.array([1]))], "shares")
        shares = node("Unsqueeze", [shares, "axis"], "shares.rows")
        attended = node("MatMul", [shares, "values"], "attended.heads")
        attended = node("Reshape", [attended, constant("attended.shape", numpy.array([1, n * v]))], "attended")
        both = node("Concat", [f, attended, "g"], "f_a_g", axis=1)
        decoder = numpy.concatenate([weights["decoder.input"], weights["decoder.recurrent"]], 1)
        g = lstm("decoder", product("decoder.gates", both, decoder, weights["decoder.bias"]), "d")
        z, logits = product("dense", g, weights["dense.weight"], weights["dense.bias"]), []
        for field in FIELDS:
            active = node("Relu", [z], field + ".relu")
            logits.append(product(f"logits.{field}", active, weights[f"head.{field}.weight"], weights[f"head.{field}.bias"]))
            if field != "advance":
                row = node("Gather", [constant(field + ".embed", weights[f"head.{field}.embed"]), f"chosen.{field}"],
                           field + ".row", axis=0)
                z = node("Add", [z, row], field + ".z")

        def value(name, shape, kind=TensorProto.FLOAT):
            return helper.make_tensor_value_info(name, kind, shape)

        inputs = [value("x", [1, e])] + [value(name, [1, h]) for name in "fcgd"]
        inputs += [value("keys", [n, m, k]), value("values", [n, m, v]), value("bias", [n, m])]
        inputs += [value(f"chosen.{field}", [1], TensorProto.INT64) for field in FIELDS[:-1]]
        outputs = [new_key, new_value, f, "forward.cell_out", g, "decoder.cell_out"] + logits
        self.outputs = outputs
        graph = helper.make_graph(nodes, "step", inputs, [value(name, None) for name in outputs], constants)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        self.session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        self.feeds = {"keys": numpy.zeros((n, m, k), "f4"), "values": numpy.zeros((n, m, v), "f4")}
        self.feeds.update({name: numpy.zeros((1, h), "f4") for name in "fcgd"})

    def step(self, x, slot, bias, chosen):
        self.feeds["x"], self.feeds["bias"] = x.reshape(1, -1), bias
        for field, choice in zip(FIELDS[:-1], chosen):
            self.feeds[f"chosen.{field}"] = numpy.array([choice])
        if slot is not None:
            # The slot is attended to in this very step; its key and value, which the last call could not know, come first
            key, value = self.new(x)
            self.feeds["keys"][:, slot], self.feeds["values"][:, slot] = key, value
        result = self.session.run(self.outputs, self.feeds)
        self.feeds["f"], self.feeds["c"], self.feeds["g"], self.feeds["d"] = result[2:6]
        return [logits[0] for logits in result[6:]]

    def prepare(self, weights):
        self.key, self.value = weights["attention.key"], weights["attention.value"]

    def new(self, x):
        return (self.key @ self.feeds["f"][0]).reshape(self.n, self.k), (self.value @ x).reshape(self.n, self.v)


def measure(name, peer, sizes, weights, steps):
    host, seconds, worst = Host(sizes, weights), [], 0.0
    for bar, rows, chosen, expected in steps:
        x = host.input(rows)
        slot, bias = host.place(bar, rows)
        begin = time.perf_counter()
        logits = peer.step(x, slot, bias, chosen)
        seconds.append(time.perf_counter() - begin)
        worst = max(worst, max(float(numpy.abs(numpy.asarray(a) - b).max()) for a, b in zip(logits, expected)))
    return statistics.median(seconds[-TIMED:]) * 1e6, worst


def main():
    bench, path = sys.argv[1:3]
    torch.set_num_threads(1)
    torch.set_grad_enabled(False)
    sizes, weights = read_weights(path)
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, "ritornello.safetensors")
        write_in_f32(path, copy)
        ours_f32, steps = step_ours(bench, folder)
        shutil.copy(path, copy)
        ours, steps_f16 = step_ours(bench, folder)
    onnx_peer = OnnxRuntime(sizes, weights)
    onnx_peer.prepare(weights)
    peers = {f"PyTorch {torch.__version__}": PyTorch(sizes, weights), f"ONNX Runtime {onnxruntime.__version__}": onnx_peer}
    apart = max(float(numpy.abs(a - b).max()) for x, y in zip(steps, steps_f16) for a, b in zip(x[3], y[3]))
    print(f"{'Ritornello, F16':28s} {ours:8.1f} us per event; logits differ from F32 by {apart:.2g} at most")
    print(f"{'Ritornello, F32':28s} {ours_f32:8.1f} us per event, {ours_f32 / ours:5.2f} times as long")
    for name, peer in peers.items():
        us, worst = measure(name, peer, sizes, weights, steps)
        print(f"{name:28s} {us:8.1f} us per event, {us / ours:5.2f} times as long; logits differ by {worst:.2g} at most")


if __name__ == "__main__":
    main()
