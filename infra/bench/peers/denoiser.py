"""PyTorch's side of `bench denoiser`: the U-Net of improved-diffusion and timm's ViT, as PyTorch's users run them."""

import sys
from pathlib import Path

import safetensors.torch
import torch
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "goldens"))

from serve import serve
from unet import UNet


def load(case):
    torch.set_num_threads(case["threads"])
    torch.set_num_interop_threads(1)
    device = torch.device("cuda" if case["device"] == "gpu" else "cpu")
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    tensors = safetensors.torch.load_file(case["inputs"])
    model = UNet(case["unet"])
    model.load_state_dict({name[5:]: tensor for name, tensor in tensors.items() if name.startswith("unet/")})
    inputs = {name: tensor.to(device) for name, tensor in tensors.items() if "/" not in name}
    vit = {name[4:]: tensor for name, tensor in tensors.items() if name.startswith("vit/")}
    return model.to(device), inputs, vit


def columns(rows):
    signal, noise, time, clean, noisy, lower, _upper, last = rows.unbind(1)
    spread = [column.view(-1, 1, 1, 1) for column in (signal, noise, clean, noisy, lower, last)]
    return time, *spread


def clean_image(model, noisy, time, signal, noise):
    return ((noisy - noise * model(noisy, time)) / signal).clamp(-1, 1)


class Train:
    """One step of AdamW on the error of the predicted noise, and the running mean of the weights."""

    def __init__(self, case):
        self.model, self.inputs, _ = load(case)
        self.parameters = list(self.model.parameters())
        hyper = case["hyper"]
        self.decay, self.step = hyper["averageDecay"], 0
        self.optimizer = torch.optim.AdamW(self.parameters, lr=hyper["learningRate"], weight_decay=0, fused=True)
        self.mean = [parameter.detach().clone() for parameter in self.parameters]

    def run(self):
        time, signal, noise, *_ = columns(self.inputs["rows"])
        clean = self.inputs["pixels"] * 2 - 1
        self.optimizer.zero_grad(set_to_none=True)
        noisy = signal * clean + noise * self.inputs["noise"]
        loss = F.mse_loss(self.model(noisy, time), self.inputs["noise"])
        loss.backward()
        self.optimizer.step()
        self.step += 1
        share = 1 - min(self.decay, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            torch._foreach_lerp_(self.mean, self.parameters, share)
        return loss.item()

    def checks(self):
        yield "losses of the first three steps", [self.run() for _ in range(3)]


class Sample:
    """One ancestral step on a batch."""

    def __init__(self, case):
        self.model, self.inputs, _ = load(case)
        self.model.eval().requires_grad_(False)

    def run(self):
        with torch.inference_mode():
            x = self.inputs["noise"]
            time, signal, noise, share, rest, lower, last = columns(self.inputs["rows"])
            mean = share * clean_image(self.model, x, time, signal, noise) + rest * x
            return (mean + (0.5 * lower).exp() * x * (1 - last)).cpu()

    def checks(self):
        yield "the first pixels a step back", self.run().flatten()[:16].tolist()


class Certify:
    """Draws of one image: noise, one call of the denoiser, the class."""

    def __init__(self, case):
        from vit import Classifier

        self.model, self.inputs, weights = load(case)
        self.model.eval().requires_grad_(False)
        device = self.inputs["pixels"].device
        self.vit = Classifier(case["vit"], weights).to(device).eval().requires_grad_(False)
        self.image = self.inputs["pixels"][:1] * 2 - 1
        self.rows = self.inputs["exact"].expand(case["batch"], -1)

    def logits(self, draw):
        with torch.inference_mode():
            time, signal, noise, *_ = columns(self.rows)
            clean = clean_image(self.model, signal * self.image + noise * draw, time, signal, noise)
            return self.vit((clean + 1) / 2)

    def run(self):
        return self.logits(torch.randn_like(self.inputs["noise"])).argmax(1).cpu()

    def checks(self):
        yield "logits of the first draw", self.logits(self.inputs["noise"])[0].tolist()


TASKS = {"train": Train, "sample": Sample, "certify": Certify}

if __name__ == "__main__":
    serve(lambda case: TASKS[case["task"]](case))
