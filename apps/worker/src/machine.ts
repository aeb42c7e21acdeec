import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { promisify } from 'node:util';

export interface Gpu {
  /** As CUDA and DCGM call it. */
  readonly uuid: string;
  readonly memoryBytes: number;
  readonly memoryUsedBytes: number;
  /** Absent where the driver does not say, as on slices of a GPU. */
  readonly utilization?: number;
  readonly celsius?: number;
  readonly watts?: number;
}

const FIELDS = 'uuid,memory.total,memory.used,utilization.gpu,temperature.gpu,power.draw';
const ASK_MILLISECONDS = 4_000;

/** The GPUs that NVIDIA's driver answers for; none where there is no driver. */
export async function readGpus(): Promise<Gpu[]> {
  const args = [`--query-gpu=${FIELDS}`, '--format=csv,noheader,nounits'];
  const answer = await promisify(execFile)('nvidia-smi', args, { timeout: ASK_MILLISECONDS }).catch(() => ({
    stdout: '',
  }));
  return parseGpus(answer.stdout);
}

/** @param table of `nvidia-smi`, a line each; a value that it does not know is some text in brackets */
export function parseGpus(table: string): Gpu[] {
  return table.split('\n').flatMap((line) => {
    const [uuid = '', ...figures] = line.split(',').map((cell) => cell.trim());
    const [total, used, utilization, celsius, watts] = figures.map(Number).map(finite);
    if (!uuid.startsWith('GPU-') || total === undefined) return [];
    return {
      uuid,
      memoryBytes: total * 2 ** 20,
      memoryUsedBytes: (used ?? 0) * 2 ** 20,
      ...(utilization !== undefined && { utilization: utilization / 100 }),
      ...(celsius !== undefined && { celsius }),
      ...(watts !== undefined && { watts }),
    };
  });
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** Of the machine, in bytes. What Linux would take back from its caches counts as available. */
export function memoryOf(): { total: number; available: number } {
  try {
    const [, kibibytes] = /^MemAvailable:\s+(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8')) ?? [];
    if (kibibytes !== undefined) return { total: totalmem(), available: Number(kibibytes) * 1024 };
  } catch {
    // Not Linux: what is free will do.
  }
  return { total: totalmem(), available: freemem() };
}
