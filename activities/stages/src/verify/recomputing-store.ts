import { createHash } from 'node:crypto';
import type { ArtifactStore } from '@vitrine/artifact-store';
import { ARTIFACT_TYPES, type ArtifactRef, type ArtifactType } from '@vitrine/contracts';

/** Reads what is stored and stores nothing: what is put is kept here, to be held against what is stored. */
export class RecomputingStore implements ArtifactStore {
  private readonly made = new Map<string, Uint8Array>();

  constructor(private readonly stored: Pick<ArtifactStore, 'get' | 'stream'>) {}

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
    this.made.set(sha256, bytes);
    return { type, uri: `recomputed:${sha256}`, sha256, bytes: bytes.length, mediaType };
  }

  get(ref: ArtifactRef): Promise<Uint8Array> {
    const made = this.made.get(ref.sha256);
    return made ? Promise.resolve(made) : this.stored.get(ref);
  }

  stream(ref: ArtifactRef): AsyncIterable<Uint8Array> {
    return this.stored.stream(ref);
  }
}
