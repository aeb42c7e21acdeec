"""PyTorch's side of `bench train-step`: timm's VisionTransformer, written as PyTorch's users write it.

Every task does what its counterpart in `../src/subjects/vit` does, on the same weights and images. Where PyTorch has a
faster way that its users would take, it is taken: fused AdamW, fused attention, gradients set to None.
"""

import math
from contextlib import nullcontext

import safetensors.torch
import torch
from timm.models.vision_transformer import VisionTransformer
from torch.nn import functional as F

from serve import serve

BETAS = (0.9, 0.999)


class Classifier(torch.nn.Module):
    """Logits of pixels in [0, 1]; cut where noise enters, as `@vitrine/ml-nn`."""

    def __init__(self, model, weights):
        super().__init__()
        self.vit = VisionTransformer(
            img_size=model["imageSize"],
            patch_size=model["patchSize"],
            in_chans=model["channels"],
            num_classes=model["classes"],
            embed_dim=model["width"],
            depth=model["depth"],
            num_heads=model["heads"],
            mlp_ratio=model["mlpRatio"],
        )
        self.vit.load_state_dict(weights)
        self.register_buffer("mean", torch.tensor(model["mean"]).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(model["std"]).view(1, -1, 1, 1))

    def embed(self, pixels):
        return self.vit.patch_embed((pixels - self.mean) / self.std)

    def classify(self, patches):
        tokens = self.vit._pos_embed(patches)
        return self.vit.forward_head(self.vit.norm(self.vit.blocks(tokens)))

    def forward(self, pixels, noise=None):
        patches = self.embed(pixels)
        return self.classify(patches if noise is None else patches + noise)


class Setting:
    """What all tasks share: device, precision, whether functions are compiled, weights and images."""

    def __init__(self, case):
        torch.set_num_threads(case["threads"])
        torch.set_num_interop_threads(1)
        self.case = case
        self.device = torch.device("cuda" if case["device"] == "gpu" else "cpu")
        # The other side computes float32 products in float32, not in TF32.
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False

    def load(self):
        tensors = safetensors.torch.load_file(self.case["inputs"])
        weights = {name[7:]: tensor for name, tensor in tensors.items() if name.startswith("weight/")}
        self.model = Classifier(self.case["model"], weights).to(self.device)
        self.pixels = tensors["pixels"].to(self.device)
        self.labels = tensors["labels"].long().to(self.device)
        self.noise = tensors["noise"].to(self.device)

    def precision(self):
        if self.case["precision"] == "float32":
            return nullcontext()
        return torch.autocast(self.device.type, torch.bfloat16)

    def compiled(self, function):
        return torch.compile(function) if self.case["compiled"] else function


class Train(Setting):
    """One step of AdamW on the cross-entropy with smoothed labels."""

    def __init__(self, case):
        super().__init__(case)
        self.load()
        hyper = case["hyper"]
        decays, rests = [], []
        for name, parameter in self.model.vit.named_parameters():
            # As timm's `param_groups_weight_decay` with the ViT's `no_weight_decay`.
            bare = parameter.ndim <= 1 or name in ("pos_embed", "cls_token")
            (rests if bare else decays).append(parameter)
        groups = [{"params": decays, "weight_decay": hyper["weightDecay"]}, {"params": rests, "weight_decay": 0.0}]
        self.optimizer = torch.optim.AdamW(groups, lr=hyper["learningRate"], betas=BETAS, fused=True)
        self.loss = self.compiled(self.loss_of)

    def loss_of(self, pixels, labels):
        logits = self.model(pixels)
        return F.cross_entropy(logits, labels, label_smoothing=self.case["hyper"]["labelSmoothing"])

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        with self.precision():
            loss = self.loss(self.pixels, self.labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def checks(self):
        yield "losses of the first three steps", [self.run() for _ in range(3)]


class Finetune(Train):
    """A step of finetuning on clean and on noisy embeddings, which are made once (Liu et al., CPAL 2025)."""

    def loss_of(self, pixels, labels):
        patches = self.model.embed(pixels)
        smoothing = self.case["hyper"]["labelSmoothing"]
        clean = F.cross_entropy(self.model.classify(patches), labels, label_smoothing=smoothing)
        noisy = F.cross_entropy(self.model.classify(patches + self.noise), labels, label_smoothing=smoothing)
        return clean + noisy


class Forward(Setting):
    """Logits of a batch, fetched to the host."""

    def __init__(self, case):
        super().__init__(case)
        self.load()
        self.model.eval().requires_grad_(False)
        self.logits = self.compiled(self.model)

    def run(self):
        with torch.inference_mode(), self.precision():
            return self.logits(self.pixels).float().cpu()

    def checks(self):
        yield "logits of the first image", self.run()[0].tolist()


class Pgd(Setting):
    """L∞ PGD with one random start; each image keeps the worse of the clean and the found pixels."""

    def __init__(self, case):
        super().__init__(case)
        self.load()
        self.model.eval().requires_grad_(False)
        self.loss = self.compiled(self.loss_of)
        self.margin = self.compiled(self.margin_of)

    def loss_of(self, pixels):
        return F.cross_entropy(self.model(pixels), self.labels, reduction="sum")

    def margin_of(self, pixels):
        logits = self.model(pixels).float()
        own = F.one_hot(self.labels, logits.shape[1]).bool()
        return logits.masked_fill(own, -math.inf).amax(1) - logits.masked_fill(~own, 0).sum(1)

    def ascend(self, start):
        attack = self.case["attack"]
        low, high = self.pixels - attack["epsilon"], self.pixels + attack["epsilon"]
        pixels = torch.clamp(start, low, high).clamp_(0, 1)
        for _ in range(attack["steps"]):
            pixels.requires_grad_()
            with self.precision():
                loss = self.loss(pixels)
            (gradient,) = torch.autograd.grad(loss, pixels)
            with torch.no_grad():
                moved = pixels + attack["stepSize"] * gradient.sign()
                pixels = torch.clamp(moved, low, high).clamp_(0, 1)
        return pixels

    def worst(self, found):
        with torch.no_grad(), self.precision():
            worse = self.margin(found) > self.margin(self.pixels)
            return torch.where(worse.view(-1, 1, 1, 1), found, self.pixels)

    def run(self):
        epsilon = self.case["attack"]["epsilon"]
        start = self.pixels + torch.empty_like(self.pixels).uniform_(-epsilon, epsilon)
        return self.worst(self.ascend(start)).cpu()

    def checks(self):
        with torch.no_grad(), self.precision():
            yield "loss of the clean images", [self.loss(self.pixels).item()]
        attacked = self.worst(self.ascend(self.pixels.clone()))
        with torch.no_grad(), self.precision():
            yield "loss of the attacked images", [self.loss(attacked).item()]


class NoiseSynthesis(Setting):
    """One step of the search for a noise that the encoder does not see (Liu et al., CPAL 2025)."""

    def __init__(self, case):
        super().__init__(case)
        self.load()
        self.model.eval().requires_grad_(False)
        hyper = case["synthesis"]
        self.noise.requires_grad_()
        self.optimizer = torch.optim.AdamW(
            [self.noise], lr=hyper["learningRate"], betas=BETAS, weight_decay=hyper["weightDecay"], fused=True
        )
        self.schedule = torch.optim.lr_scheduler.CosineAnnealingLR(self.optimizer, 10 * hyper["maxSteps"])
        self.patches = self.compiled(self.model.embed)
        self.logits = self.compiled(self.model.classify)

    def run(self):
        with torch.no_grad(), self.precision():
            patches = self.patches(self.pixels)
            clean = self.logits(patches).float()
        self.optimizer.zero_grad(set_to_none=True)
        with self.precision():
            noisy = self.logits(patches + self.noise).float()
        loss = (clean - noisy).square().sum(1).mean()
        loss.backward()
        with torch.no_grad():
            distance = (clean.softmax(1) - noisy.softmax(1)).square().sum(1).mean()
        figures = [distance.item(), loss.item()]
        self.optimizer.step()
        self.schedule.step()
        return figures

    def checks(self):
        steps = [self.run() for _ in range(3)]
        yield "squared distances of probabilities", [step[0] for step in steps]
        yield "squared distances of logits", [step[1] for step in steps]


class DiffMask(Setting):
    """A step of Vision DiffMask: all gates, one multiplier, Lookahead(Adam) left at Adam between its meetings."""

    def __init__(self, case):
        super().__init__(case)
        self.load()
        self.model.eval().requires_grad_(False)
        shape = case["model"]
        d, self.gates = shape["width"], shape["depth"] + 2
        hidden = d // 4

        def waves(size, slope, shift, scale):
            i = torch.arange(math.prod(size), dtype=torch.float64)
            return (scale * torch.sin(slope * i + shift)).float().view(size).to(self.device).requires_grad_()

        def constant(size, value):
            return torch.full(size, value, device=self.device, requires_grad=True)

        self.v1, self.g1 = waves((self.gates, hidden, 2 * d), 0.37, 1, 0.05), constant((self.gates, hidden), 0.5)
        self.b1, self.v2 = constant((self.gates, hidden), 0.0), waves((self.gates, hidden), 0.61, 2, 1)
        self.g2, self.b2 = constant((self.gates,), 0.5), constant((self.gates,), 0.0)
        self.add, self.placeholder = constant((self.gates,), 2.0), waves((1, d), 1, 0, 0.03)
        self.multiplier = torch.full((1,), 2.0, device=self.device, requires_grad=True)
        gates = [self.v1, self.g1, self.b1, self.v2, self.g2, self.b2, self.add]
        groups = [{"params": gates, "lr": 1e-3}, {"params": [self.placeholder], "lr": 1e-2}]
        self.optimizer = torch.optim.Adam([*groups, {"params": [self.multiplier], "lr": 0.03}])
        tokens = (shape["imageSize"] // shape["patchSize"]) ** 2
        count = self.gates * len(self.labels) * tokens
        i = torch.arange(1, count + 1, dtype=torch.float64)
        uniform = (i * 0.6180339887 % 1).float().clamp(1e-7, 1 - 1e-7).view(self.gates, -1, tokens)
        self.logistic = (uniform.log() - torch.log1p(-uniform)).to(self.device)
        self.step = self.compiled(self.step_of)

    def states(self):
        vit = self.model.vit
        patches = self.model.embed(self.pixels)
        stream = vit._pos_embed(patches)
        embedding = torch.cat([vit.cls_token.expand(len(patches), -1, -1), patches], 1)
        states = [embedding, stream]
        for block in vit.blocks:
            stream = block(stream)
            states.append(stream)
        return patches, states, vit.forward_head(vit.norm(stream))

    def step_of(self):
        with torch.no_grad():
            patches, states, clean = self.states()
        penalty, mask = 0, 1
        balance = 0.2 * math.log(0.2)
        for gate, state in enumerate(states):
            w1 = self.v1[gate] * (self.g1[gate] / self.v1[gate].norm(dim=1)).unsqueeze(1)
            w2 = self.v2[gate] * (self.g2[gate] / self.v2[gate].norm())
            active = torch.tanh(F.linear(torch.cat([states[0], state], 2), w1, self.b1[gate]))
            logit = 5 * torch.tanh(active @ w2 + self.b2[gate]) + self.add[gate]
            penalty = penalty - F.softplus(balance - logit)
            s = torch.sigmoid((self.logistic[gate] + logit[:, 1:]) / 0.2)
            mask = mask * (1.2 * s - 0.2).clamp(0, 1)
        mixed = mask.unsqueeze(2) * patches + (1 - mask).unsqueeze(2) * self.placeholder
        masked = self.model.classify(mixed)
        log_p = clean.log_softmax(1)
        divergence = (log_p.exp() * (log_p - masked.log_softmax(1))).sum(1).mean()
        return self.multiplier.detach() * (divergence - 0.1) + penalty.mean(), divergence

    def run(self):
        self.optimizer.zero_grad(set_to_none=True)
        with self.precision():
            loss, divergence = self.step()
        loss.sum().backward()
        # Ascent, by a gradient turned round.
        self.multiplier.grad = (0.1 - divergence.detach()).view(1)
        self.optimizer.step()
        with torch.no_grad():
            self.multiplier.clamp_(0, 200)
        return loss.sum().item()

    def checks(self):
        yield "losses of the first three steps", [self.run() for _ in range(3)]


class MatrixProduct(Setting):
    """A square product in float32, whose speed is the measure of the machine."""

    def __init__(self, case):
        super().__init__(case)
        size = case["size"]
        self.a = torch.ones(size, size, device=self.device)
        self.b = torch.full((size, size), 0.5, device=self.device)

    def run(self):
        return (self.a @ self.b)[0, 0].item()

    def checks(self):
        yield "an element of the product", [self.run()]


TASKS = {
    "train": Train,
    "finetune": Finetune,
    "forward": Forward,
    "pgd": Pgd,
    "noise-synthesis": NoiseSynthesis,
    "diffmask": DiffMask,
    "matrix-product": MatrixProduct,
}

if __name__ == "__main__":
    serve(lambda case: TASKS[case["task"]](case))
