import { createHash } from 'node:crypto';
import { ARTIFACT_TYPES, type ArtifactRef, type ArtifactType } from '@vitrine/contracts';

/** Contents in memory by their digests, described as a store describes them. */
export class KeptContent {
  private readonly bytes = new Map<string, Uint8Array>();

  /** @param origin what their addresses begin with */
  constructor(private readonly origin: string) {}

  async keep(
    type: ArtifactType,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    mediaType: string = ARTIFACT_TYPES[type],
  ): Promise<ArtifactRef> {
    const parts: Uint8Array[] = [];
    if (content instanceof Uint8Array) parts.push(content);
    else for await (const part of content) parts.push(part);
    const bytes = Buffer.concat(parts);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.bytes.set(sha256, bytes);
    return { type, uri: `${this.origin}${sha256}`, sha256, bytes: bytes.length, mediaType };
  }

  get({ sha256 }: Pick<ArtifactRef, 'sha256'>): Uint8Array | undefined {
    return this.bytes.get(sha256);
  }
}
