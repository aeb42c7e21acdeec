import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { figure, type Figure } from '@vitrine/bench/figure';
import {
  LocalStack,
  PrometheusClient,
  sleep,
  smallTraining,
  stageProcesses,
  victimOf,
  workerOf,
  type RunHandle,
} from '@vitrine/e2e';

// Also from where the drill is bundled to: as many folders below.
const shipped = fileURLToPath(new URL('../../../infra/monitoring/rules', import.meta.url));

/** Times in rules are so many times shorter: half an hour is ninety seconds, five minutes are fifteen seconds. */
const FACTOR = 20;
/** How long an alert may take to fire: the longest is that of the queue, half an hour and five minutes. */
const PATIENCE_MILLISECONDS = 240_000;
/** How long it is then looked whether another one fires, and afterwards waited for the first to end. */
const AFTER_MILLISECONDS = 15_000;

interface Trouble {
  readonly name: string;
  readonly alert: string;
  /** Makes it happen; goes on until told to stop. */
  readonly make: (stack: LocalStack, signal: AbortSignal) => Promise<void>;
}

const TROUBLES: readonly Trouble[] = [
  { name: 'nan', alert: 'VitrineLossNotFinite', make: loseTheNumbers },
  { name: 'worker', alert: 'VitrineHeartbeatsLost', make: killTheWorker },
  { name: 's3', alert: 'VitrineS3Errors', make: breakTheStore },
  { name: 'queue', alert: 'VitrineQueueTooLong', make: fillTheQueue },
];

/** Real trouble, under the rules that ship with their times shortened: the right alert fires, and no other. */
export async function alerts(): Promise<Figure[]> {
  const rulesDir = await mkdtemp(join(tmpdir(), 'vitrine-rules-'));
  try {
    await shortenRules(rulesDir);
    const figures: Figure[] = [];
    for (const trouble of TROUBLES) figures.push(await seen(trouble, rulesDir));
    return figures;
  } finally {
    await rm(rulesDir, { recursive: true });
  }
}

/** A stack for each trouble: what one leaves behind is no part of the next. */
async function seen({ name, alert, make }: Trouble, rulesDir: string): Promise<Figure> {
  const config = `monitoring: { scrapeSeconds: 1, rulesDir: '${rulesDir}' }\n`;
  const stack = await LocalStack.up({ config, flags: ['--monitoring'] });
  const stop = new AbortController();
  try {
    const prometheus = new PrometheusClient((await stack.stackFile()).prometheus?.url ?? '');
    const calm = await prometheus.firing();
    const began = Date.now();
    const making = make(stack, stop.signal);
    const fired = new Set(calm);
    let seconds = Infinity;
    for (let until = began + PATIENCE_MILLISECONDS; Date.now() < until; await sleep(500)) {
      for (const firing of await prometheus.firing()) fired.add(firing);
      if (!fired.has(alert) || seconds < Infinity) continue;
      seconds = (Date.now() - began) / 1000;
      until = Date.now() + AFTER_MILLISECONDS;
    }
    stop.abort();
    await making;
    return figure(`alerts.${name}.fires`, seconds, {
      unit: 's',
      spread: 0,
      bar: `${alert} and no other, times a ${FACTOR}th; fired: ${[...fired].join(', ') || 'none'}`,
      holds: fired.size === 1 && fired.has(alert),
    });
  } finally {
    stop.abort();
    await stack.destroy();
  }
}

/** The rules that ship, with every range, offset and wait of a minute and more shortened, and the thresholds that are ages. */
async function shortenRules(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const unit: Readonly<Record<string, number>> = { m: 60, h: 3600 };
  const shorter = (amount: string, of: string): string =>
    `${Math.max(1, Math.round((Number(amount) * (unit[of] ?? 1)) / FACTOR))}s`;
  for (const name of (await readdir(shipped)).filter((file) => file.endsWith('.rules.yml'))) {
    const text = await readFile(join(shipped, name), 'utf8');
    const shortened = text
      .replaceAll(/\[(\d+)([mh])\]/g, (_, amount: string, of: string) => `[${shorter(amount, of)}]`)
      .replaceAll(
        /\b(offset|for:) (\d+)([mh])\b/g,
        (...[, word = '', amount = '', of = '']: string[]) => `${word} ${shorter(amount, of)}`,
      )
      .replaceAll(
        /(_seconds(?:\{[^}]*\})?\)) > (\d+)/g,
        (_, of: string, seconds: string) => `${of} > ${Number(seconds) / FACTOR}`,
      );
    await writeFile(join(folder, name), shortened);
  }
}

/** An optimizer under which weights leave the finite numbers. */
async function loseTheNumbers(stack: LocalStack): Promise<void> {
  const { stages, ...spec } = smallTraining('nan') as { stages: { train: { params: object } } };
  const optimizer = { learningRate: 10, weightDecay: 1, beta1: 0, beta2: 0 };
  const train = { ...stages.train, params: { ...stages.train.params, optimizer } };
  await stack.end(await stack.submit({ ...spec, stages: { train } }));
}

async function killTheWorker(stack: LocalStack): Promise<void> {
  const handle = await stack.submit(smallTraining('killed'));
  const worker = await workerOf(stack);
  await untilAtWork(stack, handle);
  if (stageProcesses(worker).length === 0)
    throw new Error('the training is over before its worker was killed');
  process.kill(worker, 'SIGKILL');
  await stack.end(handle);
}

/** The server is killed whenever it is back: refused connections for as long as it takes. */
async function breakTheStore(stack: LocalStack, signal: AbortSignal): Promise<void> {
  const params = { steps: 100_000, stepMilliseconds: 200, checkpointBytes: 1000 };
  const stage = { kind: 'noop', params };
  const handle = await stack.submit({ version: 1, name: 'store', stages: { write: stage } });
  await untilAtWork(stack, handle);
  while (!signal.aborted) {
    const server = await victimOf(stack, 's3');
    try {
      if (server !== undefined) process.kill(server, 'SIGKILL');
    } catch {
      // It is dead, and not back yet.
    }
    await sleep(200);
  }
  await cancel(stack, handle);
}

/** More stages than slots, none of which ends. */
async function fillTheQueue(stack: LocalStack, signal: AbortSignal): Promise<void> {
  const slots = (await stack.stackFile()).workers.length * 16;
  const stage = { kind: 'noop', params: { steps: 100_000, stepMilliseconds: 200 } };
  const stages = Object.fromEntries(Array.from({ length: slots }, (_, index) => [`wait-${index}`, stage]));
  const handle = await stack.submit({ version: 1, name: 'queue', stages });
  while (!signal.aborted) await sleep(200);
  await cancel(stack, handle);
}

async function untilAtWork(stack: LocalStack, handle: RunHandle): Promise<void> {
  await stack.seen(handle, (event) => event.type === 'progress' && event.progress.step >= 5);
}

async function cancel(stack: LocalStack, { project, runId }: RunHandle): Promise<void> {
  await stack.fetch(`/api/v1/runs/${project}/${runId}/cancel`, { method: 'POST' });
}
