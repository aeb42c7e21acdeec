export { chain } from './chain.js';
export { nullSpace, type NullSpace, type RealMatrix } from './null-space.js';
export { philox4x32, type PhiloxBlock, type Uint32x4 } from './philox.js';
export { normal, permutation, PURPOSE, randomBits, uniform, type RandomKey } from './random.js';
export { rearrange, RearrangeError } from './rearrange.js';
export { SafetensorsError } from './safetensors-error.js';
export { decodeSafetensors, encodeSafetensors } from './safetensors.js';
export { assertShape, formatShape, ShapeError } from './shape.js';
export {
  checkHostTensor,
  disposeAll,
  sizeOfShape,
  toHost,
  toTensors,
  type HostTensor,
  type Parameters,
  type StateDict,
} from './state-dict.js';
