"""The U-Net of openai/improved-diffusion in PyTorch, written anew: what goldens are made with, and the peer of benchmarks."""

import math

import torch
from torch import nn
from torch.nn import functional as F


def timestep_embedding(timesteps, width):
    half = width // 2
    frequencies = torch.exp(-math.log(10_000) * torch.arange(half, dtype=timesteps.dtype, device=timesteps.device) / half)
    angles = timesteps[:, None] * frequencies[None]
    return torch.cat([angles.cos(), angles.sin()], dim=1)


class ResBlock(nn.Module):
    def __init__(self, channels, embedding, out, config, resample=None):
        super().__init__()
        self.scale_shift, self.resample = config["scaleShift"], resample
        groups = config["groups"]
        self.in_layers = nn.Sequential(nn.GroupNorm(groups, channels), nn.SiLU(), nn.Conv2d(channels, out, 3, padding=1))
        self.emb_layers = nn.Sequential(nn.SiLU(), nn.Linear(embedding, out * (2 if self.scale_shift else 1)))
        self.out_layers = nn.Sequential(
            nn.GroupNorm(groups, out), nn.SiLU(), nn.Dropout(0), nn.Conv2d(out, out, 3, padding=1)
        )
        self.skip_connection = nn.Identity() if out == channels else nn.Conv2d(channels, out, 1)

    def resampled(self, x):
        if self.resample == "up":
            return F.interpolate(x, scale_factor=2, mode="nearest")
        return F.avg_pool2d(x, 2) if self.resample == "down" else x

    def forward(self, x, embedding):
        h = self.in_layers[2](self.resampled(self.in_layers[:2](x)))
        x = self.resampled(x)
        change = self.emb_layers(embedding)[:, :, None, None]
        if self.scale_shift:
            scale, shift = change.chunk(2, dim=1)
            h = self.out_layers[1:](self.out_layers[0](h) * (1 + scale) + shift)
        else:
            h = self.out_layers(h + change)
        return self.skip_connection(x) + h


class AttentionBlock(nn.Module):
    """Heads first, then q, k, v of each: the order of improved-diffusion and of guided-diffusion's default."""

    def __init__(self, channels, heads, groups):
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(groups, channels)
        self.qkv = nn.Conv1d(channels, 3 * channels, 1)
        self.proj_out = nn.Conv1d(channels, channels, 1)

    def forward(self, x, _embedding):
        b, c, *space = x.shape
        x = x.reshape(b, c, -1)
        qkv = self.qkv(self.norm(x)).reshape(b * self.heads, 3 * c // self.heads, -1)
        q, k, v = qkv.chunk(3, dim=1)
        scale = (c // self.heads) ** -0.25
        weights = torch.einsum("bct,bcs->bts", q * scale, k * scale).softmax(dim=-1)
        h = torch.einsum("bts,bcs->bct", weights, v).reshape(b, c, -1)
        return (x + self.proj_out(h)).reshape(b, c, *space)


class Downsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.op = nn.Conv2d(channels, channels, 3, stride=2, padding=1)

    def forward(self, x, _embedding):
        return self.op(x)


class Upsample(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x, _embedding):
        return self.conv(F.interpolate(x, scale_factor=2, mode="nearest"))


class Plain(nn.Conv2d):
    def forward(self, x, _embedding):
        return super().forward(x)


class UNet(nn.Module):
    """The U-Net of openai/improved-diffusion (Nichol & Dhariwal 2021), written anew with its names; config as ours."""

    def __init__(self, config):
        super().__init__()
        self.config = config
        width, channels, groups = config["width"], config["channels"], config["groups"]
        embedding = 4 * width
        self.time_embed = nn.Sequential(nn.Linear(width, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
        if config["classes"]:
            self.label_emb = nn.Embedding(config["classes"], embedding)

        def heads(c):
            return c // config["headWidth"] if config["headWidth"] else config["heads"]

        def block(c, out, resample=None):
            return ResBlock(c, embedding, out, config, resample)

        c, size, skips = width, config["imageSize"], [width]
        self.input_blocks = nn.ModuleList([nn.ModuleList([Plain(channels, width, 3, padding=1)])])
        last = len(config["multipliers"]) - 1
        for level, multiplier in enumerate(config["multipliers"]):
            for _ in range(config["blocks"]):
                layers = [block(c, multiplier * width)]
                c = multiplier * width
                if size in config["attentionSizes"]:
                    layers.append(AttentionBlock(c, heads(c), groups))
                self.input_blocks.append(nn.ModuleList(layers))
                skips.append(c)
            if level < last:
                layer = block(c, c, "down") if config["resampleBlocks"] else Downsample(c)
                self.input_blocks.append(nn.ModuleList([layer]))
                skips.append(c)
                size //= 2
        self.middle_block = nn.ModuleList([block(c, c), AttentionBlock(c, heads(c), groups), block(c, c)])
        self.output_blocks = nn.ModuleList()
        for level, multiplier in reversed(list(enumerate(config["multipliers"]))):
            for i in range(config["blocks"] + 1):
                layers = [block(c + skips.pop(), multiplier * width)]
                c = multiplier * width
                if size in config["attentionSizes"]:
                    layers.append(AttentionBlock(c, heads(c), groups))
                if level > 0 and i == config["blocks"]:
                    layers.append(block(c, c, "up") if config["resampleBlocks"] else Upsample(c))
                    size *= 2
                self.output_blocks.append(nn.ModuleList(layers))
        outputs = channels * (2 if config["learnedVariance"] else 1)
        self.out = nn.Sequential(nn.GroupNorm(groups, c), nn.SiLU(), nn.Conv2d(c, outputs, 3, padding=1))

    def forward(self, x, timesteps, labels=None):
        embedding = self.time_embed(timestep_embedding(timesteps, self.config["width"]))
        if labels is not None:
            embedding = embedding + self.label_emb(labels)
        kept = []
        for layers in self.input_blocks:
            for layer in layers:
                x = layer(x, embedding)
            kept.append(x)
        for layer in self.middle_block:
            x = layer(x, embedding)
        for layers in self.output_blocks:
            x = torch.cat([x, kept.pop()], dim=1)
            for layer in layers:
                x = layer(x, embedding)
        return self.out(x)
