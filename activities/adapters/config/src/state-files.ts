import { join } from 'node:path';
import { VitrineError, formatIssues } from '@vitrine/contracts';
import { z } from 'zod';
import { localHost, type Host } from './host.js';
import { processIdentitySchema } from './process-identity.js';

const serverSource = z.enum(['env', 'path', 'built']);
const serverBinary = z.strictObject({ path: z.string().min(1), version: z.string(), source: serverSource });

/** `native.json`: which native parts this workspace uses; written by the setup step. */
export const nativeFileSchema = z.strictObject({
  format: z.literal(1),
  temporal: serverBinary,
  s3: serverBinary,
  libtensorflow: z.strictObject({
    dir: z.string().min(1),
    version: z.string(),
    sha256: z.string(),
    device: z.enum(['cpu', 'cuda']),
    source: z.string(),
  }),
  /** Absent where it could not be had: nothing but `vitrine up --monitoring` needs it. */
  prometheus: z
    .strictObject({
      path: z.string().min(1),
      promtool: z.string().min(1),
      version: z.string(),
      source: z.enum(['env', 'path', 'fetched']),
    })
    .optional(),
});

/**
 * `stack.json`: the processes of the local stack, written by its supervisor, each part as soon as it answers. A part
 * counts only while its process is alive, so a file left behind by a crash misleads nobody.
 */
export const stackFileSchema = z.strictObject({
  format: z.literal(1),
  supervisor: processIdentitySchema,
  /** Digest of the programs of API and worker that were built when the stack was started. */
  programs: z.string().optional(),
  api: processIdentitySchema.extend({ url: z.url() }).optional(),
  temporal: processIdentitySchema
    .extend({ address: z.string().min(1), uiUrl: z.url().optional() })
    .optional(),
  s3: processIdentitySchema.extend({ endpoint: z.url(), bucket: z.string().min(3) }).optional(),
  prometheus: processIdentitySchema.extend({ url: z.url() }).optional(),
  grafana: processIdentitySchema.extend({ url: z.url() }).optional(),
  workers: z.array(processIdentitySchema.extend({ metricsUrl: z.url().optional() })).default([]),
});

/** `credentials.json`, mode 0600: keys of the local stack, made at its first start. Used on loopback addresses only. */
export const credentialsFileSchema = z.strictObject({
  format: z.literal(1),
  s3: z.strictObject({ accessKeyId: z.string().min(1), secretAccessKey: z.string().min(1) }),
  apiToken: z.string().min(1),
});

export type NativeFile = z.infer<typeof nativeFileSchema>;
export type StackFile = z.infer<typeof stackFileSchema>;
export type CredentialsFile = z.infer<typeof credentialsFileSchema>;

export interface StatePaths {
  readonly native: string;
  readonly stack: string;
  readonly credentials: string;
  readonly temporalDb: string;
  readonly s3Dir: string;
  readonly logsDir: string;
  readonly eventsDir: string;
  readonly spoolDir: string;
  /** Of Prometheus and Grafana: what they keep, and what they are told. */
  readonly monitoringDir: string;
}

/** Where everything lies in a state folder. */
export function statePaths(stateDir: string): StatePaths {
  return {
    native: join(stateDir, 'native.json'),
    stack: join(stateDir, 'stack.json'),
    credentials: join(stateDir, 'credentials.json'),
    temporalDb: join(stateDir, 'temporal.db'),
    s3Dir: join(stateDir, 's3'),
    logsDir: join(stateDir, 'logs'),
    eventsDir: join(stateDir, 'events'),
    spoolDir: join(stateDir, 'spool'),
    monitoringDir: join(stateDir, 'monitoring'),
  };
}

type Reader = Pick<Host, 'readText'>;

/** @throws VitrineError InvalidConfig naming the file and the field; undefined when there is no such file */
export function readNativeFile(stateDir: string, host: Reader = localHost()): NativeFile | undefined {
  return readStateFile(statePaths(stateDir).native, nativeFileSchema, host);
}

/** @throws VitrineError InvalidConfig naming the file and the field; undefined when there is no such file */
export function readStackFile(stateDir: string, host: Reader = localHost()): StackFile | undefined {
  return readStateFile(statePaths(stateDir).stack, stackFileSchema, host);
}

/** @throws VitrineError InvalidConfig naming the file and the field, never a value; undefined when there is no such file */
export function readCredentialsFile(
  stateDir: string,
  host: Reader = localHost(),
): CredentialsFile | undefined {
  return readStateFile(statePaths(stateDir).credentials, credentialsFileSchema, host);
}

function readStateFile<T>(path: string, schema: z.ZodType<T>, host: Reader): T | undefined {
  const text = readConfigFile(path, host);
  if (text === undefined) return undefined;
  const document = decodeJson(text, path);
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  throw new VitrineError('InvalidConfig', 'A file of the state folder is not what Vitrine writes.', {
    where: path,
    // Issues are told without the document, so that no secret gets into a message.
    actual: formatIssues(result.error.issues, undefined).replaceAll(', got nothing', ''),
    hint: 'Remove the file and start the stack again; it is written anew.',
  });
}

function decodeJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // JSON.parse quotes the text around the error, which may be a key.
    throw new VitrineError('InvalidConfig', 'A file of the state folder is not JSON.', {
      where: path,
      expected: 'a JSON document',
      actual: `${text.length} characters that are not`,
      hint: 'Remove the file and start the stack again; it is written anew.',
    });
  }
}

/** @throws VitrineError InvalidConfig when the file is there but cannot be read */
export function readConfigFile(path: string, host: Reader): string | undefined {
  try {
    return host.readText(path);
  } catch (cause) {
    throw new VitrineError('InvalidConfig', 'A configuration file cannot be read.', {
      where: path,
      expected: 'a file this user may read',
      actual: (cause as NodeJS.ErrnoException).code ?? String(cause),
      cause,
    });
  }
}
