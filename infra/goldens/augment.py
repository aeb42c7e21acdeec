"""Golden images of timm's RandAugment: every operation of its set `inc1` at two magnitudes, both ways, with both filters."""

import generate
import numpy as np
import torch
from PIL import Image
from timm.data import auto_augment

OPERATIONS = {
    "AutoContrast": "AutoContrast",
    "Equalize": "Equalize",
    "Invert": "Invert",
    "Rotate": "Rotate",
    "Posterize": "PosterizeIncreasing",
    "Solarize": "SolarizeIncreasing",
    "SolarizeAdd": "SolarizeAdd",
    "Color": "ColorIncreasing",
    "Contrast": "ContrastIncreasing",
    "Brightness": "BrightnessIncreasing",
    "Sharpness": "SharpnessIncreasing",
    "ShearX": "ShearX",
    "ShearY": "ShearY",
    "TranslateX": "TranslateXRel",
    "TranslateY": "TranslateYRel",
}
FILL = (125, 123, 114)
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
SIZE = 32


def picture(seed, size=SIZE):
    """Smooth shapes with noise on them, of limited range, so that every operation shows."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:size, 0:size] / size
    planes = [
        0.5 + 0.3 * np.sin(7 * x + 3 * y + phase) + 0.1 * ((x - 0.4) ** 2 + (y - 0.6) ** 2 < 0.06)
        for phase in (0, 1, 2.5)
    ]
    values = np.stack(planes, -1) + 0.05 * rng.standard_normal((size, size, 3))
    return np.clip(np.round(values * 255), 8, 240).astype(np.uint8)


def main(ml):
    source = picture(5)
    tensors = {"input": torch.from_numpy(source).permute(2, 0, 1).contiguous()}
    for name, reference in OPERATIONS.items():
        for at, magnitude in enumerate((3.4, 9.1)):
            for negated in (False, True):
                kind = "bicubic" if (at == 1) == negated else "bilinear"
                # The sign is drawn inside; here it is said.
                auto_augment._randomly_negate = lambda value, negated=negated: -value if negated else value
                level = auto_augment.LEVEL_TO_ARG[reference]
                arguments = level(magnitude, {"translate_pct": 0.45}) if level else ()
                image = auto_augment.NAME_TO_OP[reference](
                    Image.fromarray(source), *arguments, fillcolor=FILL, resample=FILTERS[kind]
                )
                key = f"{name}/{magnitude}/{'negated' if negated else 'plain'}/{kind}"
                tensors[key] = torch.from_numpy(np.array(image)).permute(2, 0, 1).contiguous()
    about = "timm RandAugment operations of set inc1, on Pillow, fill 125 123 114"
    path = ml / "data" / "src" / "strong" / "rand-augment.golden.safetensors"
    generate.write_safetensors(path, 0, about, tensors)
