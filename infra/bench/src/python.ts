import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The interpreter of an environment with these libraries, which takes minutes when this is their first use on the machine. */
export async function pythonInterpreter(libraries: 'torch' | 'sweeps'): Promise<string> {
  // `npm run bench` runs in the workspace's root.
  const script = join(process.cwd(), 'infra/python/interpreter.mjs');
  const child = promisify(execFile)(process.execPath, [script, libraries]);
  child.child.stderr?.pipe(process.stderr);
  return (await child).stdout.trim();
}
