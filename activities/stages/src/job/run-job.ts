import type { CheckpointLease, Stores } from '@vitrine/artifact-store';
import {
  CHUNK_OUTPUT,
  chunkPlanSchema,
  formatIssues,
  NO_PROFILE,
  stageDefinition,
  stagePorts,
  VitrineError,
  type ArtifactRef,
  type ArtifactType,
  type NumericsChoice,
  type NumericsProfile,
  type StageInputs,
  type StageJob,
  type StageKind,
  type StageParams,
  type StageResult,
} from '@vitrine/contracts';
import type { Environment } from '@vitrine/config';
import type { Datasets } from '@vitrine/datasets';
import { measure, type MetricBuffer } from '@vitrine/metrics';
import type { ProgramExecutor } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { commandProfile, continuedProfile } from '../command/command-profile.js';
import { CheckpointUploader } from '../checkpoint-port.js';
import { spreadLists } from '../elements/lists.js';
import { Patience } from '../patience.js';
import { loadPart, profileOn, STAGE_RUNNERS } from '../registry.js';
import type { StageCheckpoint, StageContext, StageProduct } from '../stage-context.js';
import type { ChildReport, StartMessage } from './messages.js';
import { ProgressMeter } from './progress-meter.js';

/** What a stage process has and a stage does not make itself. */
export interface JobParts {
  readonly stores: Stores;
  readonly datasets: Datasets;
  /** Of this process. */
  readonly environment: Environment;
  /** Starts the native backend; called for kinds that compute. */
  readonly loadBackend: (numerics: NumericsChoice) => Promise<Numerics>;
  /** Of a process that computes on another device, by what CUDA calls that. */
  readonly environmentFor: (numerics: NumericsChoice, gpus: readonly string[]) => Environment;
  readonly send: (report: ChildReport) => void;
  readonly metrics: MetricBuffer;
  readonly clock: () => Date;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** What a stage computes with, and what its results depend on. */
export interface Numerics {
  readonly profile: NumericsProfile;
  readonly executor: ProgramExecutor;
}

const NO_NUMERICS: Numerics = {
  profile: NO_PROFILE,
  executor: {
    start: ({ name }) => {
      throw new VitrineError('Internal', 'A stage computes whose kind is said to compute nothing.', {
        where: `program ${name}`,
        hint: 'Mark the kind as one that computes in activities/stages/src/registry.ts.',
      });
    },
  },
};

/**
 * Takes the stage over, resumes it or starts it afresh, and runs it to its end.
 * @param stop aborted when the stage is to stop; aborted here when its checkpoints can no longer be stored
 * @throws the reason of `stop`, or what the stage or a part threw
 */
export async function runJob(
  start: StartMessage,
  stop: AbortController,
  parts: JobParts,
): Promise<StageResult> {
  const { job } = start;
  const startedAt = parts.clock().toISOString();
  const patience = new Patience({
    ...parts,
    signal: stop.signal,
    onWaiting: (message) => parts.send({ type: 'waiting', message }),
  });
  const artifacts = patience.store(parts.stores.artifacts(job.project));
  const runner = STAGE_RUNNERS[job.kind];
  const computes = runner.computes && (job.part === undefined || job.part.step === 'chunk');
  const [lease, { profile: ofOne, executor }] = await Promise.all([
    patience.during(() => parts.stores.checkpoints.claim(job, start.owner)),
    computes ? parts.loadBackend(start.numerics) : NO_NUMERICS,
    runner.load(),
  ]);
  const checkpoint = lease.previous ?? (await patience.during(() => earlierCheckpoint(job, parts.stores)));
  const profile = profileFrom(checkpoint, job, { ofOne, environment: parts.environment });
  const previous = checkpoint && { step: checkpoint.step, content: await artifacts.get(checkpoint.artifact) };
  const resumedFromStep = previous?.step ?? 0;
  parts.send({ type: 'attempt', epoch: lease.epoch, resumedFromStep });
  const checkpoints = uploader({ lease, profile, previous }, stop, parts);
  const meter = new ProgressMeter({
    now: parts.now,
    send: (progress) => parts.send({ type: 'progress', progress }),
  });
  const inputs = await spreadLists(artifacts, job.inputs);
  const labels = { project: job.project, pool: job.pool, kind: job.kind };
  const { project, runId, stage, codeVersion } = job;
  const product = await runStage(
    job.kind,
    { ...job, inputs },
    {
      identity: { project, runId, stage, codeVersion },
      seed: job.seed,
      failures: start.failures,
      artifacts,
      datasets: parts.datasets,
      checkpoints,
      profile,
      executor,
      otherDevices: environmentsOf(start, parts),
      now: parts.now,
      signal: stop.signal,
      report: async (progress) => {
        meter.update(progress);
        await nextTurn();
      },
      measure: (name, value) => measure(parts.metrics, { name, labels }, value),
      log: (level, message) => parts.send({ type: 'log', level, message }),
    },
  );
  meter.flush();
  const endedAt = parts.clock().toISOString();
  return { ...checkProduct(job, product), epoch: lease.epoch, resumedFromStep, profile, startedAt, endedAt };
}

function environmentsOf({ job, numerics, otherDevices = [] }: StartMessage, parts: JobParts): Environment[] {
  return stageDefinition(job.kind).spreads
    ? otherDevices.map((gpus) => parts.environmentFor(numerics, gpus))
    : [];
}

/** Parameters and inputs were checked against the kind's schema where the job came in. */
async function runStage<K extends StageKind>(
  kind: K,
  { params, inputs, part }: StageJob,
  shared: Omit<StageContext<K>, 'params' | 'inputs'>,
): Promise<StageProduct<K>> {
  const stage = part ? await loadPart(kind, part) : await STAGE_RUNNERS[kind].load();
  shared.signal.throwIfAborted();
  return stage({ ...shared, params: params as StageParams<K>, inputs: inputs as StageInputs<K> });
}

interface Claim {
  readonly lease: CheckpointLease;
  readonly profile: NumericsProfile;
  readonly previous: StageCheckpoint | null;
}

function uploader(claim: Claim, stop: AbortController, parts: JobParts): CheckpointUploader {
  return new CheckpointUploader({
    ...claim,
    now: parts.now,
    sleep: parts.sleep,
    onStored: (report) => parts.send({ type: 'checkpoint', ...report }),
    onWaiting: (message) => parts.send({ type: 'waiting', message }),
    onLost: (error) => stop.abort(error),
  });
}

/** Of the last of the runs that this one continues which has any. */
async function earlierCheckpoint(
  { project, stage, continues = [] }: StageJob,
  { checkpoints }: Stores,
): Promise<CheckpointLease['previous']> {
  for (const runId of continues) {
    const found = await checkpoints.latest({ project, runId, stage });
    if (found) return found;
  }
  return null;
}

/** @throws VitrineError NumericsMismatch when the checkpoint was made under others */
function profileFrom(
  checkpoint: CheckpointLease['previous'],
  { kind, params, resources }: StageJob,
  known: { readonly ofOne: NumericsProfile; readonly environment: Environment },
): NumericsProfile {
  if (kind === 'command') {
    const now = commandProfile(params as StageParams<'command'>, known.environment);
    return continuedProfile(checkpoint?.profile, now);
  }
  const profile = profileOn(kind, resources.devices, known.ofOne);
  refuseOtherNumerics(checkpoint, profile);
  return profile;
}

/** Other numerics would go on from the same bytes to other weights than an undisturbed run. */
function refuseOtherNumerics(previous: CheckpointLease['previous'], profile: NumericsProfile): void {
  if (!previous) return;
  const fields = [
    ...new Set(Object.keys({ ...previous.profile, ...profile }) as (keyof NumericsProfile)[]),
  ].filter((field) => previous.profile[field] !== profile[field]);
  if (fields.length === 0) return;
  const show = (of: NumericsProfile): string =>
    fields.map((field) => `${field} ${of[field] ?? 1}`).join(', ');
  throw new VitrineError('NumericsMismatch', 'The checkpoint was made under other numerics.', {
    where: `checkpoint of step ${previous.step}, ${previous.artifact.uri}`,
    expected: show(previous.profile),
    actual: show(profile),
  });
}

interface Promised {
  readonly outputs: Readonly<Record<string, { readonly type?: ArtifactType }>>;
  readonly summary: z.ZodType;
}

/** What a stage, or a part of one, is to give; the type of a chunk is its kind's own matter. */
function promiseOf(job: StageJob): Promised {
  switch (job.part?.step) {
    case 'plan':
      return { outputs: {}, summary: chunkPlanSchema };
    case 'chunk':
      return { outputs: { [CHUNK_OUTPUT]: {} }, summary: z.strictObject({}) };
    default:
      return { outputs: stagePorts(job)?.outputs ?? {}, summary: stageDefinition(job.kind).summary };
  }
}

function checkProduct(
  job: StageJob,
  product: StageProduct<StageKind>,
): Pick<StageResult, 'outputs' | 'summary'> {
  const { summary, outputs } = promiseOf(job);
  const made: StageResult['outputs'] = Object.fromEntries(
    Object.entries<ArtifactRef | undefined>(product.outputs).flatMap(([name, ref]) =>
      ref ? [[name, ref]] : [],
    ),
  );
  const wrong = [...new Set([...Object.keys(outputs), ...Object.keys(made)])].filter(
    (name) => !outputs[name] || !made[name] || (outputs[name].type ?? made[name].type) !== made[name].type,
  );
  const parsed = summary.safeParse(product.summary);
  if (wrong.length === 0 && parsed.success) return { outputs: made, summary: { ...product.summary } };
  throw new VitrineError('Internal', 'The stage gave something else than its kind promises.', {
    where: `stage ${job.stage} (${job.kind})`,
    actual: [
      ...wrong.map((name) => `output ${name}: ${made[name]?.type ?? 'none'}`),
      ...(parsed.success ? [] : [`summary: ${formatIssues(parsed.error.issues, product.summary)}`]),
    ].join('\n'),
  });
}
