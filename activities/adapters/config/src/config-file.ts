import { VitrineError, failureRulesSchema, formatIssues } from '@vitrine/contracts';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { FIELDS } from './fields.js';
import type { Host } from './host.js';
import { poolsSchema } from './pools.js';
import { readConfigFile } from './state-files.js';

/** `vitrine.yaml`. Keys and tokens are not among its fields: it is a file to commit. */
export const configFileSchema = z.strictObject({
  stateDir: FIELDS.path.optional(),
  cacheDir: FIELDS.path.optional(),
  dataDir: FIELDS.path.optional(),
  metricsPort: FIELDS.port.optional(),
  api: z
    .strictObject({
      url: FIELDS.httpUrl.optional(),
      host: FIELDS.host.optional(),
      port: FIELDS.port.optional(),
    })
    .prefault({}),
  temporal: z
    .strictObject({ address: FIELDS.hostAndPort.optional(), namespace: FIELDS.name.optional() })
    .prefault({}),
  s3: z
    .strictObject({
      endpoint: FIELDS.httpUrl.optional(),
      region: FIELDS.name.optional(),
      bucket: FIELDS.bucket.optional(),
      forcePathStyle: FIELDS.flag.optional(),
    })
    .prefault({}),
  pools: poolsSchema.optional(),
  /** Of the local stack's Prometheus. */
  monitoring: z
    .strictObject({
      /** Folder of rules to use instead of those that ship. */
      rulesDir: FIELDS.path.optional(),
      scrapeSeconds: z.int().min(1).max(300).optional(),
    })
    .prefault({}),
  /** npm packages that bring stages: names of installed ones, or folders. */
  packages: z.array(FIELDS.path).optional(),
  /** What failed ends of stages mean here; looked at before the rules that ship, after those of the stage itself. */
  failures: failureRulesSchema.optional(),
});

export type ConfigFile = z.infer<typeof configFileSchema>;

/**
 * Reads `vitrine.yaml`.
 * @throws VitrineError InvalidConfig naming the file and each wrong field; undefined when there is no such file
 */
export function readVitrineYaml(path: string, host: Pick<Host, 'readText'>): ConfigFile | undefined {
  const text = readConfigFile(path, host);
  if (text === undefined) return undefined;
  const document = decodeYaml(text, path);
  const result = configFileSchema.safeParse(document ?? {});
  if (result.success) return result.data;
  throw new VitrineError('InvalidConfig', 'The configuration file has wrong fields.', {
    where: path,
    actual: formatIssues(result.error.issues, withoutUnknown(document)),
  });
}

function decodeYaml(text: string, path: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const line = cause instanceof YAMLParseError ? cause.linePos?.[0] : undefined;
    throw new VitrineError('InvalidConfig', 'The configuration file is not YAML.', {
      where: line ? `${path}, line ${line.line}, column ${line.col}` : path,
      expected: 'a YAML document',
      actual: cause instanceof YAMLParseError ? cause.code : String(cause),
      cause,
    });
  }
}

/** A document that is no mapping is told by its type alone, whatever it holds. */
function withoutUnknown(document: unknown): unknown {
  return document !== null && typeof document === 'object' ? document : typeof document;
}
