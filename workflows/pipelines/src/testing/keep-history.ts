import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { expect } from 'vitest';
import { fetchHistory, recordedHistories, writeHistory } from './histories.js';

/** Raised when a workflow's shape changes; histories of older shapes stay and must still replay. */
const SHAPE = 'v1';

/**
 * Records the committed histories anew when this is set:
 * `VITRINE_RECORD_HISTORIES=1 npx vitest run --project services workflows/pipelines/src/histories workflows/pipelines/src/sweep-histories workflows/pipelines/src/scheduled.workflow`.
 */
const recording = process.env['VITRINE_RECORD_HISTORIES'] === '1';

/** Fetches the history of a workflow that has ended, replays it, and records it when asked to. */
export async function keepHistory(
  workflowBundle: { code: string },
  workflow: string,
  source: WorkflowHandle,
  name: string,
): Promise<void> {
  const recorded = { name: `${workflow}-${SHAPE}-${name}.json`, history: await fetchHistory(source) };
  await Worker.runReplayHistory({ workflowBundle }, recorded.history, source.workflowId);
  if (recording) writeHistory(recorded);
  expect(recordedHistories().map((one) => one.name)).toContain(recorded.name);
}
