import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Environment, VitrineConfig } from '@vitrine/config';
import {
  numericsAnswerSchema,
  VitrineError,
  type NumericsAnswer,
  type NumericsQuestion,
  type NumericsReport,
} from '@vitrine/contracts';
import type { Finding } from './check.js';

const SET_UP = 'Set up again with `npm start -- --setup-only`.';
const MILLISECONDS = 120_000;
/** Float32 rounds each of a product's sums to 6e-8 of the magnitudes that were added. */
const PRODUCT_ERROR = 1e-5;
/** Sums in another order. */
const STEP_DIFFERENCE = { float32: 1e-5, bfloat16: 0.05, float16: 0.05 } as const;

/** Starts the native backend once for each kind of pool, as a stage would, and lets it compute. */
export async function checkNumerics(
  { workspace, pools }: VitrineConfig,
  env: Environment,
): Promise<Finding[]> {
  const entry = join(workspace ?? '.', 'activities/stages/dist/numerics-check.mjs');
  if (!existsSync(entry))
    return [
      {
        name: 'numeric backend',
        verdict: 'broken',
        found: `no ${entry}`,
        expected: 'a build',
        fix: SET_UP,
      },
    ];
  const questions = new Map<string, string[]>();
  for (const [pool, { threads, precision, execution, device }] of Object.entries(pools)) {
    const question = JSON.stringify({ threads, precision, execution, device } satisfies NumericsQuestion);
    questions.set(question, [...(questions.get(question) ?? []), pool]);
  }
  const findings: Finding[] = [];
  // One after the other: they measure.
  for (const [question, names] of questions)
    findings.push(...describe(names.join(', '), await ask(entry, question, env)));
  return findings;
}

async function ask(entry: string, question: string, env: Environment): Promise<NumericsReport> {
  const { stdout } = await promisify(execFile)(process.execPath, [entry, question], {
    env,
    timeout: MILLISECONDS,
  });
  const answer: NumericsAnswer = numericsAnswerSchema.parse(JSON.parse(stdout));
  if ('report' in answer) return answer.report;
  throw VitrineError.of(answer.error);
}

function describe(pools: string, { profile, computesOn, product, step }: NumericsReport): Finding[] {
  const { size, error, gigaflops } = product;
  const { capturedMilliseconds, eagerMilliseconds, difference } = step;
  const limit = STEP_DIFFERENCE[profile.precision];
  const judged = (name: string, good: boolean, words: { found: string; expected: string }): Finding =>
    good
      ? { name: `${name} (pool ${pools})`, verdict: 'ok', found: words.found }
      : { name: `${name} (pool ${pools})`, verdict: 'broken', ...words, fix: SET_UP };
  return [
    {
      name: `device (pool ${pools})`,
      verdict: computesOn === 'cpu' ? 'ok' : 'note',
      found: `${profile.device}, ${profile.threads} threads, ${profile.build.split(' sha256')[0]}`,
      ...(computesOn === 'cuda' && {
        expected: 'GPUs on which Vitrine has been tried',
        fix: 'Vitrine has not been tried on GPUs by its makers: look at the two lines below before you trust it. Training on several of them (resources.devices) has been proved on processors only.',
      }),
    },
    judged('matrix product', error < PRODUCT_ERROR, {
      found: `${size} x ${size}, ${gigaflops.toFixed(0)} GFLOP/s, error ${error.toExponential(1)}`,
      expected: `an error below ${PRODUCT_ERROR}`,
    }),
    judged('captured training step', difference < limit, {
      found: `${capturedMilliseconds.toFixed(1)} ms, operation by operation ${eagerMilliseconds.toFixed(1)} ms; they differ by ${difference.toExponential(1)}`,
      expected: `a difference below ${limit}`,
    }),
  ];
}
