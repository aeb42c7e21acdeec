import { readFileSync } from 'node:fs';
import { decodeSafetensors, type HostTensor, type StateDict } from '@vitrine/ml-tensor';

/** A golden file of `infra/goldens/generate.py`, its tensors grouped by the part of their name before the first dot. */
export interface Golden {
  readonly tolerance: number;
  tensor(name: string): HostTensor;
  /** All tensors whose name begins with `prefix`, under the rest of their names. */
  group(prefix: string): StateDict;
}

export function readGolden(url: URL): Golden {
  const { state, metadata } = decodeSafetensors(readFileSync(url));
  const { tolerance } = JSON.parse(metadata['provenance'] ?? '{}') as { tolerance: number };
  return {
    tolerance,
    tensor: (name) => {
      const tensor = state[name];
      if (!tensor) throw new Error(`${url.pathname}: no tensor ${name}`);
      return tensor;
    },
    group: (prefix) =>
      Object.fromEntries(
        Object.entries(state).flatMap(([name, tensor]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
        ),
      ),
  };
}

/** Largest difference of two arrays over the largest magnitude of the expected one. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i] ?? NaN, expected[i] ?? NaN];
    difference = Math.max(difference, Number.isNaN(a) ? Infinity : Math.abs(a - e));
    scale = Math.max(scale, Math.abs(e));
  }
  return difference / scale;
}
