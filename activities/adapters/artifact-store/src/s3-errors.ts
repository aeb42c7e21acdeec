import { VitrineError, type ErrorCode } from '@vitrine/contracts';

export interface S3Context {
  /** What was being done, to follow "could not". */
  readonly action: string;
  readonly bucket: string;
  readonly key?: string;
}

interface Facts {
  readonly name: string;
  readonly code: string | undefined;
  readonly status: number | undefined;
}

function factsOf(error: unknown): Facts {
  const { name, code, $metadata } = error as {
    name?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  return { name: name ?? 'unknown', code, status: $metadata?.httpStatusCode };
}

/** No such object, as GET (NoSuchKey) and HEAD (NotFound, which has no body) tell it. Other 404s are something else. */
export function isAbsent(error: unknown): boolean {
  const { name } = factsOf(error);
  return name === 'NoSuchKey' || name === 'NotFound';
}

/** 412: the condition of a write does not hold. 409: another conditional write of the key is under way. */
export function isConditionRefused(error: unknown): boolean {
  const { status, name } = factsOf(error);
  return status === 412 || (status === 409 && name === 'ConditionalRequestConflict') || name === 'NoSuchKey';
}

/** Names that object servers give to a full disk or quota; there is no standard one. */
const FULL = new Set(['QuotaExceeded', 'InsufficientStorage', 'XMinioStorageFull']);
const TRANSIENT = new Set(['SlowDown', 'RequestTimeout', 'TimeoutError', 'NoSuchUpload']);
/** Without a status that says so; versitygw answers 404 XAdminUserNotFound to a key that it does not know. */
const KEYS_REFUSED = new Set(['CredentialsProviderError', 'XAdminUserNotFound']);

/** What the SDK threw, as an error of the closed list, told by name and status. */
export function s3Error(error: unknown, { action, bucket, key }: S3Context): VitrineError {
  if (error instanceof VitrineError) return error;
  const facts = factsOf(error);
  const { name, code, status } = facts;
  return new VitrineError(classify(facts), `Could not ${action}.`, {
    where: key === undefined ? `s3://${bucket}` : `s3://${bucket}/${key}`,
    actual: [status && `HTTP ${status}`, name, code === name ? undefined : code].filter(Boolean).join(' '),
    cause: withoutRequest(error),
    ...advice(facts),
  });
}

/** The SDK's errors hold the request, with key id and session token in its headers: not for any log. */
function withoutRequest(error: unknown): Error {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const slim = new Error(message);
  slim.name = name;
  if (stack !== undefined) slim.stack = stack;
  return slim;
}

function areKeysRefused({ name, status }: Facts): boolean {
  return status === 401 || status === 403 || KEYS_REFUSED.has(name);
}

function classify(facts: Facts): ErrorCode {
  const { name, code, status } = facts;
  if (FULL.has(name) || status === 507) return 'DiskFull';
  if (name === 'NoSuchBucket' || areKeysRefused(facts)) return 'InvalidConfig';
  if (isAbsent(facts)) return 'ArtifactMissing';
  if (status === undefined) return isNetwork(name, code) ? 'StorageUnavailable' : 'Internal';
  // Below 400: an answer that could not be read to its end. 412: the object was replaced while it was read.
  const transient = status >= 500 || status === 429 || status < 400 || status === 412 || TRANSIENT.has(name);
  return transient ? 'StorageUnavailable' : 'Internal';
}

/** The server was not reached, or went away in the middle of an answer. */
function isNetwork(name: string, code: string | undefined): boolean {
  if (name === 'TimeoutError' || code === 'ERR_STREAM_PREMATURE_CLOSE') return true;
  return code !== undefined && /^E[A-Z_]+$/.test(code) && !code.startsWith('ERR_');
}

function advice(facts: Facts): { expected?: string; hint?: string } {
  if (facts.name === 'RequestTimeTooSkewed') return { hint: 'Set the clock of this machine.' };
  if (FULL.has(facts.name)) return {};
  if (facts.name === 'NoSuchBucket')
    return {
      expected: 'a bucket that exists',
      hint: 'Create the bucket, or correct VITRINE_S3_BUCKET or AWS_ENDPOINT_URL_S3.',
    };
  if (areKeysRefused(facts))
    return {
      expected: 'keys that may read and write the bucket',
      hint: 'Correct AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the policy of the bucket.',
    };
  return {};
}
