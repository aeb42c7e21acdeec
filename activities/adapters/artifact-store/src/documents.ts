import { VitrineError, formatIssues } from '@vitrine/contracts';
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
