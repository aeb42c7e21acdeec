import type { RunView, StageSummary } from '@vitrine/contracts';
import { sleep, type LocalStack, type RunHandle } from './local-stack.js';
import { stageProcesses } from './processes.js';
import { smallSmoothing } from './small-smoothing.js';
import { smallTraining } from './small-training.js';

export const VICTIMS = ['child', 'worker', 'temporal', 's3'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface DrillOutcome {
  readonly view: RunView;
  readonly weightsSha256: string;
  readonly seconds: number;
  /** Starts of the stage: 1 when nothing was lost. */
  readonly epoch: number;
  readonly resumedFromStep: number;
  readonly killedAtStep?: number;
}

/** Trains undisturbed, or kills the victim with SIGKILL once the training has passed the step. */
export async function trainAndKill(stack: LocalStack, victim?: Victim, atStep = 150): Promise<DrillOutcome> {
  const started = Date.now();
  const handle = await stack.submit(smallTraining(`kill-${victim ?? 'nobody'}`));
  const killedAtStep =
    victim === undefined ? undefined : await killDuring(stack, handle, { victim, stage: 'train', atStep });
  const view = await stack.end(handle);
  const seconds = (Date.now() - started) / 1000;
  const stage = view.stages.train;
  if (view.status !== 'succeeded' || !stage?.summary)
    throw new Error(`the run ended badly: ${JSON.stringify(view)}`);
  const summary = stage.summary as StageSummary<'train'>;
  return {
    view,
    weightsSha256: summary.weightsSha256,
    seconds,
    epoch: stage.epoch ?? 0,
    resumedFromStep: stage.resumedFromStep ?? 0,
    ...(killedAtStep !== undefined && { killedAtStep }),
  };
}

/** Where the worker dies: in the middle of a denoiser's training, and of the second chunk of the certification that follows. */
const MIDDLES = [
  { stage: 'denoiser', atStep: 50 },
  { stage: 'certificates.1', atStep: 2 },
] as const;

export interface SmoothingOutcome {
  readonly view: RunView;
  /** Digests of everything that both stages gave but the history, which names its run. */
  readonly digests: Readonly<Record<string, string>>;
  /** How often each stage and chunk was started. */
  readonly attempts: Readonly<Record<string, number>>;
}

/**
 * Trains a denoiser and certifies with it: undisturbed and in one piece, or in three chunks with SIGKILL to the worker in the
 * middle of either.
 */
export async function smoothAndKill(stack: LocalStack, disturbed: boolean): Promise<SmoothingOutcome> {
  const spec = disturbed ? smallSmoothing('smoothing-killed', 6) : smallSmoothing('smoothing');
  const handle = await stack.submit(spec);
  for (const middle of disturbed ? MIDDLES : [])
    await killDuring(stack, handle, { victim: 'worker', ...middle });
  const view = await stack.end(handle);
  if (view.status !== 'succeeded') throw new Error(`the run ended badly: ${JSON.stringify(view)}`);
  const digests = ['denoiser', 'certificates'].flatMap((stage) =>
    Object.entries(view.stages[stage]?.outputs ?? {}).flatMap(([output, { sha256 }]): [string, string][] =>
      output === 'history' ? [] : [[`${stage}.${output}`, sha256]],
    ),
  );
  const attempts: Record<string, number> = {};
  for await (const { event } of stack.events(handle))
    if (event.type === 'attempt') attempts[event.stage] = (attempts[event.stage] ?? 0) + 1;
  return { view, digests: Object.fromEntries(digests), attempts };
}

async function killDuring(
  stack: LocalStack,
  handle: RunHandle,
  { victim, stage, atStep }: { victim: Victim; stage: string; atStep: number },
): Promise<number> {
  for await (const { event } of stack.events(handle)) {
    if (event.type !== 'progress' || event.stage !== stage || event.progress.step < atStep) continue;
    const pid = await pidOf(stack, victim);
    process.kill(pid, 'SIGKILL');
    await untilReplaced(stack, handle, { victim, pid });
    return event.progress.step;
  }
  throw new Error(`${stage} ended before step ${atStep}: nothing was killed`);
}

/**
 * The drill counts only if the training was still going when the victim died: it cannot end before another process has
 * taken the victim's place. Who asks for the view may be kept waiting for it, so the successor is looked for afterwards.
 */
async function untilReplaced(
  stack: LocalStack,
  handle: RunHandle,
  { victim, pid }: { victim: Victim; pid: number },
): Promise<void> {
  for (;;) {
    const view = await stack.view(handle).catch(() => undefined);
    const successor = await pidOf(stack, victim).catch(() => pid);
    if (successor !== pid) return;
    if (view && view.status !== 'running') throw new Error(`the run ended before another ${victim} was up`);
    await sleep(100);
  }
}

/** The process that would be killed, where it is there. */
export async function victimOf(stack: LocalStack, victim: Victim): Promise<number | undefined> {
  const { workers, temporal, s3 } = await stack.stackFile();
  const worker = workers[0]?.pid;
  const child = worker === undefined ? undefined : stageProcesses(worker)[0];
  return { child, worker, temporal: temporal?.pid, s3: s3?.pid }[victim];
}

async function pidOf(stack: LocalStack, victim: Victim): Promise<number> {
  const pid = await victimOf(stack, victim);
  if (pid === undefined) throw new Error(`found no process to kill for ${victim}`);
  return pid;
}
