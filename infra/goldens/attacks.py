"""Golden values of attacks by torchattacks, and of calibration by torchmetrics, on the model and the images that ship.

Usage: python attacks.py REPOSITORY (or `npm run goldens`, which makes the environment first)
"""

import json
import sys
from pathlib import Path

import generate
import numpy as np
import safetensors.torch
import timm
import torch
import torchattacks
import torchmetrics
from PIL import Image

IMAGES = 60
EPSILON = 1 / 255
STANDARD = ("apgd-ce", "apgd-t", "fab-t", "square")


def model_and_images(samples):
    file = samples / "models" / "cifar10-vit-p8-w96-d6.safetensors"
    with safetensors.safe_open(file, "pt") as opened:
        config = json.loads(next(text for text in opened.metadata().values() if "imageSize" in text))
    vit = timm.models.vision_transformer.VisionTransformer(
        img_size=32, patch_size=8, num_classes=10, embed_dim=96, depth=6, num_heads=3, mlp_ratio=config["mlpRatio"]
    )
    vit.load_state_dict(safetensors.torch.load_file(file), strict=True)
    mean, std = (torch.tensor(config[name]).view(1, 3, 1, 1) for name in ("mean", "std"))

    class Normalised(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.vit = vit

        def forward(self, pixels):
            return self.vit((pixels - mean) / std)

    manifest = json.loads((samples / "cifar10" / "manifest.json").read_text())
    tile, test = manifest["tile"], manifest["splits"]["test"]
    sheet = np.asarray(Image.open(samples / "cifar10" / test["sheets"][0]["file"]).convert("RGB"))
    size = tile["size"]
    places = [divmod(image, tile["columns"]) for image in range(IMAGES)]
    tiles = np.stack([sheet[r * size : (r + 1) * size, c * size : (c + 1) * size] for r, c in places])
    pixels = torch.tensor(tiles).permute(0, 3, 1, 2).contiguous().float() / 255
    labels = torch.tensor([int(digit) for digit in test["labels"][:IMAGES]])
    return Normalised().eval(), pixels, labels


def outcome(model, attacked, clean, labels):
    with torch.no_grad():
        right = model(attacked).argmax(1) == labels
    changes = (attacked - clean).flatten(1)
    return right, {
        "correct": int(right.sum()),
        "distance": float(changes.norm(dim=1).mean()),
        "furthest": float(changes.abs().max()),
    }


def main(repository):
    model, pixels, labels = model_and_images(repository / "infra" / "samples")
    generate.VERSIONS |= {"torchattacks": torchattacks.__version__, "torchmetrics": torchmetrics.__version__}
    calibration(model, pixels, labels, repository)
    torch.manual_seed(0)
    common = {"eps": EPSILON, "norm": "Linf", "n_restarts": 1, "seed": 0}
    attacks = {
        "clean": None,
        "apgd-ce": torchattacks.APGD(model, loss="ce", steps=10, **common),
        "apgd-t": torchattacks.APGDT(model, steps=5, n_classes=10, **common),
        "fab-t": torchattacks.FAB(model, steps=5, multi_targeted=True, n_classes=10, **common),
        "square": torchattacks.Square(model, n_queries=100, loss="margin", resc_schedule=False, **common),
        "carlini-wagner": torchattacks.CW(model, c=1, kappa=0, steps=15, lr=0.01),
        "deepfool": torchattacks.DeepFool(model, steps=10, overshoot=0.02),
    }
    outcomes, left = {}, torch.ones(IMAGES, dtype=torch.bool)
    for name, attack in attacks.items():
        attacked = attack(pixels, labels) if attack else pixels
        right, outcomes[name] = outcome(model, attacked.detach(), pixels, labels)
        print(name, outcomes[name], flush=True)
        if name in STANDARD:
            left &= right
    outcomes["union"] = {"correct": int(left.sum())}
    path = repository / "activities" / "stages" / "src" / "evaluation" / "attacks.golden.json"
    about = "torchattacks on the model that ships and its first 60 test images; 10, 5 and 5 steps, 100 queries, 15 and 10 steps"
    generate.write_json(path, 0.005, about, {"images": IMAGES, "epsilon": EPSILON, "outcomes": outcomes})


def calibration(model, pixels, labels, repository):
    with torch.no_grad():
        logits = model(pixels).double()
    probabilities = logits.softmax(1)
    error = torchmetrics.functional.classification.multiclass_calibration_error
    onehot = torch.nn.functional.one_hot(labels, 10)
    content = {
        "logits": [round(float(value), 6) for value in logits.float().flatten()],
        "labels": labels.tolist(),
        "classes": 10,
    }
    again = torch.tensor(content["logits"], dtype=torch.float64).float().double().view(-1, 10)
    probabilities = again.softmax(1)
    content |= {
        "ece": float(error(probabilities, labels, num_classes=10, n_bins=15, norm="l1")),
        "mce": float(error(probabilities, labels, num_classes=10, n_bins=15, norm="max")),
        "brier": float(((probabilities - onehot) ** 2).sum(1).mean()),
        "nll": float(torch.nn.functional.cross_entropy(again, labels)),
        "top5": float(torchmetrics.functional.classification.multiclass_accuracy(again, labels, 10, top_k=5, average="micro")),
    }
    path = repository / "activities" / "ml" / "statistics" / "src" / "calibration.golden.json"
    generate.write_json(path, 1e-6, "torchmetrics 15 bins, PyTorch's cross-entropy, Brier by NumPy", content)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
