"""Goldens of diffusion and smoothing: SciPy's quantiles, and a U-Net of improved-diffusion written in PyTorch."""

import math

import numpy as np
import scipy.special
import scipy.stats
import torch

from generate import write_json, write_safetensors
from unet import ResBlock, UNet


def quantiles(folder):
    """Normal and Beta quantiles over a grid with extremes, and p-values of a fair coin."""
    probabilities = [1e-300, 1e-100, 1e-30, 1e-16, 1e-9, 1e-4, 0.001, 0.0234, 0.075, 0.1, 0.3, 0.499999, 0.5]
    probabilities += [0.500001, 0.7, 0.9, 0.925, 0.95, 0.99, 0.999, 0.9999, 1 - 1e-9, 1 - 1e-12, 1 - 2**-53]
    points = [-37.0, -20.0, -8.3, -5.0, -2.0, -0.66, -0.1, 0.0, 0.3, 0.7, 1.5, 4.0, 5.6, 8.2]
    bounds = []
    for draws in (1, 2, 3, 10, 100, 1000, 100_000, 1_000_000):
        for share in (0.0, 1e-3, 0.1, 0.5, 0.75, 0.9, 0.99, 0.9999, 1.0):
            hits = round(share * draws)
            for alpha in (1e-10, 0.001, 0.05, 0.5):
                lower = float(scipy.stats.beta.ppf(alpha, hits, draws - hits + 1)) if hits > 0 else 0.0
                upper = float(scipy.stats.beta.isf(alpha, hits + 1, draws - hits)) if hits < draws else 1.0
                bounds.append([hits, draws, alpha, lower, upper])
    coins = [[h, n, float(scipy.stats.binomtest(h, n, 0.5).pvalue)] for h, n in
             ((5, 10), (10, 10), (11, 11), (60, 100), (66, 100), (67, 100), (40, 100), (50_600, 100_000), (0, 7))]
    write_json(
        folder / "quantiles.golden.json",
        1e-11,
        "scipy.special.ndtri, ndtr; scipy.stats.beta.ppf, isf; scipy.stats.binomtest",
        {
            "normalQuantile": [[p, float(scipy.special.ndtri(p))] for p in probabilities],
            "normalCdf": [[x, float(scipy.special.ndtr(x))] for x in points],
            "clopperPearson": bounds,
            "fairCoin": coins,
        },
    )


PLAIN = {
    "imageSize": 8, "channels": 3, "width": 8, "multipliers": [1, 2], "blocks": 1, "attentionSizes": [4],
    "heads": 2, "headWidth": 0, "groups": 4, "scaleShift": False, "resampleBlocks": False,
    "learnedVariance": False, "classes": 0,
}
FULL = {
    **PLAIN, "multipliers": [1, 1, 2], "attentionSizes": [4, 2], "headWidth": 4, "scaleShift": True,
    "resampleBlocks": True, "learnedVariance": True, "classes": 3, "blocks": 1,
}


DROPOUT = {"seed": 5, "purpose": 25, "rate": 0.3}


def philox_words(key, counter, count):
    """Philox4x32-10 (Salmon et al., SC 2011), as many words as asked for, counting in the first word of the counter."""
    blocks = -(-count // 4)
    words = np.zeros((4, blocks), dtype=np.uint64)
    words[0] = np.arange(blocks)
    for i in (1, 2, 3):
        words[i] = counter[i]
    k0, k1 = key
    for _ in range(10):
        p0, p1 = words[0] * np.uint64(0xD2511F53), words[2] * np.uint64(0xCD9E8D57)
        low, high = np.uint64(0xFFFFFFFF), np.uint64(32)
        words = np.stack(
            [(p1 >> high) ^ words[1] ^ np.uint64(k0), p1 & low, (p0 >> high) ^ words[3] ^ np.uint64(k1), p0 & low]
        )
        k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return words.T.reshape(-1)[:count]


class Dropped(torch.nn.Module):
    """Dropout by words of Philox; elements are numbered with channels last."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def forward(self, x):
        b, c, h, w = x.shape
        key = (DROPOUT["seed"], DROPOUT["purpose"])
        words = philox_words(key, (0, 0, 0, self.number), b * c * h * w).astype(np.uint32).view(np.int32)
        kept = words >= math.floor(DROPOUT["rate"] * 2**32) - 2**31
        mask = torch.from_numpy(kept.reshape(b, h, w, c)).permute(0, 3, 1, 2).double()
        return x * mask / (1 - DROPOUT["rate"])


def dropped(model, images, inputs, cotangent):
    """The same with dropout in every residual block: output, and gradients by the images and by one of the kernels."""
    for number, block in enumerate(module for module in model.modules() if isinstance(module, ResBlock)):
        block.out_layers[2] = Dropped(number)
    model.zero_grad()
    images.grad = None
    output = model(images, *inputs)
    (output * cotangent).sum().backward()
    kernel = "middle_block.0.out_layers.3.weight"
    return {
        "dropped.output": output,
        "dropped.gradient.images": images.grad,
        "dropped.gradient.kernel": dict(model.named_parameters())[kernel].grad,
    }


def unet(folder):
    """Output, loss gradient by every parameter and by the images, for the plain U-Net and one with everything on."""
    for name, config in (("plain", PLAIN), ("full", FULL)):
        model = UNet(config).double()
        generator = torch.Generator().manual_seed(11)
        with torch.no_grad():
            for parameter_name, parameter in model.named_parameters():
                fan = parameter[0].numel() if parameter.ndim > 1 else 16
                noise = torch.randn(parameter.shape, generator=generator, dtype=torch.float64) / math.sqrt(fan)
                gain = parameter.ndim == 1 and parameter_name.endswith("weight")
                parameter.copy_((noise + (1.0 if gain else 0.0)).half().double())

        def draw(*shape):
            return torch.randn(*shape, generator=generator, dtype=torch.float64).float().double()

        images = draw(2, 3, 8, 8).requires_grad_()
        timesteps = torch.tensor([3.0, 731.5], dtype=torch.float64)
        labels = torch.tensor([2, 0]) if config["classes"] else None
        output = model(images, timesteps, labels)
        cotangent = draw(*output.shape)
        (output * cotangent).sum().backward()
        tensors = {"input.images": images, "input.timesteps": timesteps, "input.cotangent": cotangent}
        if labels is not None:
            tensors["input.labels"] = labels.int()
        tensors |= {"output": output, "gradient.images": images.grad.clone()}
        for parameter_name, parameter in model.named_parameters():
            tensors[f"weight.{parameter_name}"] = parameter.half()
            tensors[f"gradient.{parameter_name}"] = parameter.grad.clone()
        tensors |= dropped(model, images, (timesteps, labels), cotangent)
        about = f"U-Net of improved-diffusion, {config}; gradients of the sum of output times cotangent"
        write_safetensors(folder / f"unet-{name}.golden.safetensors", 1e-4, about, tensors)


def main(ml):
    quantiles(ml / "smoothing" / "src")
    unet(ml / "nn" / "src")
