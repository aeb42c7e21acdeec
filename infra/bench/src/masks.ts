/** How long the explanations of 1,000 images take, method by method, in batches as the stage has them. No peer. */
import { loadBackend } from '@vitrine/backend';
import {
  DIRECT_METHODS,
  explainAtOnce,
  explanationProgram,
  gateProgram,
  initialGateState,
  initGates,
  initPlaceholder,
  gateShape,
  integratedGradients,
  oneCall,
  releasedOptimizer,
  rise,
  type Explainer,
  type GateSettings,
} from '@vitrine/ml-explain';
import { initVit } from '@vitrine/ml-nn';
import { addPrefix, PURPOSE, uniform, type ProgramExecutor } from '@vitrine/ml-tensor';
import type { BenchOptions } from './bench.js';
import { figure, quantile, spreadOf, type Figure } from './figure.js';
import { MODELS } from './vit-case.js';

const BATCH = 64;
const IMAGES = 1000;
/** Of the quick form, whose time is told for 1,000 all the same. */
const FEW = 128;
const SEED = 1;
/** As the stage's defaults. */
const RISE = { masks: 500, cells: 4, shown: 0.5, seed: SEED };
const PATH_STEPS = 32;

const config = MODELS.quick;
const settings: GateSettings = {
  ...{
    hidden: 24,
    stretch: 15,
    placeholder: 'learned',
    tolerance: 0.1,
    prefix: 'all',
    multipliers: 'shared',
  },
  ...{ multiplierUpdate: 'ascent', passes: 'shared', penalty: 'log-probability', penaliseClass: true },
  ...{ clampLogits: false, multiplierMax: 200, optimizer: releasedOptimizer },
};

export async function* masks({ threads, execution, quick, only, say }: BenchOptions): AsyncGenerator<Figure> {
  const { executor } = await loadBackend({ threads, execution, precision: 'float32' });
  const pixels = uniform({ seed: SEED, purpose: PURPOSE.augmentation }, BATCH * 3 * config.imageSize ** 2);
  const batch = { pixels, targets: new Int32Array(BATCH) };
  for (const explainer of explainersOf(executor)) {
    const name = `diffmask.masks.${explainer.name}`;
    if (!name.includes(only)) continue;
    say(`${name}: ${quick ? FEW : IMAGES} images`);
    explainAtOnce(explainer, batch);
    const seconds = Array.from({ length: Math.ceil((quick ? FEW : IMAGES) / BATCH) }, () => {
      const began = performance.now();
      explainAtOnce(explainer, batch);
      return ((performance.now() - began) / 1000) * (IMAGES / BATCH);
    });
    yield figure(name, quantile(seconds, 0.5), { unit: 's per 1,000 images', spread: spreadOf(seconds) });
  }
}

function explainersOf(executor: ProgramExecutor): Explainer[] {
  const weights = initVit(config, SEED);
  const program = executor.start(explanationProgram({ config, batchSize: BATCH, discard: 0.9 }));
  program.writeState(weights);
  const gated = { config, settings };
  const shape = gateShape(config, settings.hidden);
  const placeholder = initPlaceholder(shape, { seed: SEED, learned: true });
  const gates = executor.start(gateProgram({ ...gated, batchSize: BATCH }));
  gates.writeState({
    ...addPrefix('params', weights),
    ...initialGateState(initGates(shape, { seed: SEED, add: 8 }), { placeholder, multiplier: 1 }, gated),
  });
  const diffmask: Explainer = {
    name: 'diffmask',
    *explain({ pixels }) {
      return gates.run('attribute', { pixels })['mask']?.data as Float32Array;
    },
  };
  return [
    diffmask,
    ...DIRECT_METHODS.map((method) => oneCall(method, program)),
    integratedGradients(program, { steps: PATH_STEPS }),
    rise(program, config, RISE),
  ];
}
