import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, inject } from 'vitest';
import { describeStores } from './artifact-store.conformance.js';
import { parseS3Uri } from './keys.js';
import { createS3Client, ensureBucket } from './s3-client.js';
import { createS3Stores } from './stores.js';

const settings = inject('s3');
const client = createS3Client(settings);
afterAll(() => client.destroy());

describeStores('stores on an S3 server', async () => {
  const bucket = 'conformance';
  await ensureBucket(client, bucket);
  const fileOf = (uri: string): string => join(settings.dir, bucket, parseS3Uri(uri).key);
  return {
    stores: createS3Stores({ client, bucket, listPage: 3 }),
    // On the server's disk, behind its back.
    damage: (ref, content) => {
      writeFileSync(fileOf(ref.uri), content);
      return Promise.resolve();
    },
    remove: async (ref) => {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: parseS3Uri(ref.uri).key }));
    },
  };
});
