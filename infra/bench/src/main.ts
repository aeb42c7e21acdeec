import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, constants } from 'node:os';
import { parseArgs } from 'node:util';
import { allocator } from './allocator.js';
import type { Bench, BenchOptions } from './bench.js';
import { asCommand, chosen, COMMON_OPTIONS, UsageError } from './command-line.js';
import { counting } from './counting.js';
import { dag } from './dag/dag.js';
import { denoiser } from './denoiser.js';
import { diffmask } from './diffmask.js';
import { dispatch } from './dispatch.js';
import { evaluation } from './evaluation.js';
import { figureLine, printFigure, readFigures } from './figure.js';
import { instrumentation } from './instrumentation.js';
import { busyShare, describeDevice } from './machine.js';
import { kernels } from './kernels.js';
import { nullspace } from './nullspace.js';
import { pools } from './pools.js';
import { profile } from './profile.js';
import { asha } from './sweep/real-trainings.js';
import { sweep } from './sweep/sweep.js';
import { trainStep } from './train-step.js';

const BENCHES: Readonly<Record<string, Bench>> = {
  'train-step': { about: 'training, inference, attack and noise synthesis beside PyTorch', run: trainStep },
  denoiser: { about: 'training, sampling and certifying with a denoiser beside PyTorch', run: denoiser },
  nullspace: { about: 'noise synthesis and finetuning with noise beside PyTorch', run: nullspace },
  diffmask: {
    about: 'a step of gate training beside PyTorch, and the time of masks by each method',
    run: diffmask,
  },
  evaluation: { about: 'answers on clean images and under PGD-20 beside PyTorch', run: evaluation },
  counting: { about: 'masks of gates on the counting task, whose answer is known', run: counting },
  kernels: { about: 'kernels that TensorFlow has fused beside what our models compose', run: kernels },
  profile: { about: 'where the time of a captured step goes, by kernel', run: profile },
  allocator: { about: 'memory over two thousand training steps', run: allocator },
  dispatch: { about: 'what the orchestrator itself costs', run: dispatch },
  dag: { about: 'a thousand stages and two hundred runs beside Temporal alone', run: dag },
  sweep: {
    about: 'what a sweep costs of each of ten thousand trials, beside Temporal and Ray Tune',
    run: sweep,
  },
  asha: { about: 'successive halving of real trainings beside the whole grid, five seeds', run: asha },
  pools: { about: "how a pool gives out devices: Kueue's own scenario, fairness, a decision", run: pools },
  instrumentation: {
    about: 'what measuring costs of a step and of dispatch, on and off',
    run: instrumentation,
  },
};

const HELP = [
  `npm run bench -- NAME [--json] [--quick] [--threads N] [--device cpu|gpu]
                        [--execution captured|eager] [--only TEXT] [--seeds N,N] [--into FILE]`,
  `  --json       one JSON object a line: name value unit peer ratio spread bar holds
  --quick      the form that ends within ten minutes on two idle cores
  --threads N  of both sides (default: one per processor)
  --device     where both sides compute (default: cpu)
  --execution  of our side: graphs recorded once, or operation by operation (default: captured)
  --only TEXT  only cases whose name contains TEXT
  --into FILE  adds the figures to FILE, a JSON object a line; train-step and kernels do not measure again what stands there
  --seeds N,N  these seeds, of a bench over several (default: all of them)
  --list       the names alone
`,
] as const;

/** Above this, times say more about the other programs than about the two that are compared. */
const BUSY_SHARE = 0.1;

interface Parsed {
  readonly bench: Bench;
  readonly json: boolean;
  readonly into: string | undefined;
  readonly options: BenchOptions;
}

function parse(): Parsed | string {
  const given = parseArgs({
    allowPositionals: true,
    options: {
      ...COMMON_OPTIONS,
      threads: { type: 'string', default: String(availableParallelism()) },
      device: { type: 'string', default: 'cpu' },
      execution: { type: 'string', default: 'captured' },
      only: { type: 'string', default: '' },
      into: { type: 'string' },
      seeds: { type: 'string' },
    },
  });
  const bench = chosen(BENCHES, given, HELP);
  if (typeof bench === 'string') return bench;
  const { values } = given;
  const { device, execution, only, quick, json, into } = values;
  const threads = Number(values.threads);
  if (!Number.isInteger(threads) || threads < 1)
    throw new UsageError(`--threads: expected a whole number from 1, got ${values.threads}`);
  if (device !== 'cpu' && device !== 'gpu')
    throw new UsageError(`--device: expected cpu or gpu, got ${device}`);
  if (execution !== 'captured' && execution !== 'eager')
    throw new UsageError(`--execution: expected captured or eager, got ${execution}`);
  const seeds = values.seeds?.split(',').map(Number);
  if (seeds?.some((seed) => !Number.isInteger(seed) || seed < 0) === true)
    throw new UsageError(`--seeds: expected whole numbers such as 1,2, got ${values.seeds}`);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const before = into !== undefined && existsSync(into) ? readFigures(readFileSync(into, 'utf8')) : [];
  const options: BenchOptions = { quick, device, threads, execution, only, seeds, before, say };
  return { bench, json, into, options };
}

// The programs under measurement leave by themselves when their standard input closes.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]));

await asCommand(async () => {
  const parsed = parse();
  if (typeof parsed === 'string') return void process.stdout.write(parsed);
  const { bench, json, into, options } = parsed;
  // Without a line that was cut off, which the next figure would be joined to.
  if (into !== undefined) writeFileSync(into, options.before.map(figureLine).join(''));
  options.say(`${await describeDevice(options.device)}, ${options.threads} threads`);
  const busy = await busyShare();
  if (busy > BUSY_SHARE)
    options.say(
      `Other programs keep ${Math.round(busy * 100)} % of the processors busy: times are theirs too.`,
    );
  for await (const line of bench.run(options)) {
    printFigure(line, json);
    if (into !== undefined) appendFileSync(into, figureLine(line));
  }
});
