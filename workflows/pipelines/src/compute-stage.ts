import { workflowInfo } from '@temporalio/workflow';
import type { ChunkPlan, ElementsWorkflow, StageRequest, StageResult } from '@vitrine/contracts';
import { elementsWorkflowId, WORKFLOW } from '@vitrine/contracts/names';
import { CHUNK_OUTPUT, isSharded } from '@vitrine/contracts/sandbox';
import { CHUNKS_IN_PARALLEL, STAGE_WORKFLOW } from './activity-options.js';
import { runAttempts } from './attempts.js';
import { toFailure } from './fail.js';
import type { LeaseDesk } from './lease-desk.js';
import { runChild } from './run-child.js';

/** Computes a stage on its pool: in one piece, or cut into chunks that are found or computed each by itself. */
export async function computeStage(
  request: Omit<StageRequest, 'keep'>,
  leases: LeaseDesk,
): Promise<StageResult> {
  const { retry, cache } = request;
  if (!isSharded(request.job)) return runAttempts(request.job, retry, leases);
  // The key is that of the whole; each chunk has one of its own, and what is between them is not kept.
  const { key: _whole, ...job } = request.job;
  const plan = await runAttempts(
    { ...job, stage: `${job.stage}.plan`, part: { step: 'plan' } },
    retry,
    leases,
  );
  const { total, size } = plan.summary as ChunkPlan;
  const { elements, result, error } = await runChild<ElementsWorkflow>(WORKFLOW.elements, {
    ...STAGE_WORKFLOW,
    workflowId: elementsWorkflowId(job.project, job.runId, job.stage),
    typedSearchAttributes: workflowInfo().typedSearchAttributes,
    args: [
      {
        job,
        retry,
        ...(cache && { cache }),
        source: { type: 'chunks', total, size },
        maxParallel: CHUNKS_IN_PARALLEL,
        minSuccessRatio: 1,
      },
    ],
  });
  const chunks = result?.outputs[CHUNK_OUTPUT];
  if (!result || !chunks) throw toFailure(error ?? NO_CHUNKS);
  const merged = await runAttempts({ ...job, part: { step: 'merge', chunks } }, retry, leases);
  // What its bytes depend on is what the chunks were computed with; the merge computes nothing.
  return { ...merged, profile: result.profile, startedAt: plan.startedAt, elements };
}

const NO_CHUNKS = {
  code: 'Internal',
  message: 'The chunks of a stage came to no list.',
  hint: 'This is a defect of Vitrine; please report it with the log.',
} as const;
