import { gateSettingsSchema, VitrineError, vitSpecSchema, type VitSpec } from '@vitrine/contracts';
import { gateParameterShapes, gateShape, PLACEHOLDER } from '@vitrine/ml-explain';
import { decodeSafetensors, encodeSafetensors, formatShape, type StateDict } from '@vitrine/ml-tensor';
import { z } from 'zod';
import { fromMlError } from './ml-errors.js';

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

export function encodeGates({ gates, meta }: GatesArtifact): Uint8Array {
  return encodeSafetensors(gates, { content: 'gates', meta: JSON.stringify(meta) });
}

/** @throws VitrineError ArtifactCorrupt when the bytes are no gates */
export function decodeGates(bytes: Uint8Array, where: string): GatesArtifact {
  try {
    const { state, metadata } = decodeSafetensors(bytes);
    return { gates: state, meta: metaSchema.parse(JSON.parse(metadata['meta'] ?? '{}')) };
  } catch (cause) {
    const error = fromMlError(cause, where);
    if (error instanceof VitrineError) throw error;
    throw new VitrineError('ArtifactCorrupt', 'The gates cannot be read.', {
      where: `${where}, metadata.meta`,
      expected: 'facts about gates as the stage train-diffmask writes them',
      actual: cause instanceof Error ? cause.message.slice(0, 200) : String(cause),
      cause,
    });
  }
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
