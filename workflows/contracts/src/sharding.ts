/**
 * Kinds whose work can be cut into chunks of one size, with the parameter that says the size. It is never a function of
 * the workers: the same chunks whoever computes them, so the same bytes.
 */
export const SHARD_SIZE = {
  evaluate: 'chunkImages',
  certify: 'chunkImages',
  'nullspace-noise': 'chunkNoises',
} as const;

interface Work {
  readonly kind: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** A part is not cut again. */
  readonly part?: unknown;
}

/** Whether a job is done in chunks, each on any worker of the pool, and merged in their order. */
export function isSharded({ kind, params, part }: Work): boolean {
  const size = Object.hasOwn(SHARD_SIZE, kind) ? SHARD_SIZE[kind as keyof typeof SHARD_SIZE] : undefined;
  return part === undefined && size !== undefined && params[size] !== undefined;
}
