import { z } from 'zod';
import { defineStage } from './define.js';

export const noopStage = defineStage({
  kind: 'noop',
  description: 'Does nothing, for measuring what the orchestrator itself costs.',
  // A result that was found would measure nothing.
  cache: false,
  params: z.strictObject({
    /** Steps of `stepMilliseconds` each, so that a fault can be injected in the middle. */
    steps: z.int().min(0).max(1_000_000).default(0),
    stepMilliseconds: z.int().min(0).max(60_000).default(0),
    /** Size of the checkpoint written after each step; 0 writes none. */
    checkpointBytes: z
      .int()
      .min(0)
      .max(2 ** 31)
      .default(0),
  }),
  inputs: { after: { type: 'document', arity: 'many', required: false, description: 'Stages to wait for.' } },
  outputs: { done: { type: 'document', description: 'An empty document.' } },
  summary: z.strictObject({ steps: z.int() }),
});
