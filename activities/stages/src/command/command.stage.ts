import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { processEnvironment, type Environment } from '@vitrine/config';
import { PROTOCOL_VERSION, toVitrineError, VitrineError, type ProgramJob } from '@vitrine/contracts';
import { createMemoryGuard } from '../job/memory-guard.js';
import { readLines } from '../job/read-lines.js';
import type { Stage, StageContext } from '../stage-context.js';
import { AttemptFolder } from './attempt-folder.js';
import { classifyFailure } from './classify-failure.js';
import { collectOutputs } from './collect-outputs.js';
import { Dialogue } from './dialogue.js';
import { launchOf } from './launch.js';
import { LogBudget } from './log-budget.js';
import { Program, type ProgramStart } from './program.js';
import { Redactor } from './redactor.js';
import { resolveEnvironment } from './secrets.js';

type Context = StageContext<'command'>;

/** A program of the user's own, in a folder of its own, spoken to by the line protocol. */
export const commandStage: Stage<'command'> = async (context) => {
  const worker = processEnvironment();
  const { values, secrets } = resolveEnvironment(context.params.environment, worker);
  const redactor = new Redactor(secrets);
  const folder = await AttemptFolder.create(tmpdir());
  try {
    return await runIn(folder, context, { worker, declared: values, redactor });
  } catch (error) {
    if (error === context.signal.reason) throw error;
    throw redactor.error(toVitrineError(error, 'StageFailed'));
  } finally {
    await folder.remove();
  }
};

interface Surroundings {
  readonly worker: Environment;
  readonly declared: Readonly<Record<string, string>>;
  readonly redactor: Redactor;
}

async function runIn(folder: AttemptFolder, context: Context, { worker, declared, redactor }: Surroundings) {
  const { params, identity, artifacts } = context;
  const where = `run ${identity.runId}, stage ${identity.stage}`;
  const job = await prepare(folder, context);
  const mark = randomBytes(8).toString('hex');
  const start = launchOf({ params, job, folder, declared, worker, mark });
  context.signal.throwIfAborted();
  const heard = await converse(start, context, { redactor, job });
  context.signal.throwIfAborted();
  if (heard.outOfMemory)
    throw new VitrineError('OutOfMemory', 'The program ran out of memory and was killed by the kernel.', {
      where: `${where}, step ${heard.step}`,
      actual: heard.outOfMemory,
    });
  if (heard.end.code !== 0)
    throw classifyFailure(
      { ...heard.end, tail: heard.tail },
      context.failures,
      `${where}, step ${heard.step}`,
    );
  const { outputs } = params;
  await context.report({
    phase: 'store outputs',
    step: heard.step,
    total: heard.step,
    metrics: heard.metrics,
  });
  return {
    outputs: await collectOutputs({ outputs, work: folder.work, artifacts, redactor, where }),
    summary: { metrics: heard.metrics, step: heard.step },
  };
}

/** Brings everything to where the program finds it. */
async function prepare(folder: AttemptFolder, context: Context): Promise<ProgramJob> {
  const { params, identity, artifacts, checkpoints, seed } = context;
  const { source } = params;
  const show = (phase: string): Promise<void> => context.report({ phase, step: 0, total: 0, metrics: {} });
  if (source !== undefined) {
    if ('folder' in source)
      throw new VitrineError(
        'InvalidSpec',
        'The source of the program was not packed when the run was submitted.',
        {
          where: 'params.source',
          expected: 'an artifact',
          actual: source.folder,
          hint: 'Submit the pipeline to the API, which packs it.',
        },
      );
    await show('fetch source');
    await folder.unpackSource(artifacts.stream(source.artifact));
  }
  const inputs: Record<string, string> = {};
  for (const [label, ref] of Object.entries(context.inputs)) {
    if (ref === undefined) continue;
    await show(`fetch ${label}`);
    inputs[label] = await folder.place(label, ref, artifacts);
  }
  await folder.sealInputs();
  const { previous } = checkpoints;
  const job: ProgramJob = {
    protocol: PROTOCOL_VERSION,
    project: identity.project,
    runId: identity.runId,
    stage: identity.stage,
    seed,
    inputs,
    outputs: Object.fromEntries(
      Object.entries(params.outputs).map(([name, { path }]) => [name, join(folder.work, path)]),
    ),
    params: params.parameters,
    checkpointFolder: folder.checkpoint,
    resume: previous && { step: previous.step, folder: await folder.unpackCheckpoint(previous.content) },
  };
  await folder.write(job);
  return job;
}

/** Runs the program to its end, or to the end of its grace. */
async function converse(
  start: ProgramStart,
  context: Context,
  { redactor, job }: { readonly redactor: Redactor; readonly job: ProgramJob },
) {
  const log = new LogBudget({ now: () => performance.now(), write: (line) => context.log('info', line) });
  const program = new Program(start);
  const dialogue = new Dialogue({
    context,
    redactor,
    log,
    checkpointFolder: job.checkpointFolder,
    resumedFromStep: job.resume?.step ?? 0,
    say: (message) => program.say(message),
  });
  const read = [program.stdout, program.stderr].map((stream, index) => {
    const clean = cleaned(stream, redactor);
    // Messages come on standard output alone; what a library prints to the other is nobody's request.
    readLines(clean, (line) => (index === 0 ? dialogue.hear(line) : dialogue.overhear(line)));
    return ended(clean);
  });
  const memory = program.pid === undefined ? undefined : createMemoryGuard().watch(program.pid, undefined);
  const stop = (): void => program.stop(context.params.graceSeconds);
  context.signal.addEventListener('abort', stop);
  if (context.signal.aborted) stop();
  try {
    const end = await program.outcome();
    await Promise.all(read);
    await dialogue.settled();
    log.settle();
    const wasKilled = end.signal === 'SIGKILL' || end.code === 137;
    const verdict = wasKilled ? memory?.verdict() : undefined;
    const { step, metrics, tail } = dialogue;
    return { end, step, metrics, tail, outOfMemory: verdict?.outOfMemory ? verdict.evidence : undefined };
  } finally {
    context.signal.removeEventListener('abort', stop);
    memory?.release();
  }
}

function cleaned(stream: Readable, redactor: Redactor): Readable {
  if (redactor.isIdle) return stream;
  const clean = redactor.stream();
  // One that is broken off passes no end on.
  stream.once('close', () => clean.end());
  return stream.pipe(clean);
}

/** The streams of a program that is gone end by themselves, unless something of it is left and keeps them open. */
async function ended(stream: Readable): Promise<void> {
  await finished(stream, { writable: false }).catch(() => undefined);
}
