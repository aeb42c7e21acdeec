import { createMemoryStores, SweepLog, type ArtifactStore } from '@vitrine/artifact-store';
import {
  parseSweepSpec,
  type SamplerSpec,
  type SchedulerSpec,
  type SweepSpec,
  type TrialNews,
} from '@vitrine/contracts';
import { SearchEngine } from '@vitrine/search';
import type { BenchOptions } from '../bench.js';
import { figure, spreadOf, type Figure } from '../figure.js';

const TRIALS = 10_000;
const MOST_MILLISECONDS = 5;
const LEAST_RESULTS = 1_000;
const AT_A_TIME = 16;
/** Results that come while one question is under way, on a busy sweep. */
const TOGETHER = 100;
const AT = '2026-01-01T00:00:00.000Z';

const CASES: readonly (readonly [string, SamplerSpec, SchedulerSpec])[] = [
  ['random', { kind: 'random' }, { kind: 'none' }],
  ['sobol', { kind: 'sobol' }, { kind: 'none' }],
  ['asha', { kind: 'random' }, { kind: 'asha', eta: 3, minResource: 1 }],
];
/** A sampler that learns looks at all trials for each: that is search and no bookkeeping, so it has no bar. */
const TPE: SamplerSpec = { kind: 'tpe', startup: 10, candidates: 24 };
const TPE_TRIALS = 1_000;

/**
 * What a sweep itself costs of each trial: the result is taken up, the next point is found, all is written to the log in the store. No
 * Temporal and no training: those are there with any sweep.
 */
export async function* decisions({ only, say }: BenchOptions): AsyncGenerator<Figure> {
  for (const [name, sampler, scheduler] of CASES.filter(([name]) => name.includes(only))) {
    say(`${TRIALS} trials of one step: ${name}`);
    const samples = await drive(specOf(sampler, scheduler, TRIALS), 1);
    const mean = sumOf(samples) / TRIALS;
    yield figure(`sweep.trial.${name}`, mean, {
      unit: 'ms',
      spread: spreadOf(samples),
      bar: `< ${MOST_MILLISECONDS} ms`,
      holds: mean < MOST_MILLISECONDS,
    });
  }
  if ('tpe'.includes(only)) {
    say(`${TPE_TRIALS} trials of one step: tpe`);
    const samples = await drive(specOf(TPE, { kind: 'none' }, TPE_TRIALS), 1);
    yield figure('sweep.trial.tpe', sumOf(samples) / TPE_TRIALS, { unit: 'ms', spread: spreadOf(samples) });
  }
  if (!'results'.includes(only)) return;
  const spec = specOf({ kind: 'random' }, { kind: 'none' }, TRIALS);
  const samples = await drive(spec, TOGETHER);
  const seconds = sumOf(samples) / 1000;
  yield figure('sweep.results', TRIALS / seconds, {
    unit: '1/s',
    spread: 0,
    bar: `>= ${LEAST_RESULTS} results a second, logged`,
    holds: TRIALS / seconds >= LEAST_RESULTS,
  });
}

/** Runs a sweep to its end, so many results at a time. @returns milliseconds of each question */
async function drive(spec: SweepSpec, together: number): Promise<number[]> {
  const artifacts: ArtifactStore = createMemoryStores().artifacts('bench');
  const engine = new SearchEngine(spec);
  let log = await SweepLog.read(artifacts, undefined);
  const samples: number[] = [];
  let running: number[] = [];
  for (let news: TrialNews[] = []; ;) {
    const began = performance.now();
    const free = Math.max(AT_A_TIME, together) - running.length;
    const { events, legs, finished } = engine.steer({ news, free, budget: spec.budget, at: AT });
    log = await log.append(artifacts, events);
    samples.push(performance.now() - began);
    if (finished) return samples;
    running.push(...legs.map(({ trial }) => trial));
    news = running.slice(0, together).map((trial) => ({
      type: 'reported',
      trial,
      value: Math.sin(trial),
      deviceSeconds: 1,
      at: AT,
    }));
    running = running.slice(together);
  }
}

function specOf(sampler: SamplerSpec, scheduler: SchedulerSpec, trials: number): SweepSpec {
  const set = (field: string) => ({ set: `stages.train.params.${field}` });
  return parseSweepSpec({
    version: 1,
    name: 'bench',
    pipeline: { version: 1, name: 'bench', stages: { train: { kind: 'train' } } },
    space: {
      rate: { type: 'log-uniform', low: 1e-4, high: 1e-1, ...set('optimizer.learningRate') },
      decay: { type: 'uniform', low: 0, high: 1, ...set('optimizer.weightDecay') },
      batch: { type: 'int', low: 8, high: 128, step: 8, ...set('batchSize') },
    },
    objective: { metric: 'train.testAccuracy', direction: 'maximize' },
    sampler,
    scheduler,
    resource: { stage: 'train', max: 27 },
    budget: { trials },
  });
}

function sumOf(samples: readonly number[]): number {
  return samples.reduce((sum, one) => sum + one, 0);
}
