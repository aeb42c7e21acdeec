/** Before every spec that computes: the native addon, and the kernels that `loadBackend` adds to it. */
import '@tensorflow/tfjs-node-gpu';
import { registerOrderingKernel } from '../ordering.js';
import { registerRandomKernels } from '../stateless-random.js';

registerOrderingKernel();
registerRandomKernels();
