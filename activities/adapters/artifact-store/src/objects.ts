import type { Place } from './keys.js';

/** Bytes of known length and digest that can be read again, piece by piece, when a send has to be repeated. */
export interface ByteSource {
  readonly size: number;
  /** Hexadecimal. */
  readonly sha256: string;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** `absent`: only if no object has this key; otherwise only if the object still has this ETag. */
export type WriteCondition = { readonly absent: true } | { readonly etag: string };

export interface SmallObject {
  readonly content: Uint8Array;
  readonly etag: string;
}

/** What the stores need of an object server. One bucket; only reads may name another. */
export interface Objects {
  readonly bucket: string;
  /**
   * Writes a small object if the condition holds, and returns its new ETag. Undefined means that the server refused:
   * either the condition does not hold, or it does no longer because an earlier try of this very write got through.
   * @throws VitrineError StorageUnavailable, DiskFull
   */
  putIf(key: string, content: Uint8Array, condition: WriteCondition): Promise<string | undefined>;
  /** Writes an object of any size; not visible before all of it is. */
  put(key: string, source: ByteSource, mediaType: string): Promise<void>;
  /** Length of an object in bytes, or undefined when there is none. */
  size(key: string): Promise<number | undefined>;
  /** Also when there is none. */
  remove(key: string): Promise<void>;
  get(key: string): Promise<SmallObject | undefined>;
  /**
   * The bytes of an object in order; a broken connection is taken up where it broke.
   * @throws VitrineError ArtifactMissing, StorageUnavailable
   */
  read(place: Place): AsyncIterable<Uint8Array>;
  /** Keys with a prefix, in no particular order. */
  list(prefix: string): AsyncIterable<string>;
}
