"""Reference explanations in plain PyTorch, written from the public algorithms on timm's VisionTransformer in float64.

Rollout: Abnar & Zuidema 2020. Gradient attention: Chefer et al., ICCV 2021. LRP: Chefer et al., CVPR 2021, after
hila-chefer/Transformer-Explainability (`layers_ours.py`, `ViT_LRP.py`), one image at a time. Grad-CAM: Selvaraju et al. 2017
on the LayerNorm before the MLP of the second-last block.
"""

import torch
import torch.nn.functional as F


def safe_divide(a, b):
    den = b.clamp(min=1e-9) + b.clamp(max=1e-9)
    den = den + den.eq(0).type(den.type()) * 1e-9
    return a / den * b.ne(0).type(b.type())


def linear_relevance(layer, x, relevance):
    """The rule by autograd, as the reference has it."""
    pw, nw = layer.weight.clamp(min=0), layer.weight.clamp(max=0)
    px = x.clamp(min=0).detach().requires_grad_()
    nx = x.clamp(max=0).detach().requires_grad_()
    z1, z2 = F.linear(px, pw), F.linear(nx, nw)
    share = safe_divide(relevance, z1 + z2)
    return px * torch.autograd.grad(z1, px, share)[0] + nx * torch.autograd.grad(z2, nx, share)[0]


def add_relevance(a_in, b_in, relevance):
    share = safe_divide(relevance, a_in + b_in)
    a, b = a_in * share, b_in * share
    a_sum, b_sum = a.sum(), b.sum()
    a_fact = safe_divide(a_sum.abs(), a_sum.abs() + b_sum.abs()) * relevance.sum()
    b_fact = safe_divide(b_sum.abs(), a_sum.abs() + b_sum.abs()) * relevance.sum()
    return a * safe_divide(a_fact, a.sum()), b * safe_divide(b_fact, b.sum())


def forward(vit, x):
    """Logits of one image, with everything that is looked at on the way."""
    tokens = vit.patch_embed(x)
    tokens = torch.cat((vit.cls_token.expand(1, -1, -1), tokens), 1) + vit.pos_embed
    seen = []
    for block in vit.blocks:
        attn = block.attn
        heads = attn.num_heads
        s = {"input": tokens, "norm1": block.norm1(tokens)}
        s["norm1"].retain_grad()
        n = tokens.shape[1]
        qkv = attn.qkv(s["norm1"]).reshape(1, n, 3, heads, -1).permute(2, 0, 3, 1, 4)
        s["q"], s["k"], s["v"] = qkv.unbind(0)
        s["products"] = s["q"] @ s["k"].transpose(-2, -1)
        s["weights"] = (s["products"] * attn.scale).softmax(-1)
        s["weights"].retain_grad()
        s["context"] = s["weights"] @ s["v"]
        s["merged"] = s["context"].transpose(1, 2).reshape(1, n, -1)
        s["attended"] = attn.proj(s["merged"])
        s["middle"] = tokens + s["attended"]
        s["norm2"] = block.norm2(s["middle"])
        s["norm2"].retain_grad()
        s["active"] = F.gelu(block.mlp.fc1(s["norm2"]))
        s["mixed"] = block.mlp.fc2(s["active"])
        tokens = s["middle"] + s["mixed"]
        seen.append(s)
    features = vit.norm(tokens)[:, 0]
    return vit.head(features), features, seen


def accumulate(layers):
    flow = torch.eye(layers[0].shape[-1], dtype=torch.float64)
    for layer in layers:
        flow = flow + layer @ flow
    return flow[0, 1:]


def lrp(vit, features, seen, target):
    one_hot = F.one_hot(torch.tensor([target]), vit.head.out_features).double()
    top = linear_relevance(vit.head, features, one_hot)
    cam = torch.zeros_like(seen[-1]["input"])
    cam[:, 0] = top
    relevances = []
    for block, s in reversed(list(zip(vit.blocks, seen))):
        attn, heads = block.attn, block.attn.num_heads
        kept, mixed = add_relevance(s["middle"], s["mixed"], cam)
        mixed = linear_relevance(block.mlp.fc2, s["active"], mixed)
        mixed = linear_relevance(block.mlp.fc1, s["norm2"], mixed)
        cam = kept + mixed
        stayed, inner = add_relevance(s["input"], s["attended"], cam)
        inner = linear_relevance(attn.proj, s["merged"], inner)
        n = inner.shape[1]
        inner = inner.reshape(1, n, heads, -1).transpose(1, 2)
        share = safe_divide(inner, s["context"])
        cam_weights = s["weights"] * (share @ s["v"].transpose(-2, -1)) / 2
        cam_v = s["v"] * (s["weights"].transpose(-2, -1) @ share) / 2
        share = safe_divide(cam_weights, s["products"])
        cam_q = s["q"] * (share @ s["k"]) / 2
        cam_k = s["k"] * (share.transpose(-2, -1) @ s["q"]) / 2
        qkv = torch.stack([cam_q, cam_k, cam_v]).permute(1, 3, 0, 2, 4).reshape(1, n, -1)
        cam = stayed + linear_relevance(attn.qkv, s["norm1"], qkv)
        relevances.insert(0, cam_weights)
    return relevances


def explain(vit, x, target):
    """All maps [N] of one normalised image."""
    logits, features, seen = forward(vit, x)
    logits[0, target].backward()
    eye = torch.eye(seen[0]["weights"].shape[-1], dtype=torch.float64)
    flow = eye
    for s in seen:
        mixed = (s["weights"].mean(1)[0] + eye) / 2
        flow = (mixed / mixed.sum(-1, keepdim=True)) @ flow
    rollout = flow[0, 1:]
    by_gradient = [(s["weights"].grad * s["weights"]).clamp(min=0).mean(1)[0] for s in seen]
    relevances = lrp(vit, features, seen, target)
    by_relevance = [
        (s["weights"].grad * relevance).clamp(min=0).mean(1)[0] for s, relevance in zip(seen, relevances)
    ]
    cam = seen[-2]["norm2"]
    weight = cam.grad[0, 1:].mean(0)
    return {
        "logits": logits[0],
        "rawAttention": seen[-1]["weights"].mean(1)[0, 0, 1:],
        "rollout": rollout / rollout.max(),
        "gradientAttention": accumulate(by_gradient),
        "transformerLrp": accumulate(by_relevance),
        "gradCam": (cam[0, 1:] * weight).sum(-1).clamp(min=0),
    }
