/** Where the time of one captured step goes: by kernel and shape, with the speed of the matrix products. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { BenchOptions } from './bench.js';
import { figure, type Figure } from './figure.js';
import { groupKernels, KERNEL_LOG, matrixProductFlopsOf, readKernelLog, type Kernel } from './kernel-log.js';
import { Player } from './player.js';
import { sidesOf } from './sides.js';
import { nameOf, planOf } from './train-step-plan.js';
import { VitEntrants } from './vit-entrants.js';

const STEPS = 8;
/** Kinds of kernels that take less of the step are summed. */
const LEAST_SHARE = 0.005;

export async function* profile(options: BenchOptions): AsyncGenerator<Figure> {
  const { device, threads } = options;
  const place = { device, threads, execution: 'captured' } as const;
  yield* VitEntrants.within(await sidesOf('vit'), async function* (entrants) {
    for (const comparison of planOf(options.quick).judged) {
      const name = `profile.${nameOf(comparison)}`;
      if (!name.includes(options.only)) continue;
      options.say(`${name}: the shortest of ${STEPS} times of each kernel`);
      const inputs = await entrants.inputsOf(comparison);
      const { program, case: vitCase } = entrants.ours(comparison, { name, place, inputs });
      const log = entrants.fileNamed('kernels.log');
      const player = new Player(name, { ...program, env: { ...program.env, ...KERNEL_LOG }, log });
      try {
        await player.prepare(vitCase);
        await player.round(STEPS);
      } finally {
        await player.end();
      }
      const lines: string[] = [];
      for await (const line of createInterface({ input: createReadStream(log) })) lines.push(line);
      yield* figures(name, readKernelLog(lines));
    }
  });
}

function* figures(name: string, kernels: readonly Kernel[]): Generator<Figure> {
  const sum = kernels.reduce((total, { seconds }) => total + seconds, 0);
  yield figure(name, sum * 1000, { unit: `ms in ${kernels.length} kernels`, spread: 0 });
  let rest = sum;
  for (const group of groupKernels(kernels)) {
    if (group.seconds < LEAST_SHARE * sum) continue;
    rest -= group.seconds;
    const flops = matrixProductFlopsOf(group);
    const speed =
      flops === undefined ? '' : `, ${((flops * group.count) / group.seconds / 1e9).toFixed(1)} GFLOP/s`;
    yield figure(`${name}.${group.op} ${group.shapes}`, group.seconds * 1000, {
      unit: `ms in ${group.count}, ${((100 * group.seconds) / sum).toFixed(1)} %${speed}`,
      spread: 0,
    });
  }
  yield figure(`${name}.rest`, rest * 1000, { unit: `ms, ${((100 * rest) / sum).toFixed(1)} %`, spread: 0 });
}
