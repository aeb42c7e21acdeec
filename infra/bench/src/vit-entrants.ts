/** The entrants of a comparison: who does which case in which program. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Entrant } from './contest.js';
import { writeInputs } from './inputs.js';
import type { Precision } from './protocol.js';
import type { Place, Sides } from './sides.js';
import type { Comparison } from './train-step-plan.js';
import { ATTACK, HYPER, MODELS, SYNTHESIS, type MatrixProductCase, type VitCase } from './vit-case.js';

/** Of results in float32 and in bfloat16, which carries 8 bits of a number. */
const TOLERANCE: Readonly<Record<Precision, number>> = { float32: 1e-4, bfloat16: 3e-2 };

const MATRIX_SIZE = { cpu: 2048, gpu: 8192 };

export class VitEntrants {
  private constructor(
    private readonly sides: Sides,
    private readonly folder: string,
  ) {}

  /** Runs the work with entrants whose inputs lie in a folder of their own, and removes it. */
  static async *within<T>(
    sides: Sides,
    work: (entrants: VitEntrants) => AsyncIterable<T>,
  ): AsyncGenerator<T> {
    const folder = await mkdtemp(join(tmpdir(), 'vitrine-bench-'));
    // Also when a signal ends the process in the middle.
    const remove = (): void => rmSync(folder, { recursive: true, force: true });
    process.once('exit', remove);
    try {
      yield* work(new VitEntrants(sides, folder));
    } finally {
      process.off('exit', remove);
      remove();
    }
  }

  /** Both sides' inputs of a comparison. */
  async inputsOf({ model, batch }: Comparison): Promise<string> {
    const file = join(this.folder, 'inputs.safetensors');
    await writeInputs(file, MODELS[model], batch);
    return file;
  }

  /** Gone with the inputs. */
  fileNamed(name: string): string {
    return join(this.folder, name);
  }

  ours(comparison: Comparison, how: How): Entrant {
    return { ...this.#entrant(comparison, how), program: this.sides.ours(how.place) };
  }

  torch(comparison: Comparison, how: How): Entrant {
    return { ...this.#entrant(comparison, how), program: this.sides.torch(how.place) };
  }

  /** Both sides' square products: the larger speed is what the machine can do. */
  matrixProducts(place: Place): readonly [ours: Entrant, torch: Entrant] {
    const size = MATRIX_SIZE[place.device];
    const product: MatrixProductCase = {
      ...place,
      task: 'matrix-product',
      precision: 'float32',
      compiled: false,
      size,
    };
    const agreement = { group: 'matrix product', tolerance: TOLERANCE.float32 };
    return [
      { name: 'our matrix product', case: product, agreement, program: this.sides.ours(place) },
      { name: "PyTorch's matrix product", case: product, agreement, program: this.sides.torch(place) },
    ];
  }

  #entrant(
    { task, model, economy = {} }: Comparison,
    { name, place, inputs, precision, compiled }: How,
  ): Omit<Entrant, 'program'> {
    const vitCase: VitCase = {
      ...place,
      task,
      precision: precision ?? 'float32',
      compiled: compiled ?? false,
      model: MODELS[model],
      inputs,
      economy,
      hyper: HYPER,
      attack: ATTACK,
      synthesis: SYNTHESIS,
    };
    return { name, case: vitCase, agreement: { group: task, tolerance: TOLERANCE[vitCase.precision] } };
  }
}

export interface How {
  readonly name: string;
  readonly place: Place;
  readonly inputs: string;
  readonly precision?: Precision;
  readonly compiled?: boolean;
}

/** Operations of one of `matrixProducts`. */
export const matrixProductFlops = ({ device }: Place): number => 2 * MATRIX_SIZE[device] ** 3;
