/** A TensorFlow session on a graph of ours, through the one door that tfjs-node has for it: a SavedModel on disk. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HostTensor, TensorSpec } from '@vitrine/ml-tensor';
import { DTYPE } from './graph.js';
import { encodeSavedModel, TAG, type NodeDef } from './graph-def.js';
import type { Binding } from './node-backend.js';

export interface Feed extends TensorSpec {
  /** `node:output`. */
  readonly to: string;
  readonly values: Float32Array | Int32Array;
}

export class GraphSession {
  private readonly id: number;

  constructor(
    private readonly binding: Binding,
    nodes: readonly NodeDef[],
  ) {
    const folder = mkdtempSync(join(tmpdir(), 'vitrine-graph-'));
    try {
      // Looked for by TensorFlow although the graph restores nothing.
      mkdirSync(join(folder, 'variables'));
      writeFileSync(join(folder, 'saved_model.pb'), encodeSavedModel(nodes));
      this.id = binding.loadSavedModel(folder, TAG);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /** Runs what the fetched tensors need. Host copies, in the order of `fetches`. */
  run(feeds: readonly Feed[], fetches: readonly string[]): HostTensor[] {
    const { binding } = this;
    const ids: number[] = [];
    const fetched: number[] = [];
    try {
      for (const { shape, dtype, values } of feeds)
        ids.push(binding.createTensor(shape, DTYPE[dtype], values));
      const names = feeds.map(({ to }) => to).join(',');
      const outputs = binding.runSavedModel(this.id, ids, names, fetches.join(','));
      fetched.push(...outputs.map(({ id }) => id));
      return outputs.map(({ id, shape, dtype }) => {
        const data = binding.tensorDataSync(id);
        // Truth values come as bytes; the host knows them as numbers.
        if (dtype === DTYPE.bool) return { shape, dtype: 'float32', data: Float32Array.from(data) };
        return { shape, dtype: dtype === DTYPE.int32 ? 'int32' : 'float32', data };
      });
    } finally {
      for (const id of [...ids, ...fetched]) binding.deleteTensor(id);
    }
  }

  close(): void {
    this.binding.deleteSavedModel(this.id);
  }
}
