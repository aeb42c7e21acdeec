export { after, AFTER_KERNEL } from './after.js';
export { chain } from './chain.js';
export { Draws } from './draws.js';
export { eagerExecutor } from './eager-executor.js';
export {
  nullSpace,
  nullSpaceBasis,
  projectOnNullSpace,
  rankBy,
  type NullSpace,
  type RankRule,
  type RealMatrix,
} from './null-space.js';
export { philox4x32, type PhiloxBlock, type Uint32x4 } from './philox.js';
export { addPrefix, takePrefix } from './prefix.js';
export {
  checkInputs,
  checkNewState,
  entrySpec,
  padTo,
  type HostInputs,
  type Program,
  type ProgramExecutor,
  type ProgramFunction,
  type RunningProgram,
  type Specs,
  type TensorSpec,
} from './program.js';
export { normal, permutation, PURPOSE, randomBits, uniform, type RandomKey } from './random.js';
export {
  RANDOM_KERNELS,
  RANDOM_STREAM,
  randomMask,
  randomNormal,
  randomStream,
  randomUniform,
  type Draw,
} from './stateless-random.js';
export { rearrange, RearrangeError } from './rearrange.js';
export { SafetensorsError } from './safetensors-error.js';
export { decodeSafetensors, encodeSafetensors } from './safetensors.js';
export { assertShape, formatShape, ShapeError } from './shape.js';
export {
  checkHostTensor,
  disposeAll,
  sizeOfShape,
  specsOf,
  toHost,
  toTensors,
  type HostTensor,
  type Parameters,
  type StateDict,
} from './state-dict.js';
