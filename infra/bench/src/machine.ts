import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Device } from './protocol.js';

const BFLOAT16_SETS = ['avx512_bf16', 'amx_bf16', 'bf16'];

const cpuinfo = (): string => readFileSync('/proc/cpuinfo', 'utf8');

/** Whether the device multiplies bfloat16 in hardware. */
export function hasBfloat16(device: Device, processors = cpuinfo()): boolean {
  if (device === 'gpu') return true;
  const flags = new Set(/^(?:flags|Features)\s*:\s*(.*)$/m.exec(processors)?.[1]?.split(' '));
  return BFLOAT16_SETS.some((name) => flags.has(name));
}

/** Bytes that could be taken without swapping. */
export function availableMemory(): number {
  const kib = /^MemAvailable:\s*(\d+) kB$/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
  return Number(kib) * 1024;
}

/** Share of the processors that worked during a second, from 0 to 1. */
export async function busyShare(): Promise<number> {
  const before = processorTicks();
  await sleep(1000);
  const after = processorTicks();
  return (after.busy - before.busy) / (after.all - before.all);
}

/** Ticks of all processors since boot; the fourth and fifth are those of idling and of waiting for disks. */
function processorTicks(): { readonly busy: number; readonly all: number } {
  const [, ...ticks] = (readFileSync('/proc/stat', 'utf8').split('\n', 1)[0] ?? '').split(/\s+/).map(Number);
  // The last two are guests', which the first two hold already.
  const all = ticks.slice(0, 8).reduce((sum, value) => sum + value, 0);
  return { all, busy: all - (ticks[3] ?? 0) - (ticks[4] ?? 0) };
}

/** What the figures were measured on. */
export async function describeDevice(device: Device): Promise<string> {
  if (device === 'cpu') return `${cpus()[0]?.model ?? 'unknown processor'}, ${cpus().length} processors`;
  const query = ['--query-gpu=name,driver_version', '--format=csv,noheader'];
  return (await promisify(execFile)('nvidia-smi', query)).stdout.trim().replaceAll('\n', '; ');
}
