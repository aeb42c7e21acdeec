"""Goldens of diffusion and smoothing: SciPy's quantiles, and a U-Net of improved-diffusion written in PyTorch."""

import math

import numpy as np
import scipy.special
import scipy.stats
import torch

from generate import write_json, write_safetensors
from unet import UNet


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
        tensors |= {"output": output, "gradient.images": images.grad}
        for parameter_name, parameter in model.named_parameters():
            tensors[f"weight.{parameter_name}"] = parameter.half()
            tensors[f"gradient.{parameter_name}"] = parameter.grad
        about = f"U-Net of improved-diffusion, {config}; gradients of the sum of output times cotangent"
        write_safetensors(folder / f"unet-{name}.golden.safetensors", 1e-4, about, tensors)


def main(ml):
    quantiles(ml / "smoothing" / "src")
    unet(ml / "nn" / "src")
