import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { pythonInterpreter } from '../python.js';

/** Milliseconds that Ray Tune takes for each of so many trials of one step, so many at a time. */
export async function rayTune(trials: number, atATime: number): Promise<number> {
  const python = await pythonInterpreter('sweeps');
  const script = join(process.cwd(), 'infra/bench/peers/ray_tune.py');
  const { stdout } = await promisify(execFile)(python, [script, String(trials), String(atATime)], {
    maxBuffer: 2 ** 26,
  });
  const { seconds } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { seconds: number };
  return seconds * 1000;
}
