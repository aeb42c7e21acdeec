import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { ARTIFACT_TYPES, VitrineError, formatIssues, type ArtifactRef } from '@vitrine/contracts';
import type { z } from 'zod';
import { s3Uri } from './keys.js';
import type { Objects, SmallObject } from './objects.js';

export function encodeDocument(document: unknown): Uint8Array {
  return Buffer.from(`${JSON.stringify(document)}\n`);
}

export interface DocumentAt<T> {
  readonly objects: Objects;
  readonly key: string;
  readonly schema: z.ZodType<T>;
}

export interface StoredDocument<T> extends SmallObject {
  readonly document: T;
}

/**
 * A JSON object of the store, checked against its schema; undefined when there is none.
 * @throws VitrineError ArtifactCorrupt naming the object and the field
 */
export async function readDocument<T>({
  objects,
  key,
  schema,
}: DocumentAt<T>): Promise<StoredDocument<T> | undefined> {
  const stored = await objects.get(key);
  if (!stored) return undefined;
  const where = s3Uri({ bucket: objects.bucket, key });
  const decoded = decode(stored.content, where);
  const result = schema.safeParse(decoded);
  if (result.success) return { ...stored, document: result.data };
  throw new VitrineError('ArtifactCorrupt', 'A stored document has wrong fields.', {
    where,
    actual: formatIssues(result.error.issues, decoded),
  });
}

/**
 * Writes a document that never changes.
 * @param what for people: `A run`
 * @returns the bytes that are stored in the end: these, or equal ones of an earlier call
 * @throws VitrineError Conflict when another one is there
 */
export async function writeOnce<T>(at: DocumentAt<T>, document: T, what: string): Promise<Uint8Array> {
  const content = encodeDocument(document);
  if ((await at.objects.putIf(at.key, content, { absent: true })) !== undefined) return content;
  const stored = await readDocument(at);
  // Through JSON, where absent and undefined fields are the same.
  const wanted: unknown = JSON.parse(Buffer.from(content).toString('utf8'));
  if (stored && isDeepStrictEqual(JSON.parse(JSON.stringify(stored.document)), wanted)) return stored.content;
  throw new VitrineError('Conflict', `${what} has been recorded with other content before.`, {
    where: s3Uri({ bucket: at.objects.bucket, key: at.key }),
    expected: 'no document, or an equal one',
    actual: stored ? 'a different document' : 'a document that is gone again',
  });
}

/**
 * Conditional writes that may be refused in a row: one of all who race gets through in each round, so this is how many may want to
 * change a document at the same moment.
 */
const MAX_ROUNDS = 256;

/**
 * Changes a document, however many do so at the same time: each change is made to what the one before it left, and none is lost.
 * @param change undefined when there is nothing to change; asked again when somebody else was quicker, and about what it has changed
 *   already when an answer was lost, so it must see that by itself
 * @returns what is stored in the end
 * @throws VitrineError Conflict after many that were quicker
 */
export async function changeDocument<T>(
  at: DocumentAt<T>,
  change: (stored: T | undefined) => T | undefined,
): Promise<T | undefined> {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const stored = await readDocument(at);
    const wanted = change(stored?.document);
    if (wanted === undefined) return stored?.document;
    const condition = stored ? { etag: stored.etag } : { absent: true as const };
    const etag = await at.objects.putIf(at.key, encodeDocument(wanted), condition);
    if (etag !== undefined) return wanted;
  }
  throw new VitrineError('Conflict', 'A document could not be changed.', {
    where: s3Uri({ bucket: at.objects.bucket, key: at.key }),
    expected: 'nobody who is quicker',
    actual: `${MAX_ROUNDS} refusals`,
  });
}

/** Names of the documents right below a prefix. */
export async function listNamed(objects: Objects, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const key of objects.list(prefix)) {
    const [, name] = /^([^/]+)\.json$/.exec(key.slice(prefix.length)) ?? [];
    if (name !== undefined) names.push(name);
  }
  return names.sort();
}

/** What has a `request.json` of its own below a prefix. */
export async function listRequested(objects: Objects, prefix: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const key of objects.list(prefix)) {
    const [, id] = /^([^/]+)\/request\.json$/.exec(key.slice(prefix.length)) ?? [];
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

/** A document under a key of its own, as artifacts are referred to. */
export function documentRef({ objects, key }: DocumentAt<unknown>, content: Uint8Array): ArtifactRef {
  return {
    type: 'document',
    uri: s3Uri({ bucket: objects.bucket, key }),
    sha256: createHash('sha256').update(content).digest('hex'),
    bytes: content.length,
    mediaType: ARTIFACT_TYPES.document,
  };
}

function decode(content: Uint8Array, where: string): unknown {
  try {
    return JSON.parse(Buffer.from(content).toString('utf8'));
  } catch (cause) {
    throw new VitrineError('ArtifactCorrupt', 'A stored document is not JSON.', {
      where,
      expected: 'a JSON document',
      actual: `${content.length} bytes that are not`,
      cause,
    });
  }
}
