import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  paginateListObjectsV2,
  PutObjectCommand,
  type GetObjectCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { VitrineError } from '@vitrine/contracts';
import { s3Uri, type Place } from './keys.js';
import { PART_BYTES, putInParts } from './multipart.js';
import type { ByteSource, Objects, SmallObject, WriteCondition } from './objects.js';
import { isAbsent, isConditionRefused, s3Error } from './s3-errors.js';

/** Connections that may break one after another without a byte between them before reading is given up. */
const BARREN_READS = 3;

export interface S3ObjectsOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Keys asked for in one listing request. */
  readonly listPage?: number;
}

export class S3Objects implements Objects {
  readonly bucket: string;
  readonly #client: S3Client;
  readonly #listPage: number;

  constructor({ client, bucket, listPage = 1000 }: S3ObjectsOptions) {
    this.bucket = bucket;
    this.#client = client;
    this.#listPage = listPage;
  }

  async putIf(key: string, content: Uint8Array, condition: WriteCondition): Promise<string | undefined> {
    try {
      const written = await this.#client.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: key,
          Body: content,
          ContentType: 'application/json',
          ...('absent' in condition ? { IfNoneMatch: '*' } : { IfMatch: condition.etag }),
        }),
      );
      return written.ETag;
    } catch (error) {
      if (isConditionRefused(error)) return undefined;
      throw s3Error(error, { action: 'write an object', bucket: this.bucket, key });
    }
  }

  async put(key: string, source: ByteSource, mediaType: string): Promise<void> {
    try {
      if (source.size <= PART_BYTES) await this.#putWhole(key, source, mediaType);
      else await putInParts(this.#client, { place: this.#place(key), source, mediaType });
    } catch (error) {
      // When the answer to the completion was lost, its repetition finds no upload any more.
      if ((error as Error).name === 'NoSuchUpload' && (await this.size(key)) === source.size) return;
      throw s3Error(error, { action: 'write an object', bucket: this.bucket, key });
    }
  }

  async #putWhole(key: string, source: ByteSource, mediaType: string): Promise<void> {
    await this.#client.send(
      new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: await source.read(0, source.size),
        ContentType: mediaType,
        ChecksumSHA256: Buffer.from(source.sha256, 'hex').toString('base64'),
      }),
    );
  }

  async size(key: string): Promise<number | undefined> {
    try {
      const head = await this.#client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key }));
      return head.ContentLength;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw s3Error(error, { action: 'look for an object', bucket: this.bucket, key });
    }
  }

  async remove(key: string): Promise<void> {
    try {
      await this.#client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
    } catch (error) {
      if (!isAbsent(error)) throw s3Error(error, { action: 'remove an object', bucket: this.bucket, key });
    }
  }

  async get(key: string): Promise<SmallObject | undefined> {
    const place = this.#place(key);
    try {
      const answer = await this.#open(place, {});
      const pieces: Uint8Array[] = [];
      for await (const piece of this.#read(place, answer)) pieces.push(piece);
      return { content: Buffer.concat(pieces), etag: answer.ETag ?? '' };
    } catch (error) {
      if (error instanceof VitrineError && error.code === 'ArtifactMissing') return undefined;
      throw error;
    }
  }

  async *read(place: Place): AsyncIterable<Uint8Array> {
    yield* this.#read(place, await this.#open(place, {}));
  }

  async *#read(place: Place, first: GetObjectCommandOutput): AsyncIterable<Uint8Array> {
    const size = first.ContentLength ?? 0;
    let answer = first;
    let done = 0;
    let barren = 0;
    for (;;) {
      const before = done;
      try {
        for await (const piece of bodyOf(answer)) {
          done += piece.length;
          yield piece;
        }
      } catch (error) {
        if (barren === BARREN_READS && done === before)
          throw s3Error(error, { action: 'read an object', ...place });
      }
      if (done >= size) return;
      barren = done === before ? barren + 1 : 0;
      if (barren > BARREN_READS) throw cutOff(place, size, done);
      answer = await this.#open(place, { Range: `bytes=${done}-`, IfMatch: first.ETag });
    }
  }

  async #open(
    place: Place,
    part: { Range?: string; IfMatch?: string | undefined },
  ): Promise<GetObjectCommandOutput> {
    try {
      return await this.#client.send(new GetObjectCommand({ Bucket: place.bucket, Key: place.key, ...part }));
    } catch (error) {
      throw s3Error(error, { action: 'read an object', ...place });
    }
  }

  async *list(prefix: string): AsyncIterable<string> {
    const pages = paginateListObjectsV2(
      { client: this.#client, pageSize: this.#listPage },
      { Bucket: this.bucket, Prefix: prefix },
    );
    try {
      for await (const page of pages)
        for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
    } catch (error) {
      throw s3Error(error, { action: 'list objects', bucket: this.bucket, key: `${prefix}*` });
    }
  }

  #place(key: string): Place {
    return { bucket: this.bucket, key };
  }
}

/** On Node the body is a readable stream; its type says that it might also be a browser's. */
function bodyOf(answer: GetObjectCommandOutput): AsyncIterable<Uint8Array> {
  return answer.Body as unknown as AsyncIterable<Uint8Array>;
}

function cutOff(place: Place, size: number, done: number): VitrineError {
  return new VitrineError('StorageUnavailable', 'An object was cut off again and again.', {
    where: s3Uri(place),
    expected: `${size} bytes`,
    actual: `${done} bytes`,
  });
}
