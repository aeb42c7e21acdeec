import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { isRunning, type ProcessIdentity } from './process-identity.js';

/** What the configuration reads of the machine it runs on. */
export interface Host {
  readonly cwd: string;
  readonly homeDir: string;
  /** Processors this process may use. */
  readonly cores: number;
  /** The text of a file, or undefined when there is none. Other failures are thrown. */
  readText(path: string): string | undefined;
  /** Number of GPUs the NVIDIA driver answers for; 0 when there is no driver. */
  countGpus(): number;
  isRunning(identity: ProcessIdentity): boolean;
}

export function localHost(): Host {
  return {
    cwd: process.cwd(),
    homeDir: homedir(),
    cores: availableParallelism(),
    readText,
    countGpus,
    isRunning,
  };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** A driver can take seconds to wake an idle GPU; one that takes longer than this is not to be waited for. */
const PROBE_MILLISECONDS = 20_000;

function countGpus(): number {
  const probe = spawnSync('nvidia-smi', ['-L'], {
    encoding: 'utf8',
    timeout: PROBE_MILLISECONDS,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (probe.status !== 0) return 0;
  return probe.stdout.split('\n').filter((line) => /^GPU \d+:/.test(line)).length;
}
