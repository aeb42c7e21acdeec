import { VitrineError } from '@vitrine/contracts';
import { s3Uri, type Place } from './keys.js';
import type { ByteSource, Objects, SmallObject, WriteCondition } from './objects.js';
import { createStores, type Stores } from './stores.js';

/** An object server in memory for tests; held to the same conformance suite as the real one. */
export class MemoryObjects implements Objects {
  readonly bucket: string;
  /** The stored objects by key, for tests that damage them. */
  readonly entries = new Map<string, SmallObject>();
  #writes = 0;

  constructor(bucket = 'memory') {
    this.bucket = bucket;
  }

  async putIf(key: string, content: Uint8Array, condition: WriteCondition): Promise<string | undefined> {
    await Promise.resolve();
    const stored = this.entries.get(key);
    const holds = 'absent' in condition ? stored === undefined : stored?.etag === condition.etag;
    return holds ? this.#write(key, content) : undefined;
  }

  async put(key: string, source: ByteSource): Promise<void> {
    this.#write(key, await source.read(0, source.size));
  }

  async size(key: string): Promise<number | undefined> {
    return (await this.get(key))?.content.length;
  }

  async remove(key: string): Promise<void> {
    await Promise.resolve();
    this.entries.delete(key);
  }

  async get(key: string): Promise<SmallObject | undefined> {
    await Promise.resolve();
    return this.entries.get(key);
  }

  async *read(place: Place): AsyncIterable<Uint8Array> {
    const stored = place.bucket === this.bucket ? await this.get(place.key) : undefined;
    if (!stored)
      throw new VitrineError('ArtifactMissing', 'Could not read an object.', { where: s3Uri(place) });
    yield Uint8Array.from(stored.content);
  }

  async *list(prefix: string): AsyncIterable<string> {
    await Promise.resolve();
    for (const key of [...this.entries.keys()]) if (key.startsWith(prefix)) yield key;
  }

  #write(key: string, content: Uint8Array): string {
    const etag = `"${++this.#writes}"`;
    this.entries.set(key, { content: Uint8Array.from(content), etag });
    return etag;
  }
}

export function createMemoryStores(objects: Objects = new MemoryObjects()): Stores {
  return createStores(objects);
}
