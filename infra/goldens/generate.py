"""Writes the golden files that specs compare with: reference values of timm, PyTorch and SciPy.

Everything is computed in float64 and stored in float32 (JSON: as it is), so a golden carries no rounding of its own worth
speaking of. Each file records this generator, the library versions and the tolerance its spec demands.

Usage: python generate.py REPOSITORY (or `npm run goldens`, which makes the environment first)
"""

import json
import re
import sys
from functools import partial
from pathlib import Path

import numpy as np
import safetensors.torch
import scipy
import scipy.linalg
import timm
import torch
from explanations import explain
from timm.data.mixup import mixup_target
from timm.loss import SoftTargetCrossEntropy
from timm.models.vision_transformer import Block, VisionTransformer
from timm.scheduler import CosineLRScheduler

MEAN = [0.4914, 0.4822, 0.4465]
STD = [0.247, 0.2435, 0.2616]
VERSIONS = {
    "torch": torch.__version__.split("+")[0],
    "timm": timm.__version__,
    "scipy": scipy.__version__,
    "numpy": np.__version__,
}


def provenance(tolerance, about):
    return {
        "about": about,
        "generator": "infra/goldens/generate.py",
        "versions": VERSIONS,
        "tolerance": tolerance,
    }


def write_json(path, tolerance, about, content):
    text = json.dumps({**provenance(tolerance, about), **content}, indent=1)
    # One number per line would bury the structure: lists of numbers go on one line.
    path.write_text(inline_numbers(text) + "\n")
    print(f"{path.name}: {path.stat().st_size} bytes")


def inline_numbers(text):
    return re.sub(r"\[\s*([^\[\]{}]*?)\s*\]", lambda match: f"[{' '.join(match[1].split())}]", text)


def write_safetensors(path, tolerance, about, tensors):
    # One entry: the library writes several in random order.
    metadata = {"provenance": json.dumps(provenance(tolerance, about))}
    stored = {
        name: (tensor.float() if tensor.dtype == torch.float64 else tensor).detach().contiguous()
        for name, tensor in tensors.items()
    }
    safetensors.torch.save_file(stored, path, metadata)
    print(f"{path.name}: {path.stat().st_size} bytes")


def randomise(module, seed, scale):
    """Weights far from their initial values, so that every parameter matters; exact in float16, which halves the file."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64) * scale
            centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
            parameter.copy_((noise + centre).half().double())


class NormalisedVit(torch.nn.Module):
    def __init__(self, **shape):
        super().__init__()
        self.vit = VisionTransformer(img_size=32, patch_size=8, num_classes=10, **shape).double().eval()

    def forward(self, pixels):
        mean = torch.tensor(MEAN, dtype=torch.float64).view(1, 3, 1, 1)
        std = torch.tensor(STD, dtype=torch.float64).view(1, 3, 1, 1)
        return self.vit((pixels - mean) / std)


def vit(folder):
    """Width 32, depth 2, heads 2: logits, loss, gradients by all parameters and by the pixels."""
    model = NormalisedVit(embed_dim=32, depth=2, num_heads=2)
    randomise(model.vit, seed=1, scale=0.15)
    generator = torch.Generator().manual_seed(2)
    bytes_BCHW = torch.randint(0, 256, (2, 3, 32, 32), generator=generator, dtype=torch.uint8)
    pixels = (bytes_BCHW.double() / 255).requires_grad_()
    labels = torch.tensor([3, 7])
    logits = model(pixels)
    loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
    loss.backward()
    tensors = {"input.bytes": bytes_BCHW, "input.labels": labels.int()}
    tensors |= {"output.logits": logits, "output.loss": loss.view(1), "gradient.input": pixels.grad}
    for name, parameter in model.vit.named_parameters():
        tensors[f"weight.{name}"] = parameter.half()
        tensors[f"gradient.{name}"] = parameter.grad
    about = "timm VisionTransformer img 32, patch 8, width 32, depth 2, heads 2; cross-entropy with label smoothing 0.1"
    write_safetensors(folder / "vit.golden.safetensors", 1e-4, about, tensors)


def blocks(folder):
    """The two halves of one block, with weights large enough to reach every part of softmax and GELU."""
    block = Block(dim=8, num_heads=2, qkv_bias=True, norm_layer=partial(torch.nn.LayerNorm, eps=1e-6))
    block = block.double().eval()
    randomise(block, seed=3, scale=0.8)
    generator = torch.Generator().manual_seed(4)
    tensors = {f"weight.{name}": parameter.half() for name, parameter in block.named_parameters()}
    halves = {
        "attention": lambda x: x + block.attn(block.norm1(x)),
        "mlp": lambda x: x + block.mlp(block.norm2(x)),
    }
    for half, function in halves.items():
        block.zero_grad()
        x = torch.randn(3, 5, 8, generator=generator, dtype=torch.float64).float().double().requires_grad_()
        cotangent = torch.randn(3, 5, 8, generator=generator, dtype=torch.float64).float().double()
        y = function(x)
        y.backward(cotangent)
        tensors |= {f"{half}.x": x, f"{half}.y": y, f"{half}.cotangent": cotangent, f"{half}.gradient.x": x.grad}
        for name, parameter in block.named_parameters():
            if parameter.grad is not None and parameter.grad.abs().sum() > 0:
                tensors[f"{half}.gradient.{name}"] = parameter.grad.clone()
    about = "timm Block width 8, heads 2 on 3 images of 5 tokens; values and gradients of each residual half"
    write_safetensors(folder / "blocks.golden.safetensors", 1e-5, about, tensors)


def adamw(folder):
    generator = torch.Generator().manual_seed(5)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64).float().double()

    shapes = {"head.weight": (3, 4), "head.bias": (3,), "norm.weight": (3,)}
    start = {name: draw(*shape) for name, shape in shapes.items()}
    hyper = {"learningRate": 0.01, "beta1": 0.9, "beta2": 0.95, "epsilon": 1e-8, "weightDecay": 0.1}
    parameters = {name: torch.nn.Parameter(value.clone()) for name, value in start.items()}
    optimizer = torch.optim.AdamW(
        parameters.values(),
        lr=hyper["learningRate"],
        betas=(hyper["beta1"], hyper["beta2"]),
        eps=hyper["epsilon"],
        weight_decay=hyper["weightDecay"],
    )
    steps = []
    for _ in range(4):
        grads = {name: draw(*shape) for name, shape in shapes.items()}
        for name, parameter in parameters.items():
            parameter.grad = grads[name].clone()
        optimizer.step()
        steps.append(
            {
                "grads": {name: value.flatten().tolist() for name, value in grads.items()},
                "params": {name: value.detach().flatten().tolist() for name, value in parameters.items()},
            }
        )
    state = {name: optimizer.state[parameter] for name, parameter in parameters.items()}
    content = {
        "hyper": hyper,
        "shapes": {name: list(shape) for name, shape in shapes.items()},
        "start": {name: value.flatten().tolist() for name, value in start.items()},
        "steps": steps,
        "m": {name: slots["exp_avg"].flatten().tolist() for name, slots in state.items()},
        "v": {name: slots["exp_avg_sq"].flatten().tolist() for name, slots in state.items()},
    }
    write_json(folder / "adamw.golden.json", 1e-6, "torch.optim.AdamW, four steps", content)


def cosine_schedule(folder):
    cases = []
    for options in (
        {"learningRate": 1e-3, "minLearningRate": 1e-5, "warmupSteps": 0, "totalSteps": 20},
        {"learningRate": 0.5, "minLearningRate": 0.0, "warmupSteps": 5, "totalSteps": 17},
    ):
        peak, warmup = options["learningRate"], options["warmupSteps"]
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=peak)
        scheduler = CosineLRScheduler(
            optimizer,
            t_initial=options["totalSteps"] - warmup,
            lr_min=options["minLearningRate"],
            warmup_t=warmup,
            warmup_lr_init=peak / (warmup + 1),
            warmup_prefix=True,
            t_in_epochs=False,
        )
        values = [scheduler._get_lr(step)[0] for step in range(options["totalSteps"] + 3)]
        cases.append({"options": options, "learningRates": values})
    write_json(folder / "cosine-schedule.golden.json", 1e-12, "timm CosineLRScheduler", {"cases": cases})


def null_space(folder):
    generator = np.random.default_rng(6)

    def draw(*shape):
        return generator.standard_normal(shape).astype(np.float32).astype(np.float64)

    matrices = {
        "wide, full rank": draw(4, 9),
        "wide, rank 2": draw(4, 2) @ draw(2, 9),
        "square, rank 4": draw(6, 4) @ draw(4, 6),
        "tall, full rank": draw(9, 4),
        "tall, rank 3": draw(9, 3) @ draw(3, 5),
    }
    cases = []
    for name, matrix in matrices.items():
        basis = scipy.linalg.null_space(matrix, rcond=np.finfo(np.float32).eps * max(matrix.shape))
        cases.append(
            {
                "name": name,
                "rows": matrix.shape[0],
                "columns": matrix.shape[1],
                "data": matrix.flatten().tolist(),
                "rank": matrix.shape[1] - basis.shape[1],
                "singularValues": scipy.linalg.svdvals(matrix).tolist(),
                "projector": (basis @ basis.T).flatten().tolist(),
            }
        )
    write_json(folder / "null-space.golden.json", 1e-12, "scipy.linalg.null_space", {"cases": cases})


def cross_entropy(folder):
    generator = torch.Generator().manual_seed(7)
    logits = (torch.randn(4, 5, generator=generator, dtype=torch.float64) * 3).float().double()
    labels = torch.tensor([0, 4, 2, 2])
    cases = []
    for smoothing in (0.0, 0.1):
        variable = logits.clone().requires_grad_()
        loss = torch.nn.functional.cross_entropy(variable, labels, label_smoothing=smoothing)
        loss.backward()
        cases.append(
            {"labelSmoothing": smoothing, "loss": loss.item(), "gradient": variable.grad.flatten().tolist()}
        )
    content = {
        "logits": logits.flatten().tolist(),
        "labels": labels.tolist(),
        "cases": cases,
        "mixed": mixed_cross_entropy(logits, labels),
        "divergence": divergence(logits),
    }
    about = "torch cross_entropy with label smoothing, of timm's mixup targets, and kl_div as TRADES takes it"
    write_json(folder / "cross-entropy.golden.json", 1e-6, about, content)


def mixed_cross_entropy(logits, labels):
    """timm's targets of mixup, whose partners are the batch reversed and whose share is one for the batch."""
    share, smoothing = 0.3, 0.1
    targets = mixup_target(labels, 5, share, smoothing).double()
    variable = logits.clone().requires_grad_()
    loss = SoftTargetCrossEntropy()(variable, targets)
    loss.backward()
    return {
        "labelSmoothing": smoothing,
        "share": share,
        "loss": loss.item(),
        "gradient": variable.grad.flatten().tolist(),
    }


def divergence(logits):
    clean = logits.clone().requires_grad_()
    attacked = (logits.flip(0) * 0.7).float().double().requires_grad_()
    functional = torch.nn.functional
    loss = functional.kl_div(
        functional.log_softmax(attacked, 1), functional.softmax(clean, 1), reduction="batchmean"
    )
    loss.backward()
    return {
        "attacked": attacked.flatten().tolist(),
        "loss": loss.item(),
        "cleanGradient": clean.grad.flatten().tolist(),
        "attackedGradient": attacked.grad.flatten().tolist(),
    }


def explanations(folder):
    """Every explanation of two images by a ViT whose attention is far from uniform."""
    model = NormalisedVit(embed_dim=32, depth=3, num_heads=4)
    randomise(model.vit, seed=21, scale=0.25)
    generator = torch.Generator().manual_seed(22)
    bytes_BCHW = torch.randint(0, 256, (2, 3, 32, 32), generator=generator, dtype=torch.uint8)
    targets = torch.tensor([4, 1])
    mean = torch.tensor(MEAN, dtype=torch.float64).view(1, 3, 1, 1)
    std = torch.tensor(STD, dtype=torch.float64).view(1, 3, 1, 1)
    tensors = {"input.bytes": bytes_BCHW, "input.targets": targets.int()}
    tensors |= {f"weight.{name}": parameter.half() for name, parameter in model.vit.named_parameters()}
    found = []
    for image, target in zip(bytes_BCHW, targets):
        model.zero_grad()
        found.append(explain(model.vit, (image.double()[None] / 255 - mean) / std, int(target)))
    tensors |= {f"output.{name}": torch.stack([maps[name] for maps in found]) for name in found[0]}
    about = "Explanations by explanations.py on timm VisionTransformer img 32, patch 8, width 32, depth 3, heads 4"
    write_safetensors(folder / "explanations.golden.safetensors", 1e-3, about, tensors)


def main():
    torch.set_num_threads(1)
    ml = Path(sys.argv[1]) / "activities" / "ml"
    vit(ml / "nn" / "src")
    blocks(ml / "nn" / "src")
    adamw(ml / "optim" / "src")
    cosine_schedule(ml / "optim" / "src")
    null_space(ml / "tensor" / "src")
    cross_entropy(ml / "training" / "src")
    # Imports the helpers above from this module.
    import diffusion

    diffusion.main(ml)
    import augment

    augment.main(ml)
    import corruptions

    corruptions.main(ml)
    import nullspace

    nullspace.main(ml)
    import statistics_of_pairs

    statistics_of_pairs.main(ml)
    explanations(ml / "explain" / "src" / "methods")


if __name__ == "__main__":
    main()
