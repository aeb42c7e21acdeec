/**
 * The names of Hugging Face's `ViTForImageClassification`, and of `ViTModel` without the `vit.` prefix, against timm's.
 * The values are the same; only the attention projection differs: separate query, key and value there, one qkv here.
 */
import type { HostTensor, StateDict } from '@vitrine/ml-tensor';

const TOP: readonly (readonly [huggingFace: string, timm: string])[] = [
  ['vit.embeddings.cls_token', 'cls_token'],
  ['vit.embeddings.position_embeddings', 'pos_embed'],
  ['vit.embeddings.patch_embeddings.projection.weight', 'patch_embed.proj.weight'],
  ['vit.embeddings.patch_embeddings.projection.bias', 'patch_embed.proj.bias'],
  ['vit.layernorm.weight', 'norm.weight'],
  ['vit.layernorm.bias', 'norm.bias'],
  ['classifier.weight', 'head.weight'],
  ['classifier.bias', 'head.bias'],
];

const BLOCK: readonly (readonly [huggingFace: string, timm: string])[] = [
  ['layernorm_before', 'norm1'],
  ['attention.output.dense', 'attn.proj'],
  ['layernorm_after', 'norm2'],
  ['intermediate.dense', 'mlp.fc1'],
  ['output.dense', 'mlp.fc2'],
];

const PROJECTIONS = ['query', 'key', 'value'] as const;

export const isHuggingFace = (state: StateDict): boolean =>
  Object.keys(state).some((name) => /^(vit\.)?(embeddings|encoder)\./.test(name));

/** timm's name for one of Hugging Face's, undefined for a part of qkv or an unknown name. */
function timmName(name: string): string | undefined {
  const top = TOP.find(([theirs]) => theirs === name);
  if (top) return top[1];
  const [, block, layer, kind] = /^vit\.encoder\.layer\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  const part = BLOCK.find(([theirs]) => theirs === layer);
  return part && `blocks.${block}.${part[1]}.${kind}`;
}

function concatenate(parts: readonly HostTensor[]): HostTensor {
  const [first] = parts;
  const data = new Float32Array(parts.reduce((size, part) => size + part.data.length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.data.length;
  }
  const rows = parts.reduce((sum, part) => sum + (part.shape[0] ?? 0), 0);
  return { dtype: 'float32', shape: [rows, ...(first?.shape.slice(1) ?? [])], data };
}

/** Same weights under timm's names; names it does not know stay as they are, for the caller to report. */
export function fromHuggingFace(state: StateDict): StateDict {
  const renamed: Record<string, HostTensor> = {};
  const projections = new Map<string, Partial<Record<string, HostTensor>>>();
  for (const [given, tensor] of Object.entries(state)) {
    const name = /^(embeddings|encoder|layernorm)\./.test(given) ? `vit.${given}` : given;
    const [, block, part, kind] =
      /^vit\.encoder\.layer\.(\d+)\.attention\.attention\.(query|key|value)\.(weight|bias)$/.exec(name) ?? [];
    if (part === undefined) renamed[timmName(name) ?? given] = tensor;
    else {
      const target = `blocks.${block}.attn.qkv.${kind}`;
      projections.set(target, { ...projections.get(target), [part]: tensor });
    }
  }
  for (const [target, parts] of projections) {
    const all = PROJECTIONS.flatMap((part) => parts[part] ?? []);
    if (all.length === PROJECTIONS.length) renamed[target] = concatenate(all);
  }
  return renamed;
}

function splitThirds(tensor: HostTensor): readonly HostTensor[] {
  const rows = (tensor.shape[0] ?? 0) / PROJECTIONS.length;
  const size = tensor.data.length / PROJECTIONS.length;
  return PROJECTIONS.map((_, part) => ({
    dtype: 'float32',
    shape: [rows, ...tensor.shape.slice(1)],
    data: Float32Array.from(tensor.data.subarray(part * size, (part + 1) * size)),
  }));
}

/** Same weights under Hugging Face's names. */
export function toHuggingFace(state: StateDict): StateDict {
  const renamed: Record<string, HostTensor> = {};
  for (const [name, tensor] of Object.entries(state)) {
    const top = TOP.find(([, ours]) => ours === name);
    const [, block, layer, kind] = /^blocks\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
    const part = BLOCK.find(([, ours]) => ours === layer);
    const at = `vit.encoder.layer.${block}`;
    if (top) renamed[top[0]] = tensor;
    else if (part) renamed[`${at}.${part[0]}.${kind}`] = tensor;
    else if (layer === 'attn.qkv')
      splitThirds(tensor).forEach(
        (third, i) => (renamed[`${at}.attention.attention.${PROJECTIONS[i]}.${kind}`] = third),
      );
    else renamed[name] = tensor;
  }
  return renamed;
}
