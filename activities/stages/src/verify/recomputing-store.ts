import type { ArtifactStore } from '@vitrine/artifact-store';
import type { ArtifactRef } from '@vitrine/contracts';
import { KeptContent } from '../kept-content.js';

/** Reads what is stored and stores nothing: what is put is kept here, to be held against what is stored. */
export class RecomputingStore implements ArtifactStore {
  private readonly made = new KeptContent('recomputed:');

  constructor(private readonly stored: Pick<ArtifactStore, 'get' | 'stream'>) {}

  put(...content: Parameters<ArtifactStore['put']>): Promise<ArtifactRef> {
    return this.made.keep(...content);
  }

  get(ref: ArtifactRef): Promise<Uint8Array> {
    const made = this.made.get(ref);
    return made ? Promise.resolve(made) : this.stored.get(ref);
  }

  stream(ref: ArtifactRef): AsyncIterable<Uint8Array> {
    return this.stored.stream(ref);
  }
}
