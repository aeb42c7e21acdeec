import { z } from 'zod';
import { artifactRefSchema } from '../artifact-ref.js';
import { defineStage } from './define.js';

export const storedModelStage = defineStage({
  kind: 'stored-model',
  description:
    'A model that is in the store: what an earlier run made, or a version of the registry of models.',
  params: z.strictObject({
    artifact: artifactRefSchema.refine(({ type }) => type === 'model', {
      path: ['type'],
      message: 'expected an artifact of type model',
    }),
  }),
  inputs: {},
  outputs: { model: { type: 'model', description: 'The same bytes, whose digest has been checked.' } },
  summary: z.strictObject({ weightsSha256: z.string(), bytes: z.int() }),
});
