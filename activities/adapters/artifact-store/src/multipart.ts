import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type CompletedPart,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Place } from './keys.js';
import type { ByteSource } from './objects.js';

/** Parts have to have 5 MiB at least (but the last) and there may be 10,000. */
export const PART_BYTES = 8 * 2 ** 20;
const MAX_PARTS = 10_000;
/** Parts under way at a time; with the part size it bounds the memory of an upload to 32 MiB below 80 GB. */
const PARALLEL = 4;

interface Upload {
  readonly place: Place;
  readonly source: ByteSource;
  readonly mediaType: string;
}

/**
 * Sends a source in parts. Nothing is visible under the key before the last request, and the parts are removed when
 * it fails. Throws what the SDK throws.
 */
export async function putInParts(client: S3Client, { place, source, mediaType }: Upload): Promise<void> {
  const target = { Bucket: place.bucket, Key: place.key };
  const created = await client.send(
    new CreateMultipartUploadCommand({ ...target, ContentType: mediaType, ChecksumAlgorithm: 'CRC32' }),
  );
  const upload = { ...target, UploadId: created.UploadId };
  try {
    const parts = await sendParts(client, upload, source);
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }));
  } catch (error) {
    // Best effort: the error to tell is the first one, and a server that is away forgets stale uploads by its own rule.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw error;
  }
}

interface OpenUpload {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

async function sendParts(client: S3Client, upload: OpenUpload, source: ByteSource): Promise<CompletedPart[]> {
  const partBytes = Math.max(PART_BYTES, Math.ceil(source.size / MAX_PARTS));
  const count = Math.ceil(source.size / partBytes);
  const parts: CompletedPart[] = [];
  let next = 0;
  let failed = false;
  const sender = async (): Promise<void> => {
    while (next < count && !failed) {
      const index = next++;
      const offset = index * partBytes;
      const body = await source.read(offset, Math.min(partBytes, source.size - offset));
      const sent = await client.send(
        new UploadPartCommand({ ...upload, PartNumber: index + 1, Body: body, ChecksumAlgorithm: 'CRC32' }),
      );
      parts[index] = { PartNumber: index + 1, ETag: sent.ETag, ChecksumCRC32: sent.ChecksumCRC32 };
    }
  };
  const senders = Array.from({ length: Math.min(PARALLEL, count) }, () =>
    sender().catch((error: unknown) => {
      failed = true;
      throw error;
    }),
  );
  // All have ended before the upload is aborted, so that no part arrives after that.
  const outcomes = await Promise.allSettled(senders);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
  return parts;
}
