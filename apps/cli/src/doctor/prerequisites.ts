import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from '@vitrine/config';
import { z } from 'zod';
import type { Finding } from './check.js';

/** What the set-up of the native parts prints with `--check --json`. */
const setupReportSchema = z.object({
  checks: z.array(
    z.object({
      name: z.string(),
      needed: z.boolean(),
      ok: z.boolean(),
      found: z.string(),
      expected: z.string(),
      fix: z.string(),
    }),
  ),
});

/** Node, Python with pip, compiler, Go: the set-up knows what it needs, so it is asked. */
export async function checkPrerequisites(
  workspace: string | undefined,
  env: Environment,
): Promise<Finding[]> {
  const script = join(workspace ?? '.', 'infra/native/setup.mjs');
  if (!existsSync(script))
    return [
      {
        name: 'workspace',
        verdict: 'broken',
        found: `no ${script}`,
        expected: 'a clone of the project at or above this folder',
        fix: 'Run the command inside the clone.',
      },
    ];
  const { checks } = setupReportSchema.parse(JSON.parse(await askSetup(script, env)));
  return checks.map(({ name, needed, ok, found, expected, fix }) => {
    if (ok) return { name, verdict: 'ok', found };
    if (needed) return { name, verdict: 'broken', found, expected, fix };
    return { name, verdict: 'note', found: `${found}; not needed, what it builds is there` };
  });
}

/** It ends with 1 when something is missing, and has said what all the same. */
async function askSetup(script: string, env: Environment): Promise<string> {
  try {
    return (await promisify(execFile)(process.execPath, [script, '--check', '--json'], { env })).stdout;
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (stdout) return stdout;
    throw error;
  }
}
