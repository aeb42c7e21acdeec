import { CancellationScope, startChild, type ChildWorkflowOptions } from '@temporalio/workflow';
import type { Workflow, WithWorkflowArgs, WorkflowResultType } from '@temporalio/common';

/**
 * `executeChild`, with a cancellation that cannot be lost: one that comes while the child is being started is passed on when it
 * has started. Sent at once it would find no such workflow, and nobody would hear of that: the child would run to its end.
 */
export async function runChild<T extends Workflow>(
  type: string,
  options: WithWorkflowArgs<T, ChildWorkflowOptions>,
): Promise<WorkflowResultType<T>> {
  const asked = CancellationScope.current();
  if (asked.consideredCancelled) return asked.cancelRequested;
  return CancellationScope.nonCancellable(async () => {
    const own = new CancellationScope();
    const child = await own.run(() => startChild<T>(type, options));
    if (asked.cancellable) asked.cancelRequested.catch(() => own.cancel());
    return child.result();
  });
}
