import { readFileSync } from 'node:fs';
import type { Environment } from '@vitrine/config';
import { VitrineError, type SecretRef, type StageParams } from '@vitrine/contracts';

/** A shorter one would be found, and blotted out, all over an innocent log. */
const SHORTEST = 8;

/**
 * The environment that the stage declares, its secrets read.
 * @returns values by name, and which of them are secret
 * @throws VitrineError SecretMissing naming the reference, never a value
 */
export function resolveEnvironment(
  declared: StageParams<'command'>['environment'],
  worker: Environment,
): { values: Record<string, string>; secrets: readonly string[] } {
  const values: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(declared)) {
    if (typeof value === 'string') {
      values[name] = value;
      continue;
    }
    const secret = readSecret(value.secretRef, worker);
    const problem = secret === undefined ? 'nothing there' : shortness(secret);
    if (secret === undefined || problem !== undefined)
      throw new VitrineError('SecretMissing', 'A secret cannot be used.', {
        where: `params.environment.${name}, ${describe(value.secretRef)}`,
        expected: `a value of at least ${SHORTEST} characters on the worker's machine`,
        actual: problem ?? 'nothing there',
      });
    values[name] = secret;
    secrets.push(secret);
  }
  return { values, secrets };
}

function shortness({ length }: string): string | undefined {
  return length < SHORTEST ? `${length} characters` : undefined;
}

function describe(ref: SecretRef): string {
  return 'env' in ref ? `variable ${ref.env}` : `file ${ref.file}`;
}

function readSecret(ref: SecretRef, worker: Environment): string | undefined {
  if ('env' in ref) return worker[ref.env];
  try {
    return readFileSync(ref.file, 'utf8').replace(/\r?\n$/, '');
  } catch {
    return undefined;
  }
}
