/** Every environment variable that Vitrine itself reads; the generated reference is made from this table. */
export const VARIABLES = {
  VITRINE_STATE_DIR: {
    what: 'Folder of the local stack: addresses, logs, databases. Default: `.vitrine` in the workspace.',
  },
  VITRINE_CACHE_DIR: {
    what: 'Folder shared by all clones. Default: `$XDG_CACHE_HOME/vitrine` or `~/.cache/vitrine`.',
  },
  VITRINE_DATA_DIR: { what: 'Folder of data sets. Default: `data` in the cache folder.' },
  VITRINE_CONFIG: { what: 'Path of the configuration file. Default: `vitrine.yaml` in the workspace.' },
  VITRINE_API_URL: { what: 'Where clients and workers find the API. Default: the running local stack.' },
  VITRINE_API_TOKEN: { what: 'Bearer token of the API.' },
  VITRINE_API_HOST: { what: 'Address the API listens on. Default: 127.0.0.1.' },
  VITRINE_API_PORT: { what: 'Port the API listens on; 0 takes any free one. Default: 7080.' },
  VITRINE_METRICS_PORT: { what: "Port of a worker's metrics page; 0 takes any free one. Default: 0." },
  VITRINE_S3_BUCKET: { what: 'Bucket for everything stored. Default: vitrine.' },
  TEMPORAL_ADDRESS: { what: 'host:port of the Temporal server. Default: the running local stack.' },
  TEMPORAL_NAMESPACE: { what: 'Temporal namespace. Default: default.' },
  AWS_ENDPOINT_URL_S3: {
    what: "Address of the S3 server. Default: the running local stack, else AWS's own.",
  },
  AWS_ENDPOINT_URL: { what: 'As AWS_ENDPOINT_URL_S3, when that is not set.' },
  AWS_REGION: { what: 'Region of the S3 server. Default: us-east-1.' },
  AWS_ACCESS_KEY_ID: { what: 'Key of the S3 server.' },
  AWS_SECRET_ACCESS_KEY: { what: 'Secret of that key.' },
  AWS_SESSION_TOKEN: { what: 'Session token of temporary keys.' },
  XDG_CACHE_HOME: { what: 'Where user caches lie.' },
  CUDA_VISIBLE_DEVICES: { what: 'GPUs this process may use.' },
} as const satisfies Record<string, { readonly what: string }>;

export type VariableName = keyof typeof VARIABLES;
export type Environment = Readonly<Partial<Record<string, string>>>;

/** The value of a variable; an empty one counts as not set, as in most shells' habits. */
export function variable(env: Environment, name: VariableName): string | undefined {
  return env[name] === '' ? undefined : env[name];
}
