import type { ArtifactStore } from '@vitrine/artifact-store';
import { VitrineError, type ArtifactRef } from '@vitrine/contracts';
import { KeptContent } from '../kept-content.js';

/** An artifact store in memory, for stages that only put and get. */
export class MemoryArtifacts implements ArtifactStore {
  private readonly kept = new KeptContent('memory://');

  put(...content: Parameters<ArtifactStore['put']>): Promise<ArtifactRef> {
    return this.kept.keep(...content);
  }

  get(ref: ArtifactRef): Promise<Uint8Array> {
    const bytes = this.kept.get(ref);
    if (bytes) return Promise.resolve(bytes.slice());
    return Promise.reject(new VitrineError('ArtifactMissing', 'No such artifact.', { where: ref.uri }));
  }

  async *stream(ref: ArtifactRef): AsyncGenerator<Uint8Array> {
    yield await this.get(ref);
  }

  async text(ref: ArtifactRef): Promise<string> {
    return new TextDecoder().decode(await this.get(ref));
  }
}
