"""Trains a small vision transformer of timm on the CIFAR-10 images that ship with Vitrine, as a stage of kind `command`.

Killed at any moment it goes on from its last checkpoint, and on a CPU ends with the very bytes of an undisturbed training:
what happens in a step depends on the seed and the number of the step, and on nothing that is not in the checkpoint.
"""

import json
import math
import pathlib

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from timm.models.vision_transformer import VisionTransformer

import vitrine_stage as stage

MEAN, STD = (0.4914, 0.4822, 0.4465), (0.247, 0.2435, 0.2616)


def images(split, folder=pathlib.Path(__file__).parent / "cifar10"):
    """Pixels [N, 3, 32, 32] in [0, 1] and labels [N] of the sample's contact sheets."""
    manifest = json.loads((folder / "manifest.json").read_text())
    size, columns, rows = (manifest["tile"][key] for key in ("size", "columns", "rows"))
    facts = manifest["splits"][split]
    tiles = []
    for sheet in facts["sheets"]:
        pixels = np.asarray(Image.open(folder / sheet["file"]).convert("RGB"))
        grid = pixels.reshape(rows, size, columns, size, 3).transpose(0, 2, 4, 1, 3)
        tiles.append(grid.reshape(rows * columns, 3, size, size))
    pixels = torch.from_numpy(np.concatenate(tiles)[: facts["count"]].copy()).float() / 255
    return pixels, torch.tensor([int(label) for label in facts["labels"]])


def batch_of(step, count, size):
    """Indices of the images of a step, and which of them are mirrored: a function of the seed and the step."""
    steps_per_epoch = count // size
    epoch, place = divmod(step - 1, steps_per_epoch)
    order = torch.randperm(count, generator=torch.Generator().manual_seed(stage.seed * 100_003 + epoch))
    mirrored = torch.rand(size, generator=torch.Generator().manual_seed(stage.seed * 1_000_003 + step)) < 0.5
    return order[place * size : (place + 1) * size], mirrored


def learning_rate(step, total, peak):
    warmup = max(1, total // 20)
    if step <= warmup:
        return peak * step / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))


def accuracy(model, pixels, labels):
    model.eval()
    with torch.inference_mode():
        right = sum(
            (model(pixels[at : at + 256]).argmax(1) == labels[at : at + 256]).sum().item()
            for at in range(0, len(labels), 256)
        )
    model.train()
    return right / len(labels)


def main():
    params = stage.params
    torch.use_deterministic_algorithms(True)
    torch.manual_seed(stage.seed)
    spec = {"width": params["width"], "depth": params["depth"], "heads": params["heads"], "patchSize": 8}
    model = VisionTransformer(
        img_size=32,
        patch_size=spec["patchSize"],
        embed_dim=spec["width"],
        depth=spec["depth"],
        num_heads=spec["heads"],
        num_classes=10,
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.05)
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    train_pixels, train_labels = images("train")
    test_pixels, test_labels = images("test")
    train_pixels, test_pixels = (train_pixels - mean) / std, (test_pixels - mean) / std

    step, total = stage.resumed_step, params["steps"]
    if stage.resumed:
        state = torch.load(stage.resumed / "state.pt", weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        stage.log(f"goes on after step {step}")
    while step < total:
        step += 1
        chosen, mirrored = batch_of(step, len(train_labels), params["batchSize"])
        pixels = train_pixels[chosen]
        pixels = torch.where(mirrored.view(-1, 1, 1, 1), pixels.flip(3), pixels)
        loss = torch.nn.functional.cross_entropy(model(pixels), train_labels[chosen], label_smoothing=0.1)
        optimizer.zero_grad()
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, total, params["learningRate"])
        optimizer.step()
        stage.progress(step, total, phase="train", loss=loss)
        if step % params["checkpointEvery"] == 0 or stage.cancelled():
            with stage.checkpoint(step) as folder:
                torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, folder / "state.pt")
        if stage.cancelled():
            raise SystemExit(stage.CANCELLED)
    stage.metrics(testAccuracy=accuracy(model, test_pixels, test_labels))
    weights = {name: tensor.contiguous() for name, tensor in model.state_dict().items()}
    # Our stages read the architecture from here; what is left out has its default there.
    save_file(weights, stage.outputs["model"], metadata={"architecture": json.dumps(spec)})


main()
