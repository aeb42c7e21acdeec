import { checkHostTensor, formatShape, type StateDict } from '@vitrine/ml-tensor';
import { fromHuggingFace, isHuggingFace, toHuggingFace } from './hugging-face.js';
import { vitParameterShapes, type VitConfig } from './vit-config.js';
import { WeightsError } from './weights-error.js';

/** The same weights in the order of an architecture's shapes. @throws WeightsError @throws ShapeError */
export function checkShapes(
  shapes: Readonly<Record<string, readonly number[]>>,
  state: StateDict,
): StateDict {
  const names = Object.keys(shapes);
  const missing = names.filter((name) => state[name] === undefined);
  const unexpected = Object.keys(state).filter((name) => shapes[name] === undefined);
  const wrongShapes = names.flatMap((name) => {
    const expected = formatShape(shapes[name] ?? []);
    const tensor = state[name];
    if (tensor === undefined) return [];
    const actual = formatShape(tensor.shape);
    if (tensor.dtype !== 'float32') return [`${name} (expected float32 ${expected}, got ${tensor.dtype})`];
    return actual === expected ? [] : [`${name} (expected ${expected}, got ${actual})`];
  });
  if (missing.length + unexpected.length + wrongShapes.length > 0)
    throw new WeightsError(missing, unexpected, wrongShapes);
  return Object.fromEntries(
    names.flatMap((name) => {
      const tensor = state[name];
      return tensor === undefined ? [] : [[name, checkHostTensor(tensor, name)]];
    }),
  );
}

const checkWeights = (config: VitConfig, state: StateDict): StateDict =>
  checkShapes(vitParameterShapes(config), state);

/**
 * Weights of a file under timm's names, from timm's or Hugging Face's.
 * @throws WeightsError listing what is missing, unexpected or of another shape
 */
export function importWeights(config: VitConfig, state: StateDict): StateDict {
  return checkWeights(config, isHuggingFace(state) ? fromHuggingFace(state) : state);
}

/**
 * The weights under the names of Hugging Face's `ViTForImageClassification`; `importWeights` takes them back bit by bit.
 * @throws WeightsError if the state is not one of this architecture
 */
export function exportHuggingFace(config: VitConfig, state: StateDict): StateDict {
  return toHuggingFace(checkWeights(config, state));
}
