# Copyright 2026 The Ritornello authors
# SPDX-License-Identifier: ISC
#
# test_convert.py CONVERT REFERENCE - tools/convert.py brings networks of PyTorch's own layers and of Keras' formulas into weight
# files that compute the same, and back. REFERENCE is test_windowed_reference, which compares what the trainer and the plugin's
# engine compute with what PyTorch did. Skipped (77) without torch or numpy.

import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy
    import torch
except ImportError:
    sys.exit(77)

CONTEXT, WINDOWS = 9, 3
MUSIC = [[6], [12], [12, 48], [24, 48], [24, 48, 55, 64], [12, 60], [24, 60], [12, 60, 64], [24, 60, 64], [48, 72]]
TOKENS = ["start", "end"] + MUSIC
EMBED = "embed:16, bilstm:16, attention:16, dropout:0.3, lstm:16, dense:16, softmax"
INDEX = "index, bilstm:32, attention:16, lstm:16, dense:16, softmax"


class Attention(torch.nn.Module):
    def __init__(self, inputs, units, has_offset):
        super().__init__()
        self.query, self.key = torch.nn.Linear(inputs, units), torch.nn.Linear(inputs, units, bias=False)
        self.energy = torch.nn.Linear(units, 1, bias=has_offset)

    def forward(self, xs):  # xs [B][T][I]
        energies = torch.sigmoid(self.energy(torch.tanh(self.query(xs)[:, :, None] + self.key(xs)[:, None])))[..., 0]
        return torch.softmax(energies, 2) @ xs


class Windowed(torch.nn.Module):
    def __init__(self, text, vocabulary, has_offset):
        super().__init__()
        self.layers, width = torch.nn.ModuleList(), 1
        self.vocabulary = vocabulary
        for item in text.split(", "):
            kind, _, size = item.partition(":")
            size = int(size) if size.isdigit() else vocabulary
            if kind == "embed":
                layer, width = torch.nn.Embedding(vocabulary, size), size
            elif kind in ("lstm", "bilstm"):
                layer = torch.nn.LSTM(width, size, batch_first=True, bidirectional=kind == "bilstm")
                width = size * (1 + (kind == "bilstm"))
            elif kind == "attention":
                layer = Attention(width, size, has_offset)
            elif kind in ("dense", "softmax"):
                layer, width = torch.nn.Linear(width, size), size
            else:
                layer = torch.nn.Identity()
            self.layers.append(layer)

    def forward(self, windows):  # [B][T]
        xs = windows
        for layer in self.layers:
            if isinstance(layer, torch.nn.Linear) and xs.dim() == 3:
                xs = xs[:, -1]
            if isinstance(layer, torch.nn.LSTM):
                xs = layer(xs if xs.dim() == 3 else xs[..., None].double() / self.vocabulary)[0]
            else:
                xs = layer(xs)
        return xs


def f4(value):
    return value.detach().numpy().astype("f4")


def run(folder, *arguments):
    subprocess.run([sys.executable, CONVERT, *map(str, arguments)], check=True, cwd=folder)


def bring(folder, model, text, tokens, name):
    """Convert a model; return the path of the weight file"""
    (folder / "tokens.json").write_text(json.dumps(tokens))
    files.write_safetensors(folder / "state.safetensors", None, {f"model.{key}": f4(value) for key, value in model.state_dict().items()})
    run(folder, "from-torch", "state.safetensors", "--layers", text, "--vocabulary", "tokens.json", "--context", CONTEXT, "-o", name)
    return folder / name


def write_reference(folder, text, random):
    """A converted network, with windows and what PyTorch computes for them, for REFERENCE"""
    model = Windowed(text, len(TOKENS), False).double()
    with torch.no_grad():
        for value in model.parameters():
            value.copy_(torch.tensor(random.normal(0.0, 0.5, value.shape).astype("f4")))
    path = bring(folder, model, text, TOKENS, "reference.safetensors")
    windows = random.integers(2, len(TOKENS), (CONTEXT, WINDOWS))
    windows[:4, 1] = 0
    targets = random.integers(1, len(TOKENS), WINDOWS)
    # Each tensor rounded once, as the file has it: the two biases of an LSTM are one there
    with torch.no_grad():
        for name, value in model.named_parameters():
            if "bias_hh" in name:
                twin = dict(model.named_parameters())[name.replace("_hh_", "_ih_")]
                twin.copy_(torch.tensor((twin.numpy().astype("f4") + value.numpy().astype("f4")).astype("f4")))
                value.zero_()
    logits = model(torch.tensor(windows.T))
    losses = -torch.log_softmax(logits, 1)[torch.arange(WINDOWS), torch.tensor(targets)]
    losses.sum().backward()
    gradients = {f"layers.{name.split('.', 1)[1]}": f4(value.grad) for name, value in model.named_parameters()}
    for name in gradients:
        if "bias_hh" in name:
            gradients[name] = numpy.zeros_like(gradients[name])  # One bias, one gradient
    metadata, tensors = files.read_safetensors(path)
    ours = files.from_torch(files.parse(text), gradients)
    tensors.update({f"gradient.{name}": value for name, value in ours.items()})
    tensors.update(windows=windows.astype("f4"), targets=targets.astype("f4"), logits=f4(logits), losses=f4(losses))
    files.write_safetensors(path, metadata, tensors)
    return path


def logits_of(path, windows):
    """What a weight file's network gives, by PyTorch's layers again, after to-torch"""
    run(path.parent, "to-torch", path.name, "-o", "back.safetensors")
    metadata, _ = files.read_safetensors(path)
    network = json.loads(metadata["network"])
    model = Windowed(network["layers"], network["vocabulary"], True).double()
    _, state = files.read_safetensors(path.parent / "back.safetensors")
    model.load_state_dict({f"layers.{name}": torch.tensor(value).double() for name, value in state.items()})
    return model(torch.tensor(windows)).detach().numpy()


def keras_logits(arrays, text, windows, vocabulary):
    """Keras' and keras-self-attention's formulas, on get_weights()"""
    arrays = list(arrays)
    sigmoid = lambda x: 1.0 / (1.0 + numpy.exp(-x))

    def lstm(xs):
        kernel, recurrent, bias = arrays.pop(0), arrays.pop(0), arrays.pop(0)
        bias = bias.reshape(-1, kernel.shape[1]).sum(0)
        h = c = numpy.zeros((len(xs), recurrent.shape[0]))
        outputs = []
        for t in range(xs.shape[1]):
            i, f, g, o = numpy.split(xs[:, t] @ kernel + h @ recurrent + bias, 4, axis=1)
            c = sigmoid(f) * c + sigmoid(i) * numpy.tanh(g)
            h = sigmoid(o) * numpy.tanh(c)
            outputs.append(h)
        return numpy.stack(outputs, 1)

    xs = windows
    for item in text.split(", "):
        kind = item.split(":")[0]
        if kind == "index":
            xs = windows[..., None] / vocabulary
        elif kind == "embed":
            xs = arrays.pop(0)[windows]
        elif kind == "lstm":
            xs = lstm(xs)
        elif kind == "bilstm":
            forward = lstm(xs)
            xs = numpy.concatenate([forward, lstm(xs[:, ::-1])[:, ::-1]], 2)
        elif kind == "attention":
            wt, wx, bh, wa, ba = (arrays.pop(0) for _ in range(5))
            e = sigmoid(numpy.tanh((xs @ wt)[:, :, None] + (xs @ wx)[:, None] + bh) @ wa + ba)[..., 0]
            shares = numpy.exp(e) / numpy.exp(e).sum(2, keepdims=True)
            xs = shares @ xs
        elif kind in ("dense", "softmax"):
            xs = (xs[:, -1] if xs.ndim == 3 else xs) @ arrays.pop(0) + arrays.pop(0)
    assert not arrays
    return xs


def keras_arrays(text, vocabulary, attention, random):
    arrays, width = [], 1
    normal = lambda *shape: random.normal(0.0, 0.5, shape)
    for item in text.split(", "):
        kind, _, size = item.partition(":")
        size = int(size) if size.isdigit() else vocabulary
        if kind == "embed":
            arrays, width = arrays + [normal(vocabulary, size)], size
        elif kind in ("lstm", "bilstm"):
            for _ in range(1 + (kind == "bilstm")):  # The last one's bias as CuDNNLSTM has it
                arrays += [normal(width, 4 * size), normal(size, 4 * size), normal(4 * size if kind == "bilstm" else 8 * size)]
            width = size * (1 + (kind == "bilstm"))
        elif kind == "attention":
            arrays += [normal(width, attention), normal(width, attention), normal(attention), normal(attention, 1), normal(1)]
        elif kind in ("dense", "softmax"):
            arrays, width = arrays + [normal(width, size), normal(size)], size
    return arrays


def assert_near(a, b, what):
    difference = numpy.abs(a - b).max()
    assert difference < 2e-5, f"{what}: {difference}"
    print(f"{what}: differs by {difference:.1e}")


def main():
    random = numpy.random.default_rng(7)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        # PyTorch's layers, and what trainer and engine make of the file
        for text in (EMBED, INDEX):
            path = write_reference(folder, text, random)
            subprocess.run([REFERENCE, path], check=True, stdout=subprocess.DEVNULL)

        # There and back: the same numbers
        for text in (EMBED, INDEX):
            model = Windowed(text, len(TOKENS), False).double()
            path = bring(folder, model, text, TOKENS, "there.safetensors")
            run(folder, "to-torch", path.name, "-o", "back.safetensors")
            run(folder, "from-torch", "back.safetensors", "--layers", text, "--vocabulary", "tokens.json", "--context", CONTEXT,
                "-o", "again.safetensors")
            assert path.read_bytes() == (folder / "again.safetensors").read_bytes(), "another file after to-torch and back"
            run(folder, "to-keras", path.name, "-o", "back.npz")
            run(folder, "from-keras", "back.npz", "--layers", text, "--vocabulary", "tokens.json", "--context", CONTEXT,
                "-o", "again.safetensors")
            assert path.read_bytes() == (folder / "again.safetensors").read_bytes(), "another file after to-keras and back"

        # An offset of the energies, tokens in another order, no start and no end
        shuffled = [MUSIC[number] for number in random.permutation(len(MUSIC))]
        for text, tokens in ((EMBED, shuffled), (INDEX, MUSIC)):
            model = Windowed(text, len(tokens), True).double()
            path = bring(folder, model, text, tokens, "bare.safetensors")
            theirs = random.integers(0, len(tokens), (20, CONTEXT))
            number = numpy.array([TOKENS.index(token) for token in tokens])
            ours = logits_of(path, number[theirs])[:, number]
            assert_near(ours, model(torch.tensor(theirs)).detach().numpy(), "PyTorch, " + text)

        # Keras
        for text, tokens, attention in ((EMBED, shuffled, 16), (INDEX, MUSIC, 24)):
            arrays = [array.astype("f4") for array in keras_arrays(text, len(tokens), attention, random)]
            numpy.savez(folder / "keras.npz", *arrays)
            (folder / "tokens.json").write_text(json.dumps(tokens))
            run(folder, "from-keras", "keras.npz", "--layers", text, "--vocabulary", "tokens.json", "--context", CONTEXT, "-o", "k.safetensors")
            theirs = random.integers(0, len(tokens), (20, CONTEXT))
            number = numpy.array([TOKENS.index(token) for token in tokens])
            ours = logits_of(folder / "k.safetensors", number[theirs])[:, number]
            assert_near(ours, keras_logits(arrays, text, theirs, len(tokens)), "Keras, " + text)


CONVERT, REFERENCE = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2]
sys.path.insert(0, str(CONVERT.parent))
import convert as files

main()
