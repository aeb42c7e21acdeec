"""Steps of the search for encoder noise, and its influence, in plain PyTorch on timm's VisionTransformer in float64.

Written from Liu et al., CPAL 2025 (arXiv 2403.10476), equation 6, and the released code, github.com/Liu-Hy/easyrobust f72cee0,
examples/imageclassification/imagenet/dat/utils.py: squared distance of the logits descended by AdamW at a constant rate,
squared distance of the probabilities summed over classes beside it. PyTorch's own optimizers do the steps.
"""

import numpy as np
import scipy.linalg
import torch
from generate import MEAN, STD, randomise, write_safetensors
from timm.models.vision_transformer import VisionTransformer

STEPS = 4
# What a case descends, by which optimizer, with which barrier; the spec has the same names.
CASES = {
    "adamw": {"optimizer": torch.optim.AdamW, "rate": 0.1, "decay": 0.01, "of": "logits", "root": False, "barrier": 0},
    "descent": {"optimizer": torch.optim.SGD, "rate": 0.02, "decay": 0, "of": "logits", "root": True, "barrier": 0.5},
    "features": {"optimizer": torch.optim.AdamW, "rate": 0.1, "decay": 0, "of": "features", "root": False, "barrier": 0},
}


class Split(torch.nn.Module):
    def __init__(self):
        super().__init__()
        shape = {"img_size": 16, "patch_size": 8, "embed_dim": 32, "depth": 2, "num_heads": 2, "num_classes": 10}
        self.vit = VisionTransformer(**shape, mlp_ratio=2).double().eval()

    def embed(self, pixels):
        mean = torch.tensor(MEAN, dtype=torch.float64).view(1, 3, 1, 1)
        std = torch.tensor(STD, dtype=torch.float64).view(1, 3, 1, 1)
        return self.vit.patch_embed((pixels - mean) / std)

    def outputs(self, patches):
        features = self.vit.norm(self.vit.blocks(self.vit._pos_embed(patches)))[:, 0]
        return {"features": features, "logits": self.vit.head(features)}


def search(model, patches, start, case):
    """Noise after the steps, and the figures of each step before its update."""
    noise = start.clone().requires_grad_()
    optimizer = case["optimizer"]([noise], lr=case["rate"], weight_decay=case["decay"])
    clean = {name: value.detach() for name, value in model.outputs(patches).items()}
    figures = []
    for _ in range(STEPS):
        noisy = model.outputs(patches + noise)
        squares = (noisy[case["of"]] - clean[case["of"]]).square().sum(1)
        loss = (squares.sqrt() if case["root"] else squares).mean()
        if case["barrier"]:
            loss = loss - case["barrier"] * noise.norm().log()
        optimizer.zero_grad()
        loss.backward()
        p, noisy_p = clean["logits"].softmax(1), noisy["logits"].detach().softmax(1)
        logits = (clean["logits"] - noisy["logits"].detach()).square().sum(1).mean()
        optimizer.step()
        figures.append([loss.item(), (p - noisy_p).square().sum(1).mean().item(), logits.item(), noise.norm().item()])
    return {"noise": noise.detach(), "figures": torch.tensor(figures, dtype=torch.float64)}


def influence(model, patches, noise):
    clean, noisy = model.outputs(patches), model.outputs(patches + noise)
    p, noisy_p = clean["logits"].softmax(1), noisy["logits"].softmax(1)
    predicted = clean["logits"].argmax(1, keepdim=True)
    change = (p.gather(1, predicted) - noisy_p.gather(1, predicted)).squeeze(1)
    measures = [
        (clean["features"] - noisy["features"]).square().sum(1).mean(),
        (clean["logits"] - noisy["logits"]).square().sum(1).mean(),
        (p - noisy_p).square().sum(1).mean(),
        change.abs().mean(),
        change.square().mean(),
        (predicted.squeeze(1) == noisy["logits"].argmax(1)).double().mean(),
    ]
    return torch.stack(measures).detach()


def main(ml):
    model = Split()
    randomise(model.vit, seed=41, scale=0.25)
    model.requires_grad_(False)
    generator = torch.Generator().manual_seed(42)
    bytes_BCHW = torch.randint(0, 256, (6, 3, 16, 16), generator=generator, dtype=torch.uint8)
    start = (6 * torch.rand((1, 4, 32), generator=generator, dtype=torch.float64) - 3).half().double()
    patches = model.embed(bytes_BCHW.double() / 255)
    tensors = {"input.bytes": bytes_BCHW, "input.start": start}
    tensors |= {f"weight.{name}": parameter.half() for name, parameter in model.vit.named_parameters()}
    for name, case in CASES.items():
        found = search(model, patches, start, case)
        tensors |= {f"{name}.{part}": value for part, value in found.items()}
    tensors["influence"] = influence(model, patches, start)
    # The null space per channel, whose bases are SciPy's: the projector does not depend on the choice of a basis.
    weight = model.vit.patch_embed.proj.weight[:12, :, :6, :6].numpy()
    for channel in range(3):
        matrix = weight[:, channel].reshape(12, -1)
        basis = scipy.linalg.null_space(matrix, rcond=np.finfo(np.float32).eps * max(matrix.shape))
        tensors[f"channel.{channel}"] = torch.from_numpy(basis @ basis.T)
    about = "Four steps of noise synthesis by nullspace.py on timm VisionTransformer img 16, patch 8, width 32, depth 2"
    write_safetensors(ml / "nullspace" / "src" / "nullspace.golden.safetensors", 1e-3, about, tensors)
