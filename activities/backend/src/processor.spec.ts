import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeGpus, describeProcessor } from './processor.js';

const cpuinfo = `processor\t: 0
vendor_id\t: GenuineIntel
cpu family\t: 6
model\t\t: 143
model name\t: Intel(R) Xeon(R) Processor
stepping\t: 8
flags\t\t: fpu sse2 fma avx f16c avx2 avx512f avx512_bf16 amx_tile
bugs\t\t: none
`;

describe('the description of the processor', () => {
  it('names model and the instruction sets that choose kernels, in one order', () => {
    expect(describeProcessor(cpuinfo)).toBe(
      `${process.arch} Intel(R) Xeon(R) Processor family 6 model 143 avx avx2 fma avx512f avx512_bf16 amx_tile`,
    );
    expect(describeProcessor(cpuinfo.replace('avx2 avx512f', 'avx512f avx2'))).toBe(
      describeProcessor(cpuinfo),
    );
  });

  it('differs when an instruction set is missing', () => {
    expect(describeProcessor(cpuinfo.replace('amx_tile', ''))).not.toBe(describeProcessor(cpuinfo));
  });

  it('falls back on what the system calls the processor', () => {
    expect(describeProcessor('')).toMatch(new RegExp(`^${process.arch} \\S`));
  });
});

describe('the description of the GPUs', () => {
  it('names each model once', () => {
    const folder = mkdtempSync(join(tmpdir(), 'vitrine-gpus-'));
    for (const [bus, model] of [
      ['0000:3b:00.0', 'NVIDIA H200'],
      ['0000:86:00.0', 'NVIDIA A100'],
      ['0000:af:00.0', 'NVIDIA H200'],
    ] as const) {
      mkdirSync(join(folder, bus));
      writeFileSync(join(folder, bus, 'information'), `Model: \t\t ${model}\nIRQ: 44\n`);
    }
    expect(describeGpus(folder)).toBe('NVIDIA A100, NVIDIA H200');
    rmSync(folder, { recursive: true });
    expect(describeGpus(folder)).toBe('NVIDIA GPU');
  });
});
