import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { ARTIFACT_TYPES, VitrineError, type ArtifactRef, type ArtifactType } from '@vitrine/contracts';
import type { ArtifactStore } from './artifact-store.js';
import { memorySource, withStreamSource } from './content.js';
import { blobKey, parseS3Uri, s3Uri } from './keys.js';
import type { ByteSource, Objects } from './objects.js';

export interface BlobStoreOptions {
  readonly objects: Objects;
  readonly project: string;
  /** Folder for streams too long for memory, while they are put. */
  readonly spoolDir?: string;
}

/** Artifacts of one project over any object server: content-addressed writes, verified reads. */
export class BlobStore implements ArtifactStore {
  readonly #objects: Objects;
  readonly #project: string;
  readonly #spoolDir: string;

  constructor({ objects, project, spoolDir = tmpdir() }: BlobStoreOptions) {
    this.#objects = objects;
    this.#project = project;
    this.#spoolDir = spoolDir;
  }

  async put(
    type: ArtifactType,
    content: Uint8Array | AsyncIterable<Uint8Array>,
    mediaType: string = ARTIFACT_TYPES[type],
  ): Promise<ArtifactRef> {
    const facts = { type, mediaType };
    if (content instanceof Uint8Array) return this.#put(facts, await memorySource(content));
    return withStreamSource(content, this.#spoolDir, (source) => this.#put(facts, source));
  }

  async #put(
    { type, mediaType }: Pick<ArtifactRef, 'type' | 'mediaType'>,
    source: ByteSource,
  ): Promise<ArtifactRef> {
    const key = blobKey(this.#project, source.sha256);
    // The key is the digest, so whatever lies there in full length is what we have; anything else is replaced.
    if ((await this.#objects.size(key)) !== source.size) await this.#objects.put(key, source, mediaType);
    const uri = s3Uri({ bucket: this.#objects.bucket, key });
    return { type, uri, sha256: source.sha256, bytes: source.size, mediaType };
  }

  async get(ref: ArtifactRef): Promise<Uint8Array> {
    const content = Buffer.allocUnsafeSlow(ref.bytes);
    let done = 0;
    for await (const piece of this.stream(ref)) {
      content.set(piece, done);
      done += piece.length;
    }
    return content;
  }

  async *stream(ref: ArtifactRef): AsyncIterable<Uint8Array> {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of this.#objects.read(parseS3Uri(ref.uri))) {
      bytes += piece.length;
      if (bytes > ref.bytes) throw corrupt(ref, `${ref.bytes} bytes`, `more than ${ref.bytes} bytes`);
      hash.update(piece);
      yield piece;
    }
    if (bytes !== ref.bytes) throw corrupt(ref, `${ref.bytes} bytes`, `${bytes} bytes`);
    const sha256 = hash.digest('hex');
    if (sha256 !== ref.sha256) throw corrupt(ref, `sha256 ${ref.sha256}`, `sha256 ${sha256}`);
  }
}

function corrupt(ref: ArtifactRef, expected: string, actual: string): VitrineError {
  return new VitrineError('ArtifactCorrupt', 'An artifact is not what was written.', {
    where: ref.uri,
    expected,
    actual,
    hint: 'Check the disk of the store, remove this object, then run the stage that made it again.',
  });
}
