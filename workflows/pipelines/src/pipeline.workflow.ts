import {
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ArtifactRef,
  ControlActivities,
  DecideStage,
  Decision,
  ElementsRequest,
  ElementsWorkflow,
  RunOutcome,
  RunPage,
  RunRequest,
  StageJob,
  StageRequest,
  StageResult,
  StageWorkflow,
} from '@vitrine/contracts';
import { elementsWorkflowId, QUERY, SIGNAL, stageWorkflowId, WORKFLOW } from '@vitrine/contracts/names';
import { ERRORS, type ErrorView } from '@vitrine/contracts/sandbox';
import { artifactOf, byName, StageFrontier, stageJob, unmetRequirement } from '@vitrine/planning';
import { SEAL_RUN, STAGE_WORKFLOW, STAGES_IN_PARALLEL } from './activity-options.js';
import { readFailure, toFailure } from './fail.js';
import { applyChange, closeRun, openRun, runEnd, type RunChange, type RunState } from './progress.js';
import { lookAhead } from './look-ahead.js';
import { Outgoing } from './outgoing.js';
import { runChild } from './run-child.js';
import { runOutcome } from './run-outcome.js';
import { runPage, stagePages } from './stage-pages.js';

const { sealRun, storeStages } = proxyActivities<ControlActivities>(SEAL_RUN);

/**
 * Walks the graph of a run: every stage starts as soon as those it needs have succeeded, those that need a failed one or whose
 * demands are not met are skipped, the others go on. A run ends when its record is stored.
 *
 * It completes normally whatever became of the stages: a failed or cancelled run is a result with all its errors, and the
 * failure of the workflow itself stays the sign of a defect in this code.
 */
export async function pipelineWorkflow(request: RunRequest): Promise<RunOutcome> {
  const { spec } = request;
  const { frontier, state: opened } = openOrRefuse(request);
  let state = opened;
  let settled = 0;
  let found: ReadonlyMap<string, StageResult> = new Map();
  const ready: string[] = [];
  const held = new Set<string>();
  const outgoing = new Outgoing();
  let open = 0;
  const change = (next: RunChange): void => {
    applyChange(state, next);
    if (next.type === 'succeeded') frontier.succeeded(next.stage);
    if (next.type === 'failed' || next.type === 'cancelled' || next.type === 'skipped')
      frontier.gaveNothing(next.stage);
  };
  /** Starts a stage, holds it, or ends it without a start. */
  const begin = (stage: string): void => {
    const { when = [], approval } = spec.stages[stage] ?? {};
    const decision = state.stages[stage]?.decision;
    const unmet = unmetRequirement(when, state.stages);
    held.delete(stage);
    if (unmet !== undefined) change({ type: 'skipped', stage, at: now(), unmet });
    else if (decision && !decision.approved)
      change({ type: 'failed', stage, at: now(), error: rejection(decision) });
    else if (!approval || decision) void launch(stage);
    else if (cancelled()) change({ type: 'cancelled', stage, at: now(), error: CANCELLED });
    else {
      held.add(stage);
      if (state.stages[stage]?.state !== 'held') change({ type: 'held', stage, at: now() });
    }
  };
  const launch = async (stage: string): Promise<void> => {
    change({ type: 'queued', stage, at: now() });
    const result = found.get(stage);
    if (result) return change({ type: 'succeeded', stage, at: now(), result });
    open += 1;
    change(await endOfStage(stage, state, outgoing));
    open -= 1;
    settled += 1;
  };
  /** Everything that can be said and done now; a stage that ends without a start may let others begin. */
  const goOn = (): void => {
    for (let more = true; more;) {
      // In the order of the plan, so that each knows why those before it were skipped.
      for (const stage of frontier.takeBlocked()) change({ type: 'skipped', stage, at: now() });
      ready.push(...frontier.takeReady());
      more = ready.length > 0 && open < STAGES_IN_PARALLEL;
      for (const stage of ready.splice(0, Math.max(0, STAGES_IN_PARALLEL - open))) begin(stage);
    }
  };
  setHandler(defineQuery<RunPage, [string?]>(QUERY.runView), (from) => runPage(state, from));
  setHandler(defineSignal<[DecideStage]>(SIGNAL.decideStage), ({ stage, decision }) => {
    const known = state.stages[stage];
    // The first decision counts, and only before the stage begins.
    if (!known || known.decision || (known.state !== 'waiting' && known.state !== 'held')) return;
    change({ type: 'decided', stage, at: now(), decision });
    settled += 1;
  });
  const root = CancellationScope.current();
  const cancelled = (): boolean => root.consideredCancelled;

  found = await lookAhead(request);
  for (;;) {
    goOn();
    for (const stage of [...held].sort(byName)) begin(stage);
    goOn();
    if (open === 0 && held.size === 0) break;
    const seen = settled;
    // Cancellation reaches the stages by themselves; what is waited for here is that they have ended, or a decision.
    const cancelledHere = cancelled();
    await CancellationScope.nonCancellable(() =>
      condition(() => settled > seen || (cancelled() && !cancelledHere)),
    );
  }

  const { consideredCancelled: cancelRequested } = CancellationScope.current();
  const closed = closeRun(state, now(), cancelRequested);
  await CancellationScope.nonCancellable(() => seal(closed));
  // Shown only now: whoever sees how a run has ended may ask for its record, its lineage, or a repetition at once.
  state = closed;
  return runOutcome(closed);
}

/** Stores the record, in pieces that travel: what a thousand stages say of their results is too long for one payload. */
async function seal(closed: RunState): Promise<void> {
  const end = runEnd(closed);
  const pages = stagePages(closed.stages);
  const last = pages.pop() ?? {};
  const stored: ArtifactRef[] = [];
  for (const page of pages) stored.push(await storeStages(end.project, page));
  const request = workflowInfo().parent && { request: closed.request };
  await sealRun({ end, ...request, pages: stored, stages: last });
}

/** A workflow that throws a plain error is tried for ever; this is how it refuses what cannot be run. */
function openOrRefuse(request: RunRequest): { frontier: StageFrontier; state: RunState } {
  try {
    return { frontier: new StageFrontier(request.spec), state: openRun(request) };
  } catch (cause) {
    throw toFailure({
      code: 'InvalidSpec',
      message: 'The run cannot be planned.',
      actual: cause instanceof Error ? cause.message : String(cause),
      hint: ERRORS.InvalidSpec.hint,
    });
  }
}

const CANCELLED: ErrorView = {
  code: 'Cancelled',
  message: 'The run was cancelled before anybody approved the stage.',
  hint: ERRORS.Cancelled.hint,
};

function rejection({ by, comment }: Decision): ErrorView {
  return {
    code: 'Rejected',
    message: 'Somebody decided against the stage.',
    actual: comment === '' ? by : `${by}: ${comment}`,
    hint: ERRORS.Rejected.hint,
  };
}

/** Runs a stage's workflow to its end; never throws. */
async function endOfStage(stage: string, state: RunState, outgoing: Outgoing): Promise<RunChange> {
  try {
    const job = stageJob(state.request, state.stages, stage);
    await outgoing.room(job);
    if (state.request.spec.stages[stage]?.forEach) return await endOfFanOut(job, state);
    const result: StageResult = await runChild<StageWorkflow>(WORKFLOW.stage, {
      ...STAGE_WORKFLOW,
      workflowId: stageWorkflowId(job.project, job.runId, stage),
      typedSearchAttributes: workflowInfo().typedSearchAttributes,
      args: [stageRequest(state, job)],
    });
    return { type: 'succeeded', stage, at: now(), result };
  } catch (thrown) {
    const error = readFailure(thrown);
    const cancelled = isCancellation(thrown) || error.code === 'Cancelled';
    return { type: cancelled ? 'cancelled' : 'failed', stage, at: now(), error };
  }
}

/** A stage that is made many. Its elements that succeeded are told of also when it failed. */
async function endOfFanOut(job: StageJob, state: RunState): Promise<RunChange> {
  const { stage, project, runId } = job;
  const end = await runChild<ElementsWorkflow>(WORKFLOW.elements, {
    ...STAGE_WORKFLOW,
    workflowId: elementsWorkflowId(project, runId, stage),
    typedSearchAttributes: workflowInfo().typedSearchAttributes,
    args: [fanOutRequest(state, job)],
  });
  const { result, error, elements } = end;
  if (result) return { type: 'succeeded', stage, at: now(), result };
  if (!error) throw new RangeError(`stage ${stage}: its elements came to neither a result nor an error`);
  return { type: error.code === 'Cancelled' ? 'cancelled' : 'failed', stage, at: now(), error, elements };
}

function fanOutRequest(state: RunState, job: StageJob): ElementsRequest {
  const { spec, options } = state.request;
  const { forEach } = spec.stages[job.stage] ?? {};
  if (!forEach) throw new RangeError(`stage ${job.stage}: expected one that is made many`);
  const { keep: _whole, ...request } = stageRequest(state, job);
  const over = forEach.over === undefined ? undefined : artifactOf(state.stages, forEach.over, job.stage);
  const earlier = options?.rerunOf;
  const anew = options?.force.includes(job.stage);
  return {
    ...request,
    source: { type: 'list', forEach, ...(over && { over }) },
    maxParallel: forEach.maxParallel,
    minSuccessRatio: forEach.minSuccessRatio,
    ...(earlier && !anew && { earlier: { runId: earlier.runId, stage: job.stage } }),
  };
}

function stageRequest({ request }: RunState, job: StageJob): StageRequest {
  const { spec, options } = request;
  const stage = spec.stages[job.stage];
  const { runId, keep = [] } = options?.rerunOf ?? {};
  return {
    job,
    retry: stage?.retry ?? { infrastructure: 0, own: 0 },
    ...(stage?.cache &&
      options?.cache !== false && { cache: options?.force.includes(job.stage) ? 'refresh' : 'use' }),
    ...(runId !== undefined && keep.includes(job.stage) && { keep: { runId, stage: job.stage } }),
  };
}

function now(): string {
  return new Date().toISOString();
}
