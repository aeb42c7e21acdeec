import { setTimeout as sleep } from 'node:timers/promises';
import type { ArtifactStore } from '@vitrine/artifact-store';
import type { Stage, StageProduct } from './stage-context.js';
import { Stepper } from './training/stepper.js';

/** Nothing but steps and checkpoints: what is left is the cost of the orchestrator. */
export const noopStage: Stage<'noop'> = async (context) => {
  const { steps, stepMilliseconds, checkpointBytes } = context.params;
  const stepper: Stepper = new Stepper(context, {
    done: context.checkpoints.previous?.step ?? 0,
    total: steps,
    everySteps: 1,
    snapshot: checkpointBytes > 0 ? () => contentOf(stepper.done, checkpointBytes) : undefined,
  });
  while (stepper.done < steps) {
    if (stepMilliseconds > 0) await pause(stepMilliseconds, context.signal);
    // A step that was cut short is no step; `breathe` stores the others and throws.
    if (context.signal.aborted) await stepper.breathe('noop', {});
    await stepper.tick('noop', {});
  }
  await context.checkpoints.settle();
  const { outputs } = await doNothing(context.artifacts);
  return { outputs, summary: { steps } };
};

/** What is left of it without steps. */
export async function doNothing(artifacts: ArtifactStore): Promise<StageProduct<'noop'>> {
  const done = await artifacts.put('document', new TextEncoder().encode('{}'));
  return { outputs: { done }, summary: { steps: 0 } };
}

/** Sleeps, shorter when the signal is aborted meanwhile. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Bytes that differ from step to step: a store that keeps equal contents once would otherwise write the first only. */
function contentOf(step: number, bytes: number): Uint8Array {
  const content = Buffer.alloc(bytes);
  content.write(String(step));
  return content;
}
