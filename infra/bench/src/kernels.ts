/**
 * Kernels that TensorFlow has fused beside what our models compose, at the sizes of training steps: which of them are worth
 * their use is decided by these figures (ADR 154).
 */
import type { BenchOptions } from './bench.js';
import { compareProcessorRates, compareRates } from './compare.js';
import { contest, type Entrant } from './contest.js';
import type { Figure } from './figure.js';
import { KERNELS, type KernelCase, type KernelName, type KernelSizes } from './kernel-case.js';
import { ourSide } from './sides.js';

/** Batches of 64 images of the quick pipeline's model and of ViT-Ti/4. */
const SIZES: readonly KernelSizes[] = [
  { rows: 1088, width: 96, hidden: 384 },
  { rows: 4160, width: 192, hidden: 768 },
];

const ROUNDS = { rounds: 9, turnSeconds: 0.3 };

export async function* kernels(options: BenchOptions): AsyncGenerator<Figure> {
  const { device, threads, execution } = options;
  const place = { device, threads, execution };
  const program = (await ourSide('kernels'))(place);
  for (const kernel of Object.keys(KERNELS) as KernelName[])
    for (const sizes of SIZES) {
      const name = `kernels.${kernel}.${sizes.rows}x${sizes.width}x${sizes.hidden}`;
      const isMeasured = options.before.some((figure) => figure.name === `${name}.processor`);
      if (isMeasured || !name.includes(options.only)) continue;
      options.say(`${name}: ${KERNELS[kernel]}`);
      const entrant = (form: KernelCase['form']): Entrant => {
        const kernelCase: KernelCase = {
          ...{ ...place, task: 'kernel', precision: 'float32', compiled: false },
          ...{ kernel, form, sizes },
        };
        return { name: form, case: kernelCase, agreement: { group: name, tolerance: 1e-4 }, program };
      };
      const [first, second] = [...(await contest([entrant('first'), entrant('second')], ROUNDS)).values()];
      if (!first || !second) throw new Error(`${name}: expected an outcome of each form`);
      const work = { work: 1, unit: 'times/s of the second form, beside the first' };
      yield compareRates(name, [second, first], work);
      yield compareProcessorRates(`${name}.processor`, [second, first], { work: 1, unit: 'times/s' });
    }
}
