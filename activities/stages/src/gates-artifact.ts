import { gateSettingsSchema, VitrineError, vitSpecSchema, type VitSpec } from '@vitrine/contracts';
import { gateParameterShapes, gateShape, PLACEHOLDER } from '@vitrine/ml-explain';
import { formatShape, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { decodeDescribed, encodeDescribed } from './described-arrays.js';

const metaSchema = z.strictObject({
  model: vitSpecSchema,
  modelSha256: z.string(),
  settings: gateSettingsSchema.required({ hidden: true }),
});

/** Gates and placeholder by name, and what they were trained for. */
export interface GatesArtifact {
  readonly gates: StateDict;
  readonly meta: z.infer<typeof metaSchema>;
}

const DESCRIPTION = {
  content: 'gates',
  schema: metaSchema,
  name: 'gates',
  expected: 'facts about gates as the stage train-diffmask writes them',
} as const;

export const encodeGates = ({ gates, meta }: GatesArtifact): Uint8Array =>
  encodeDescribed(DESCRIPTION, { arrays: gates, meta });

/** @throws VitrineError ArtifactCorrupt when the bytes are no gates */
export function decodeGates(bytes: Uint8Array, where: string): GatesArtifact {
  const { arrays: gates, meta } = decodeDescribed(bytes, where, DESCRIPTION);
  return { gates, meta };
}

/** Gates for a model with as many layers of that width. @throws VitrineError WeightsMismatch naming what differs */
export function checkGates({ gates, meta }: GatesArtifact, model: VitSpec, hidden: number): void {
  const shape = gateShape(model, hidden);
  const expected = { ...gateParameterShapes(shape), [PLACEHOLDER]: [1, model.width] };
  const wrong = Object.entries(expected).filter(
    ([name, extents]) => formatShape(gates[name]?.shape ?? []) !== formatShape(extents),
  );
  if (wrong.length === 0) return;
  throw new VitrineError('WeightsMismatch', 'The gates do not fit the layers of the model.', {
    where: wrong.map(([name]) => name).join(', '),
    expected: `${shape.gates} gates (${model.depth} blocks and 2) of width ${model.width} with ${hidden} hidden units`,
    actual: `${meta.model.depth + 2} gates (${meta.model.depth} blocks and 2) of width ${meta.model.width} with ${meta.settings.hidden} hidden units`,
    hint: 'Take the gates that were trained for this model, or train them anew with train-diffmask.',
  });
}
