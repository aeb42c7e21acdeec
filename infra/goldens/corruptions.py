"""Golden images and moments of the corruptions of hendrycks/robustness (commit ca36008), restated with NumPy, SciPy and Pillow.

Deterministic corruptions give images; random ones give, for every severity, means and standard errors of four statistics over
many draws. Motion blur is ImageMagick's: a one-sided Gaussian along a line whose points are rounded to pixels.
"""

import base64
import colorsys
import io
import json
import sys
from pathlib import Path

import generate
import numpy as np
import torch
from augment import picture
from PIL import Image
from scipy import ndimage

CIFAR = {
    "gaussian_noise": [0.04, 0.06, 0.08, 0.09, 0.10],
    "shot_noise": [500, 250, 100, 75, 50],
    "impulse_noise": [0.01, 0.02, 0.03, 0.05, 0.07],
    "speckle_noise": [0.06, 0.1, 0.12, 0.16, 0.2],
    "gaussian_blur": [0.4, 0.6, 0.7, 0.8, 1],
    "glass_blur": [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)],
    "defocus_blur": [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)],
    "motion_blur": [(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)],
    "zoom_blur": [(1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)],
    "fog": [(0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)],
    "frost": [(1, 0.2), (1, 0.3), (0.9, 0.4), (0.85, 0.4), (0.75, 0.45)],
    "snow": [
        (0.1, 0.2, 1, 0.6, 8, 3, 0.95),
        (0.1, 0.2, 1, 0.5, 10, 4, 0.9),
        (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9),
        (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85),
        (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8),
    ],
    "contrast": [0.75, 0.5, 0.4, 0.3, 0.15],
    "brightness": [0.05, 0.1, 0.15, 0.2, 0.3],
    "saturate": [(0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)],
    "jpeg_compression": [80, 65, 58, 50, 40],
    "pixelate": [0.95, 0.9, 0.85, 0.75, 0.65],
    "elastic_transform": [(0, 0, 0.08), (0.05, 0.2, 0.07), (0.08, 0.06, 0.06), (0.1, 0.04, 0.05), (0.1, 0.03, 0.03)],
}
IMAGENET = {
    "gaussian_noise": [0.08, 0.12, 0.18, 0.26, 0.38],
    "shot_noise": [60, 25, 12, 5, 3],
    "impulse_noise": [0.03, 0.06, 0.09, 0.17, 0.27],
    "speckle_noise": [0.15, 0.2, 0.35, 0.45, 0.6],
    "gaussian_blur": [1, 2, 3, 4, 6],
    "glass_blur": [(0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)],
    "defocus_blur": [(3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)],
    "motion_blur": [(10, 3), (15, 5), (15, 8), (15, 12), (20, 15)],
    "zoom_blur": [(1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)],
    "fog": [(1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4)],
    "snow": [
        (0.1, 0.3, 3, 0.5, 10, 4, 0.8),
        (0.2, 0.3, 2, 0.5, 12, 4, 0.7),
        (0.55, 0.3, 4, 0.9, 12, 8, 0.7),
        (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65),
        (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55),
    ],
    "contrast": [0.4, 0.3, 0.2, 0.1, 0.05],
    "brightness": [0.1, 0.2, 0.3, 0.4, 0.5],
    "saturate": [(0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (20, 0.2)],
    "jpeg_compression": [25, 18, 15, 10, 7],
    "pixelate": [0.6, 0.5, 0.4, 0.3, 0.25],
    "elastic_transform": [(2, 0.7, 0.1), (2, 0.08, 0.2), (0.05, 0.01, 0.02), (0.07, 0.01, 0.02), (0.12, 0.01, 0.02)],
}
ELASTIC_SIZE = {"cifar": 32, "imagenet": 244}
DETERMINISTIC = ["gaussian_blur", "defocus_blur", "zoom_blur", "contrast", "brightness", "saturate", "jpeg_compression", "pixelate"]


def gaussian(x, sigma, **more):
    axes = (sigma, sigma, 0)[: x.ndim]
    return ndimage.gaussian_filter(x, axes, **{"mode": "nearest", **more})


def enlarged_centre(x, factor):
    side = x.shape[0]
    crop = int(np.ceil(side / factor))
    start = (side - crop) // 2
    zoomed = ndimage.zoom(x[start : start + crop, start : start + crop], (factor, factor, 1), order=1)
    trim = (zoomed.shape[0] - side) // 2
    return zoomed[trim : trim + side, trim : trim + side]


def motion(x, radius, sigma, degrees):
    weights = np.exp(-np.arange(2 * radius + 1) ** 2 / (2 * sigma**2))
    weights /= weights.sum()
    side = x.shape[0]
    at = np.arange(side)
    angle, result = np.deg2rad(degrees), 0
    for i, weight in enumerate(weights):
        down, right = (int(np.ceil(i * f(angle) - 0.5)) for f in (np.sin, np.cos))
        rows, columns = np.clip(at + down, 0, side - 1), np.clip(at + right, 0, side - 1)
        result = result + weight * x[rows][:, columns]
    return result


def disk(radius, blur):
    reach, width = (8, 1) if radius <= 8 else (radius, 2)
    place = np.arange(-reach, reach + 1)
    kernel = (place[None] ** 2 + place[:, None] ** 2 <= radius**2).astype(float)
    kernel /= kernel.sum()
    taps = np.exp(-np.arange(-width, width + 1) ** 2 / (2 * blur**2))
    taps /= taps.sum()
    for axis in (0, 1):
        kernel = ndimage.correlate1d(kernel, taps, axis, mode="mirror")
    return kernel


def plasma(side, decay, rng):
    field = np.zeros((side, side))
    step, size = side, 100.0
    while step >= 2:
        half = step // 2
        noisy = lambda total, size=size: total / 4 + size * rng.uniform(-size, size, total.shape)
        corner = field[::step, ::step].copy()
        total = corner + np.roll(corner, -1, 0)
        centre = noisy(total + np.roll(total, -1, 1))
        field[half::step, half::step] = centre
        field[::step, half::step] = noisy(centre + np.roll(centre, 1, 0) + corner + np.roll(corner, -1, 1))
        field[half::step, ::step] = noisy(centre + np.roll(centre, 1, 1) + corner + np.roll(corner, -1, 0))
        step, size = half, size / decay
    field -= field.min()
    return field / field.max()


def in_hsv(x, change):
    pixels = [colorsys.hsv_to_rgb(*change(*colorsys.rgb_to_hsv(*pixel))) for pixel in x.reshape(-1, 3)]
    return np.array(pixels).reshape(x.shape)


def elastic(x, c, size, rng):
    alpha, sigma, shift = (value * size for value in c)
    side = x.shape[0]
    centre, arm = side // 2, side // 3
    source = np.array([[centre + arm, centre + arm], [centre + arm, centre - arm], [centre - arm, centre - arm]], float)
    target = source + rng.uniform(-shift, shift, source.shape)
    affine = np.linalg.solve(np.c_[target, np.ones(3)], source)  # from target (x, y, 1) to source
    rows, columns = np.mgrid[:side, :side]
    places = np.stack([columns, rows, np.ones_like(rows)], -1) @ affine
    moved = np.stack(
        [ndimage.map_coordinates(x[..., k], (places[..., 1], places[..., 0]), order=1, mode="mirror") for k in range(3)], -1
    )
    flow = [
        gaussian(rng.uniform(-1, 1, (side, side)), sigma, mode="reflect", truncate=3) * alpha if alpha else np.zeros((side, side))
        for _ in range(2)
    ]
    to = (rows + flow[1], columns + flow[0])
    return np.stack([ndimage.map_coordinates(moved[..., k], to, order=1, mode="reflect") for k in range(3)], -1)


def snow(x, c, rng):
    mean, deviation, factor, least, radius, sigma, keep = c
    layer = rng.normal(mean, deviation, x.shape[:2])
    layer = enlarged_centre(layer[..., None], factor)[..., 0]
    layer[layer < least] = 0
    layer = np.floor(np.clip(layer, 0, 1) * 255)
    layer = np.round(motion(layer, radius, sigma, rng.uniform(-135, -45)))[..., None] / 255
    grey = (x @ [0.299, 0.587, 0.114])[..., None]
    return keep * x + (1 - keep) * np.maximum(x, grey * 1.5 + 0.5) + layer + np.rot90(layer, 2)


def glass(pixels, c, rng):
    sigma, reach, times = c
    x = np.uint8(gaussian(pixels / 255, sigma) * 255)
    side = x.shape[0]
    for _ in range(times):
        for h in range(side - reach, reach, -1):
            for w in range(side - reach, reach, -1):
                dx, dy = rng.integers(-reach, reach, 2)
                # The original means to swap, but assigns views: both places end with what the other held.
                x[h, w] = x[h + dy, w + dx]
    return gaussian(x / 255, sigma)


def corrupt(kind, pixels, severity, data, rng):
    """The corrupted bytes of an image [S, S, 3] of bytes."""
    c = (CIFAR if data == "cifar" else IMAGENET)[kind][severity - 1]
    x = pixels / 255
    side = x.shape[0]
    if kind == "gaussian_noise":
        x = x + rng.normal(0, c, x.shape)
    elif kind == "shot_noise":
        x = rng.poisson(x * c) / c
    elif kind == "impulse_noise":
        hit, white = rng.random(x.shape) < c, rng.random(x.shape) < 0.5
        x = np.where(hit, white.astype(float), x)
    elif kind == "speckle_noise":
        x = x + x * rng.normal(0, c, x.shape)
    elif kind == "gaussian_blur":
        x = gaussian(x, c)
    elif kind == "glass_blur":
        x = glass(pixels, c, rng)
    elif kind == "defocus_blur":
        kernel = disk(*c)
        x = np.stack([ndimage.correlate(x[..., k], kernel, mode="mirror") for k in range(3)], -1)
    elif kind == "motion_blur":
        return np.uint8(np.round(np.clip(motion(pixels.astype(float), *c, rng.uniform(-45, 45)), 0, 255)))
    elif kind == "zoom_blur":
        factors = np.arange(1, *c)
        x = (x + sum(enlarged_centre(x.astype(np.float32), factor) for factor in factors)) / (len(factors) + 1)
    elif kind == "fog":
        side2 = 1 << (side - 1).bit_length()
        x = (x + c[0] * plasma(side2, c[1], rng)[:side, :side, None]) * x.max() / (x.max() + c[0])
    elif kind == "frost":
        ice = FROST[rng.integers(5)]
        top, left = (rng.integers(0, ice.shape[axis] - side) for axis in (0, 1))
        return np.uint8(np.clip(c[0] * pixels + c[1] * ice[top : top + side, left : left + side], 0, 255))
    elif kind == "snow":
        x = snow(x, c, rng)
    elif kind == "contrast":
        mean = x.mean((0, 1), keepdims=True)
        x = (x - mean) * c + mean
    elif kind == "brightness":
        x = in_hsv(x, lambda h, s, v: (h, s, min(v + c, 1)))
    elif kind == "saturate":
        x = in_hsv(x, lambda h, s, v: (h, min(max(s * c[0] + c[1], 0), 1), v))
    elif kind == "jpeg_compression":
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=c)
        return np.array(Image.open(buffer))
    elif kind == "pixelate":
        small = Image.fromarray(pixels).resize((int(side * c),) * 2, Image.Resampling.BOX)
        back = Image.Resampling.BOX if data == "cifar" else Image.Resampling.NEAREST
        return np.array(small.resize((side, side), back))
    elif kind == "elastic_transform":
        x = elastic(x, c, ELASTIC_SIZE[data], rng)
    return np.uint8(np.clip(x, 0, 1) * 255)


def statistics(corrupted, clean):
    """Mean, deviation, mean distance from the clean image, mean difference of neighbours; in units of 255."""
    values, original = corrupted.astype(float) / 255, clean.astype(float) / 255
    return [values.mean(), values.std(), np.abs(values - original).mean(), np.abs(np.diff(values, axis=1)).mean()]


FROST = []


def frost_pictures(path):
    """Five pictures of ice at a fifth of their size, as the CIFAR set takes them; written once, from the package imagecorruptions."""
    stored = json.loads(path.read_text())["pictures"]
    return [
        np.frombuffer(base64.b64decode(entry["rgb"]), np.uint8).reshape(entry["height"], entry["width"], 3) for entry in stored
    ]


def main(ml):
    folder = ml / "corruptions" / "src"
    FROST.extend(frost_pictures(folder / "frost-pictures.json"))
    sizes = {"cifar": 32, "imagenet": 48}
    tensors, moments = {}, {}
    for data, size in sizes.items():
        pixels = picture(11, size)
        tensors[f"input/{data}"] = torch.from_numpy(pixels).permute(2, 0, 1).contiguous()
        for kind in CIFAR if data == "cifar" else IMAGENET:
            for severity in range(1, 6):
                name = f"{kind}/{data}/{severity}"
                if kind in DETERMINISTIC:
                    image = corrupt(kind, pixels, severity, data, None)
                    tensors[name] = torch.from_numpy(image.copy()).permute(2, 0, 1).contiguous()
                else:
                    rng = np.random.default_rng(severity)
                    drawn = [statistics(corrupt(kind, pixels, severity, data, rng), pixels) for _ in range(60)]
                    moments[name] = {"mean": np.mean(drawn, 0).tolist(), "deviation": np.std(drawn, 0, ddof=1).tolist()}
    about = "Corruptions of hendrycks/robustness restated with NumPy, SciPy and Pillow"
    generate.write_safetensors(folder / "corruptions.golden.safetensors", 1, about, tensors)
    generate.write_json(folder / "corruptions.golden.json", 5, f"{about}: moments of 60 draws", {"moments": moments})


if __name__ == "__main__":
    main(Path(sys.argv[1]) / "activities" / "ml")
