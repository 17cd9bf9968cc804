#!/usr/bin/env python3
# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
"""Bring a network of the article's layers from PyTorch or Keras into a weight file of the plugin, and back.

    convert.py from-torch STATE.safetensors --layers LAYERS --vocabulary TOKENS.json -o OUT.safetensors
    convert.py from-keras WEIGHTS.npz       --layers LAYERS --vocabulary TOKENS.json -o OUT.safetensors
    convert.py to-torch   FILE.safetensors  -o STATE.safetensors
    convert.py to-keras   FILE.safetensors  -o WEIGHTS.npz

LAYERS is the list that `ritornello train --network` takes, such as "embed:128, bilstm:512, attention:32, lstm:512, dense:256,
softmax"; sizes are multiples of 16. Needs numpy, and neither PyTorch nor Keras.

PyTorch: the state_dict of torch.nn.Sequential-like layers numbered as in LAYERS (index and dropout have no weights), saved by
safetensors.torch.save_file, with names that end as below (what stands before the number is cut off):

    embed        N.weight                                                                           nn.Embedding
    lstm         N.weight_ih_l0, N.weight_hh_l0, N.bias_ih_l0, N.bias_hh_l0                         nn.LSTM
    bilstm       the same, and again with _reverse behind                                           nn.LSTM(bidirectional=True)
    attention    N.query.weight, N.query.bias, N.key.weight, N.energy.weight, N.energy.bias         nn.Linear
    dense        N.weight, N.bias                                                                   nn.Linear, without activation
    softmax      N.weight, N.bias                                                                   nn.Linear: the logits

nn.LSTM has the gates in our order (input, forget, cell, output) and two biases, which are added up.

Keras: numpy.savez(FILE, *model.get_weights()), with the layers in the order of LAYERS. Kernels are [inputs][outputs] there and
transposed here; the gates have the order i, f, c, o, which is ours; the recurrent kernel is an array of its own. What
unit_forget_bias=True adds at the start of a training is in the bias already. A CuDNNLSTM's bias has two parts, which are added
up. Bidirectional has the forward layer's arrays, then the backward one's. Attention is SeqSelfAttention (keras-self-attention,
additive, attention_activation="sigmoid"): Wt, Wx, bh, Wa, ba.

TOKENS.json lists the tokens in the order of their numbers: [duration in ticks, of which a quarter has 24, then the pitches of the
chord; none is a rest], "start" or "end". The plugin's own order is start, end, then by pitches, then by duration. Where a network
has learned another one, its rows are sorted; that can't be done for the input `index`, which is the number itself.
"""

import argparse
import json
import struct
import sys

import numpy

FORMAT = "ritornello-1"


def fail(text):
    sys.exit(f"convert.py: {text}.")


# Files


def read_safetensors(path):
    with open(path, "rb") as file:
        data = file.read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8 : 8 + length])
    metadata = header.pop("__metadata__", {})
    types = {"F16": "<f2", "F32": "<f4", "F64": "<f8"}
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] in types:
            first, end = entry["data_offsets"]
            values = numpy.frombuffer(data[8 + length + first : 8 + length + end], types[entry["dtype"]])
            tensors[name] = values.reshape(entry["shape"]).astype("<f4")
    return metadata, tensors


def write_safetensors(path, metadata, tensors):
    header, offset = {"__metadata__": metadata} if metadata else {}, 0
    for name, value in tensors.items():
        header[name] = dict(dtype="F32", shape=list(value.shape), data_offsets=[offset, offset + 4 * value.size])
        offset += 4 * value.size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for value in tensors.values():
            file.write(numpy.ascontiguousarray(value, "<f4").tobytes())


# Layers


def parse(text):
    """[(kind, size)] of a list of layers"""
    layers = []
    for item in text.replace(" ", "").split(","):
        kind, _, size = item.partition(":")
        if kind not in ("index", "embed", "lstm", "bilstm", "attention", "dropout", "dense", "softmax"):
            fail(f"there is no layer {item}")
        if kind in ("embed", "lstm", "bilstm", "dense") and (not size.isdigit() or int(size) % 16):
            fail(f"the size of {item} is no multiple of 16; make it one, with weights of zero")
        layers.append((kind, size))
    return layers


def tidy_attention(query, key, bias, weight, offset):
    """Widen an attention layer to a multiple of 16 units. The offset of its energies, which we do not have, becomes a unit whose
    tanh is 1."""
    units = len(bias) + (offset != 0.0)
    more = (-units % 16) + units - len(bias)
    query, key = (numpy.pad(matrix, ((0, more), (0, 0))) for matrix in (query, key))
    bias, weight = (numpy.pad(vector, (0, more)) for vector in (bias, weight))
    if offset != 0.0:
        bias[units - 1], weight[units - 1] = 30.0, offset
    return dict(query=query, key=key, bias=bias, weight=weight)


def from_torch(layers, state):
    """Our tensors of a state_dict"""
    numbers = sorted({int(part) for name in state for part in name.split(".") if part.isdigit()})
    if not numbers:
        fail("the names of its tensors have no numbers of layers")
    named = {}
    for name, value in state.items():
        parts = name.split(".")
        place = next(i for i, part in enumerate(parts) if part.isdigit())
        named[".".join(parts[place:])] = value

    def take(name, default=None):
        if name not in named and default is None:
            fail(f"there is no tensor {name}")
        return named.get(name, default)

    found = {}
    for number, (kind, _) in enumerate(layers):
        ours, theirs = f"layer{number}.", f"{number}."
        if kind == "embed":
            found["embed"] = take(theirs + "weight")
        elif kind in ("lstm", "bilstm"):
            halves = [("", "")] if kind == "lstm" else [("forward.", ""), ("backward.", "_reverse")]
            for half, ending in halves:
                found[ours + half + "input"] = take(theirs + "weight_ih_l0" + ending)
                found[ours + half + "recurrent"] = take(theirs + "weight_hh_l0" + ending)
                found[ours + half + "bias"] = take(theirs + "bias_ih_l0" + ending) + take(theirs + "bias_hh_l0" + ending)
        elif kind == "attention":
            offset = float(take(theirs + "energy.bias", numpy.zeros(1)).reshape(-1)[0])
            parts = tidy_attention(take(theirs + "query.weight"), take(theirs + "key.weight"), take(theirs + "query.bias"),
                                   take(theirs + "energy.weight").reshape(-1), offset)
            found.update({ours + name: value for name, value in parts.items()})
        elif kind in ("dense", "softmax"):
            found[ours + "weight"], found[ours + "bias"] = take(theirs + "weight"), take(theirs + "bias")
    return found


def to_torch(layers, tensors):
    state = {}
    for number, (kind, _) in enumerate(layers):
        ours, theirs = f"layer{number}.", f"{number}."
        if kind == "embed":
            state[theirs + "weight"] = tensors["embed"]
        elif kind in ("lstm", "bilstm"):
            halves = [("", "")] if kind == "lstm" else [("forward.", ""), ("backward.", "_reverse")]
            for half, ending in halves:
                state[theirs + "weight_ih_l0" + ending] = tensors[ours + half + "input"]
                state[theirs + "weight_hh_l0" + ending] = tensors[ours + half + "recurrent"]
                state[theirs + "bias_ih_l0" + ending] = tensors[ours + half + "bias"]
                state[theirs + "bias_hh_l0" + ending] = numpy.zeros_like(tensors[ours + half + "bias"])
        elif kind == "attention":
            state[theirs + "query.weight"], state[theirs + "query.bias"] = tensors[ours + "query"], tensors[ours + "bias"]
            state[theirs + "key.weight"] = tensors[ours + "key"]
            state[theirs + "energy.weight"] = tensors[ours + "weight"].reshape(1, -1)
            state[theirs + "energy.bias"] = numpy.zeros(1, "f4")
        elif kind in ("dense", "softmax"):
            state[theirs + "weight"], state[theirs + "bias"] = tensors[ours + "weight"], tensors[ours + "bias"]
    return state


def from_keras(layers, arrays):
    """Our tensors of get_weights()"""
    arrays = list(arrays)

    def take(what):
        if not arrays:
            fail(f"there are too few arrays: none is left for {what}")
        return arrays.pop(0).astype("f4")

    found = {}
    for number, (kind, _) in enumerate(layers):
        name = f"layer{number}."
        if kind == "embed":
            found["embed"] = take("embed")
        elif kind in ("lstm", "bilstm"):
            for half in [""] if kind == "lstm" else ["forward.", "backward."]:
                found[name + half + "input"] = take(name + half).T
                found[name + half + "recurrent"] = take(name + half).T
                bias = take(name + half)
                gates = found[name + half + "recurrent"].shape[0]
                found[name + half + "bias"] = bias[:gates] + bias[gates:] if len(bias) == 2 * gates else bias
        elif kind == "attention":
            query, key, bias, weight = take(name).T, take(name).T, take(name), take(name).reshape(-1)
            offset = float(take(name).reshape(-1)[0]) if arrays and arrays[0].size == 1 else 0.0
            parts = tidy_attention(query, key, bias, weight, offset)
            found.update({name + part: value for part, value in parts.items()})
        elif kind in ("dense", "softmax"):
            found[name + "weight"], found[name + "bias"] = take(name).T, take(name)
    if arrays:
        fail(f"{len(arrays)} arrays are left over: are these the layers?")
    return found


def to_keras(layers, tensors):
    arrays = []
    for number, (kind, _) in enumerate(layers):
        name = f"layer{number}."
        if kind == "embed":
            arrays.append(tensors["embed"])
        elif kind in ("lstm", "bilstm"):
            for half in [""] if kind == "lstm" else ["forward.", "backward."]:
                arrays += [tensors[name + half + "input"].T, tensors[name + half + "recurrent"].T, tensors[name + half + "bias"]]
        elif kind == "attention":
            arrays += [tensors[name + "query"].T, tensors[name + "key"].T, tensors[name + "bias"],
                       tensors[name + "weight"].reshape(-1, 1), numpy.zeros(1, "f4")]
        elif kind in ("dense", "softmax"):
            arrays += [tensors[name + "weight"].T, tensors[name + "bias"]]
    return arrays


# Tokens


def sort_key(token):
    return (0,) if token == "start" else (1,) if token == "end" else (2, token[1:], token[0])


def renumber(layers, tensors, tokens):
    """Bring the tokens, and the rows that stand for them, into the plugin's order; add the start and the end if they lack."""
    count = len(tokens)
    order = sorted(range(count), key=lambda number: sort_key(tokens[number]))
    missing = [token for token in ("start", "end") if token not in tokens]
    softmax = f"layer{len(layers) - 1}."
    if missing == ["end"]:
        fail("a network that has a start of piece has to have an end as well")
    if len(tensors[softmax + "bias"]) != count:
        fail(f"{count} tokens are listed, and the network chooses from {len(tensors[softmax + 'bias'])}")
    if layers[0][0] == "index":
        # x = n / count is what it has learned; it will be given (n + missing) / (count + missing)
        if order != list(range(count)):
            fail("a network that is given the number of a token has to be trained with the plugin's order of tokens")
        for name in ("layer1.", "layer1.forward.", "layer1.backward."):
            if name + "input" in tensors:
                tensors[name + "bias"] = tensors[name + "bias"] - tensors[name + "input"][:, 0] * len(missing) / count
                tensors[name + "input"] = tensors[name + "input"] * (count + len(missing)) / count
    else:
        rows = tensors["embed"][order]
        tensors["embed"] = numpy.concatenate([numpy.zeros((len(missing), rows.shape[1]), "f4"), rows])
    weight, bias = tensors[softmax + "weight"][order], tensors[softmax + "bias"][order]
    tensors[softmax + "weight"] = numpy.concatenate([numpy.zeros((len(missing), weight.shape[1]), "f4"), weight])
    tensors[softmax + "bias"] = numpy.concatenate([numpy.full(len(missing), -100.0, "f4"), bias])  # Never chosen
    return [tokens[number] for number in order if tokens[number] not in ("start", "end")]


# Commands


def convert_in(options, tensors):
    layers = parse(options.layers)
    with open(options.vocabulary) as file:
        tokens = json.load(file)
    tokens = tokens["tokens"] if isinstance(tokens, dict) else tokens
    music = renumber(layers, tensors, tokens)
    # A layer of attention may be wider than it was
    text = ", ".join(f"attention:{len(tensors[f'layer{number}.bias'])}" if kind == "attention" else
                     f"{kind}:{size}" if size else kind for number, (kind, size) in enumerate(layers))
    network = dict(kind="windowed", layers=text, context=options.context, vocabulary=len(music) + 2)
    metadata = dict(format=FORMAT, network=json.dumps(network),
                    vocabulary=json.dumps(dict(format="tokens-1", tokens=music), separators=(",", ":")), styles="[]",
                    title=options.title, licence=options.licence, attribution=options.attribution)
    write_safetensors(options.output, metadata, tensors)


def read_windowed(path):
    metadata, tensors = read_safetensors(path)
    network = json.loads(metadata.get("network", "{}"))
    if network.get("kind") != "windowed":
        fail(f"{path} is no network of layers")
    return parse(network["layers"]), tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("direction", choices=["from-torch", "from-keras", "to-torch", "to-keras"])
    parser.add_argument("file")
    parser.add_argument("-o", "--output", required=True)
    parser.add_argument("--layers")
    parser.add_argument("--vocabulary", help="JSON file of the tokens")
    parser.add_argument("--context", type=int, default=100, help="tokens of a window (100)")
    parser.add_argument("--title", default="Converted")
    parser.add_argument("--licence", default="")
    parser.add_argument("--attribution", default="")
    options = parser.parse_args()
    if options.direction.startswith("from") and not (options.layers and options.vocabulary):
        parser.error("--layers and --vocabulary are needed")

    if options.direction == "from-torch":
        convert_in(options, from_torch(parse(options.layers), read_safetensors(options.file)[1]))
    elif options.direction == "from-keras":
        with numpy.load(options.file) as arrays:
            convert_in(options, from_keras(parse(options.layers), [arrays[f"arr_{i}"] for i in range(len(arrays.files))]))
    elif options.direction == "to-torch":
        write_safetensors(options.output, None, to_torch(*read_windowed(options.file)))
    else:
        numpy.savez(options.output, *to_keras(*read_windowed(options.file)))


if __name__ == "__main__":
    main()
