import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { VitrineError } from '@vitrine/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createS3Client } from './s3-client.js';
import { s3Error } from './s3-errors.js';
import { createS3Stores } from './stores.js';

let server: Server;
let answer: { status: number; code: string };

beforeEach(async () => {
  server = createServer((_, response) => {
    response.writeHead(answer.status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${answer.code}</Code><Message>told</Message></Error>`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function errorOf(status: number, code: string): Promise<VitrineError> {
  answer = { status, code };
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const client = createS3Client({
    endpoint: `http://127.0.0.1:${address.port}`,
    region: 'us-east-1',
    accessKeyId: 'key',
    secretAccessKey: 'secret',
    forcePathStyle: true,
    attempts: 1,
  });
  const objects = createS3Stores({ client, bucket: 'bucket' });
  return objects.checkpoints.claim({ project: 'p', runId: 'r', stage: 's' }, 'worker').then(
    () => expect.fail('nothing was refused'),
    (error: VitrineError) => error,
  );
}

describe('an error of the object server', () => {
  it.each([
    [507, 'InsufficientStorage', 'DiskFull'],
    [403, 'QuotaExceeded', 'DiskFull'],
    [500, 'InternalError', 'StorageUnavailable'],
    [503, 'SlowDown', 'StorageUnavailable'],
    [403, 'SignatureDoesNotMatch', 'InvalidConfig'],
    [404, 'NoSuchBucket', 'InvalidConfig'],
    [400, 'InvalidArgument', 'Internal'],
  ])('HTTP %i %s becomes %s', async (status, code, expected) => {
    const error = await errorOf(status, code);
    expect(error.code).toBe(expected);
    expect(error.details.where).toBe('s3://bucket/p/p/runs/r/stages/s/pointer.json');
    expect(error.details.actual).toBe(`HTTP ${status} ${code}`);
  });

  it('that is none is not told as a failure of the server', () => {
    expect(s3Error(new TypeError('a defect'), { action: 'read an object', bucket: 'b' }).code).toBe(
      'Internal',
    );
  });
});
