import { createHash } from 'node:crypto';
import type { ArtifactStore } from '@vitrine/artifact-store';
import { ARTIFACT_TYPES, VitrineError, type ArtifactRef, type ArtifactType } from '@vitrine/contracts';

/** An artifact store in memory, for stages that only put and get. */
export class MemoryArtifacts implements ArtifactStore {
  private readonly blobs = new Map<string, Uint8Array>();

  async put(
    type: ArtifactType,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    mediaType: string = ARTIFACT_TYPES[type],
  ): Promise<ArtifactRef> {
    const parts: Uint8Array[] = [];
    if (content instanceof Uint8Array) parts.push(content);
    else for await (const part of content) parts.push(part);
    const bytes = Buffer.concat(parts);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.blobs.set(sha256, bytes);
    return { type, uri: `memory://${sha256}`, sha256, bytes: bytes.length, mediaType };
  }

  get(ref: ArtifactRef): Promise<Uint8Array> {
    const bytes = this.blobs.get(ref.sha256);
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
