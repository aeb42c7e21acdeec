/** What the processor and the GPU are called, with what chooses their kernels. */
import { readFileSync, readdirSync } from 'node:fs';
import { arch, cpus } from 'node:os';

/** Instruction sets for which Eigen and oneDNN carry kernels of their own, as Linux spells them. */
const INSTRUCTION_SETS = [
  'avx',
  'avx2',
  'fma',
  'avx_vnni',
  'avx512f',
  'avx512bw',
  'avx512vl',
  'avx512_vnni',
  'avx512_bf16',
  'avx512_fp16',
  'amx_tile',
  'amx_int8',
  'amx_bf16',
  'amx_fp16',
  // 64-bit Arm
  'asimd',
  'sve',
  'sve2',
  'bf16',
  'i8mm',
];

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/**
 * The processor's model and instruction sets.
 * @param cpuinfo Linux's `/proc/cpuinfo`; empty elsewhere, where the model alone identifies the machine
 */
export function describeProcessor(cpuinfo = read('/proc/cpuinfo')): string {
  const field = (name: string): string | undefined =>
    new RegExp(`^${name}\\s*:\\s*(.*)$`, 'm').exec(cpuinfo)?.[1]?.trim();
  const model = field('model name') ?? cpus()[0]?.model.trim() ?? 'unknown processor';
  const number = field('model');
  const flags = new Set((field('flags') ?? field('Features') ?? '').split(' '));
  const family = number === undefined ? '' : ` family ${field('cpu family') ?? '?'} model ${number}`;
  return [`${arch()} ${model}${family}`, ...INSTRUCTION_SETS.filter((name) => flags.has(name))].join(' ');
}

/** The models of the machine's NVIDIA GPUs, each once. */
export function describeGpus(folder = '/proc/driver/nvidia/gpus'): string {
  let gpus: string[] = [];
  try {
    gpus = readdirSync(folder);
  } catch {
    // No such folder outside Linux and in some containers.
  }
  const models = gpus.map((gpu) =>
    /^Model:\s*(.*)$/m.exec(read(`${folder}/${gpu}/information`))?.[1]?.trim(),
  );
  const known = [...new Set(models.filter((model) => model !== undefined))].sort();
  return known.join(', ') || 'NVIDIA GPU';
}
