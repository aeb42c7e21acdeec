import { CreateBucketCommand, HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { isAbsent, s3Error } from './s3-errors.js';
import { measureRequests, type S3Request } from './s3-requests.js';

export interface S3Settings {
  /** Undefined means AWS's own. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** Without keys the SDK's own chain is asked: profiles, roles, single sign-on. */
  readonly accessKeyId: string | undefined;
  readonly secretAccessKey: string | undefined;
  readonly sessionToken?: string | undefined;
  readonly forcePathStyle: boolean;
  /** How often a request is tried, with exponential back-off and jitter in between. */
  readonly attempts?: number;
  /** Told of every try of every request. */
  readonly onRequest?: (request: S3Request) => void;
}

/** Eight tries take some 6 s on average: enough for a local server to be started again, short enough for a person. */
const ATTEMPTS = 8;

export function createS3Client(settings: S3Settings): S3Client {
  const { endpoint, region, accessKeyId, secretAccessKey, sessionToken, forcePathStyle } = settings;
  const client = new S3Client({
    region,
    forcePathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      }),
    retryMode: 'standard',
    maxAttempts: settings.attempts ?? ATTEMPTS,
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
    // Everything read is checked against the sha256 of its reference.
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  if (settings.onRequest) measureRequests(client, settings.onRequest);
  return client;
}

/**
 * Creates the bucket unless it is there.
 * @throws VitrineError StorageUnavailable, InvalidConfig
 */
export async function ensureBucket(client: S3Client, bucket: string): Promise<void> {
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
  } catch (error) {
    if (!isAbsent(error)) throw s3Error(error, { action: 'look for the bucket', bucket });
    try {
      await client.send(new CreateBucketCommand({ Bucket: bucket }));
    } catch (creation) {
      // Somebody else was quicker, or the answer to our own first try was lost.
      if ((creation as Error).name !== 'BucketAlreadyOwnedByYou')
        throw s3Error(creation, { action: 'create the bucket', bucket });
    }
  }
}
