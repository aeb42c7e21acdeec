import { isDeepStrictEqual } from 'node:util';
import { cacheEntrySchema, VitrineError, type ArtifactRef, type CacheEntry } from '@vitrine/contracts';
import type { ArtifactStore, CacheStore, RecentEntries } from './artifact-store.js';
import { encodeDocument, readDocument, type DocumentAt } from './documents.js';
import { cacheIndexPrefix, cacheKey, parseS3Uri, s3Uri } from './keys.js';
import type { Objects } from './objects.js';

/** Writers of one key are few: those who computed it on unlike machines, or were asked to compute it anew. */
const MAX_ROUNDS = 32;

/** A time that sorts the newest first: milliseconds to the year 2286. */
const LAST_TIME = 9_999_999_999_999;

/** Results by key over any object server with conditional writes. */
export class ObjectCacheStore implements CacheStore {
  readonly #objects: Objects;
  readonly #artifacts: (project: string) => ArtifactStore;

  constructor(objects: Objects, artifacts: (project: string) => ArtifactStore) {
    this.#objects = objects;
    this.#artifacts = artifacts;
  }

  async get(project: string, key: string): Promise<CacheEntry | undefined> {
    return (await readDocument(this.#at(project, key)))?.document;
  }

  async put(entry: CacheEntry): Promise<CacheEntry | undefined> {
    const at = this.#at(entry.parts.project, entry.key);
    const content = encodeDocument(entry);
    let replaced: CacheEntry | undefined;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const stored = await this.#objects.get(at.key);
      const known = stored && (await this.#readable(at));
      if (known && sameOutputs(known, entry)) {
        // A lost answer, or somebody else's equal result: the entry stands, and so must its place in the index.
        await this.#list(known);
        return replaced;
      }
      replaced = known ?? replaced;
      const condition = stored ? { etag: stored.etag } : { absent: true as const };
      // A refusal may also mean that a try of this very write got through: reading again tells.
      if ((await this.#objects.putIf(at.key, content, condition)) === undefined) continue;
      await this.#list(entry);
      return replaced;
    }
    throw new VitrineError('StorageUnavailable', 'An entry of the cache could not be written.', {
      where: s3Uri({ bucket: this.#objects.bucket, key: at.key }),
      expected: 'a conditional write that gets through',
      actual: `${MAX_ROUNDS} that did not`,
    });
  }

  async recent({ project, kind, stage, limit }: RecentEntries): Promise<CacheEntry[]> {
    const prefix = cacheIndexPrefix(project, kind, stage);
    const found: { readonly order: string; readonly key: string }[] = [];
    for await (const place of this.#objects.list(prefix)) {
      const [, order, key] = /(?:^|\/)(\d+)-([0-9a-f]{64})$/.exec(place.slice(prefix.length)) ?? [];
      if (order !== undefined && key !== undefined) found.push({ order, key });
    }
    found.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0));
    const keys = [...new Set(found.map(({ key }) => key))].slice(0, limit);
    const entries = await Promise.all(keys.map((key) => this.#readable(this.#at(project, key))));
    return entries.flatMap((entry) => entry ?? []);
  }

  async damage(
    project: string,
    artifacts: Readonly<Record<string, ArtifactRef>>,
  ): Promise<string | undefined> {
    for (const [name, ref] of Object.entries(artifacts)) {
      const error = await this.#unreadable(project, ref);
      if (!error) continue;
      const { expected, actual } = error.details;
      return error.code === 'ArtifactMissing'
        ? `output ${name} is missing: ${ref.uri}`
        : `output ${name} is damaged: ${ref.uri}, expected ${expected}, got ${actual}`;
    }
    return undefined;
  }

  async mend(project: string, artifacts: Readonly<Record<string, ArtifactRef>>): Promise<void> {
    for (const ref of Object.values(artifacts)) {
      const { bucket, key } = parseS3Uri(ref.uri);
      const error = await this.#unreadable(project, ref);
      if (error?.code === 'ArtifactCorrupt' && bucket === this.#objects.bucket)
        await this.#objects.remove(key);
    }
  }

  async #unreadable(project: string, ref: ArtifactRef): Promise<VitrineError | undefined> {
    try {
      for await (const _piece of this.#artifacts(project).stream(ref));
      return undefined;
    } catch (error) {
      const lost =
        error instanceof VitrineError &&
        (error.code === 'ArtifactMissing' || error.code === 'ArtifactCorrupt');
      if (lost) return error;
      throw error;
    }
  }

  /** The entry, or undefined when there is none or it is no entry any more. */
  async #readable(at: DocumentAt<CacheEntry>): Promise<CacheEntry | undefined> {
    try {
      return (await readDocument(at))?.document;
    } catch (error) {
      if (error instanceof VitrineError && error.code === 'ArtifactCorrupt') return undefined;
      throw error;
    }
  }

  async #list({ key, parts, from, endedAt }: CacheEntry): Promise<void> {
    const order = String(LAST_TIME - Date.parse(endedAt)).padStart(13, '0');
    const place = `${cacheIndexPrefix(parts.project, parts.kind, from.stage)}${order}-${key}`;
    await this.#objects.putIf(place, encodeDocument({ key }), { absent: true });
  }

  #at(project: string, key: string): DocumentAt<CacheEntry> {
    return { objects: this.#objects, key: cacheKey(project, key), schema: cacheEntrySchema };
  }
}

/** The same artifacts by digest, wherever they lie. */
function sameOutputs(one: CacheEntry, other: CacheEntry): boolean {
  const digests = ({ outputs }: CacheEntry) =>
    Object.fromEntries(Object.entries(outputs).map(([name, { sha256 }]) => [name, sha256]));
  return isDeepStrictEqual(digests(one), digests(other));
}
