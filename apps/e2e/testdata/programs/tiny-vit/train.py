"""Moves the weights of a tiny vision transformer about, step by step: no training, but what a training does to its host."""
import array
import hashlib
import json
import struct
import time

import vitrine_stage as stage

MODEL = {"width": 8, "heads": 2, "depth": 1, "patchSize": 8, "mlpRatio": 2}
D, HIDDEN, PATCHES, CLASSES = 8, 16, 16, 10
SHAPES = {
    "cls_token": [1, 1, D],
    "pos_embed": [1, PATCHES + 1, D],
    "patch_embed.proj.weight": [D, 3, 8, 8],
    "patch_embed.proj.bias": [D],
    "blocks.0.norm1.weight": [D],
    "blocks.0.norm1.bias": [D],
    "blocks.0.attn.qkv.weight": [3 * D, D],
    "blocks.0.attn.qkv.bias": [3 * D],
    "blocks.0.attn.proj.weight": [D, D],
    "blocks.0.attn.proj.bias": [D],
    "blocks.0.norm2.weight": [D],
    "blocks.0.norm2.bias": [D],
    "blocks.0.mlp.fc1.weight": [HIDDEN, D],
    "blocks.0.mlp.fc1.bias": [HIDDEN],
    "blocks.0.mlp.fc2.weight": [D, HIDDEN],
    "blocks.0.mlp.fc2.bias": [D],
    "norm.weight": [D],
    "norm.bias": [D],
    "head.weight": [CLASSES, D],
    "head.bias": [CLASSES],
}


def size(shape):
    product = 1
    for length in shape:
        product *= length
    return product


def floats(words, count):
    """Numbers below 1 that depend on the words alone."""
    values = array.array("f")
    block = 0
    while len(values) < count:
        digest = hashlib.sha256(("%s %d" % (words, block)).encode()).digest()
        values.extend(int(word) / 2**32 - 0.5 for word in struct.unpack("<8I", digest))
        block += 1
    return values[:count]


def moved(weights, step):
    """Depends on the weights before: a step that is left out or done twice shows in all that follow."""
    digest = hashlib.sha256(b"".join(weights[name].tobytes() for name in sorted(weights))).hexdigest()
    for name, values in weights.items():
        change = floats("%s %s %d" % (digest, name, step), len(values))
        weights[name] = array.array("f", (value + 0.1 * move for value, move in zip(values, change)))
    return digest


def write_safetensors(path, weights):
    header = {"__metadata__": {"architecture": json.dumps(MODEL), "format": "pt"}}
    end = 0
    for name in sorted(weights):
        begin, end = end, end + 4 * len(weights[name])
        header[name] = {"dtype": "F32", "shape": SHAPES[name], "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for name in sorted(weights):
            file.write(weights[name].tobytes())


step, total = stage.resumed_step, stage.params["steps"]
if stage.resumed:
    weights = {name: array.array("f", (stage.resumed / name).read_bytes()) for name in SHAPES}
else:
    weights = {name: floats("%d %s" % (stage.seed, name), size(shape)) for name, shape in SHAPES.items()}
while step < total:
    step += 1
    digest = moved(weights, step)
    time.sleep(stage.params["sleep"])
    stage.progress(step, total, phase="train", loss=int(digest[:4], 16) / 2**16)
    if step % 5 == 0 or stage.cancelled():
        with stage.checkpoint(step) as folder:
            for name, values in weights.items():
                (folder / name).write_bytes(values.tobytes())
    if stage.cancelled():
        raise SystemExit(stage.CANCELLED)
write_safetensors(stage.outputs["model"], weights)
