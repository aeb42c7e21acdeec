/** Weights of a U-Net: new ones, and those of files, which hold kernels as PyTorch does, [out, in, row, column]. */
import { normal, PURPOSE, sizeOfShape, uniform, type HostTensor, type StateDict } from '@vitrine/ml-tensor';
import { checkShapes } from './import-weights.js';
import { unetParameterShapes, type UnetConfig } from './unet-config.js';

/** [a, b, c, d] → [c, d, b, a] and, with the other order, back. */
function permuted({ shape, data }: HostTensor, order: readonly [number, number, number, number]): HostTensor {
  const strides = shape.map((_, axis) => sizeOfShape(shape.slice(axis + 1)));
  const target = order.map((axis) => shape[axis] ?? 1);
  const steps = order.map((axis) => strides[axis] ?? 1);
  const [n0 = 1, n1 = 1, n2 = 1, n3 = 1] = target;
  const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = steps;
  const result = new Float32Array(data.length);
  let at = 0;
  for (let i = 0; i < n0; i++)
    for (let j = 0; j < n1; j++)
      for (let k = 0; k < n2; k++)
        for (let l = 0; l < n3; l++) result[at++] = data[i * s0 + j * s1 + k * s2 + l * s3] ?? 0;
  return { dtype: 'float32', shape: target, data: result };
}

const fromKernel = (tensor: HostTensor): HostTensor => permuted(tensor, [2, 3, 1, 0]);
const toKernel = (tensor: HostTensor): HostTensor => permuted(tensor, [3, 2, 0, 1]);

const mapKernels = (state: StateDict, map: (tensor: HostTensor) => HostTensor): StateDict =>
  Object.fromEntries(
    Object.entries(state).map(([name, tensor]) => [name, tensor.shape.length === 4 ? map(tensor) : tensor]),
  );

/**
 * The weights of a file under the names of improved-diffusion and guided-diffusion, in our layouts and order.
 * @throws WeightsError listing what is missing, unexpected or of another shape, in the layouts of the file
 */
export function importUnet(config: UnetConfig, state: StateDict): StateDict {
  const shapes = Object.fromEntries(
    Object.entries(unetParameterShapes(config)).map(([name, shape]) => [
      name,
      shape.length === 4 ? [shape[3] ?? 1, shape[2] ?? 1, shape[0] ?? 1, shape[1] ?? 1] : shape,
    ]),
  );
  return mapKernels(checkShapes(shapes, state), fromKernel);
}

/** The same weights as PyTorch holds them; `importUnet` takes them back bit by bit. */
export const exportUnet = (state: StateDict): StateDict => mapKernels(state, toKernel);

/** Layers that begin at zero, so that every block begins as the identity and the output as zero. */
const ZERO = /(out_layers\.3|proj_out|^out\.2)\.(weight|bias)$/;

/**
 * The weights of a new model, a function of (config, seed), as the reference begins: PyTorch's default
 * U(−1/√fanIn, 1/√fanIn) for convolutions and linear layers, N(0, 1) for classes, zero where `ZERO` says.
 */
export function initUnet(config: UnetConfig, seed: number): StateDict {
  const shapes = unetParameterShapes(config);
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape], index): [string, HostTensor] => {
      const key = { seed, purpose: PURPOSE.initialisation, index };
      const size = sizeOfShape(shape);
      const values = (): Float32Array => {
        if (ZERO.test(name)) return new Float32Array(size);
        if (name === 'label_emb.weight') return normal(key, size);
        const weight = shapes[name.replace(/bias$/, 'weight')] ?? shape;
        // A gain or an offset of a normalisation.
        if (weight.length === 1) return new Float32Array(size).fill(name.endsWith('.weight') ? 1 : 0);
        const fanIn = weight.length === 4 ? sizeOfShape(weight.slice(0, 3)) : sizeOfShape(weight.slice(1));
        return uniform(key, size).map((u) => (2 * u - 1) / Math.sqrt(fanIn));
      };
      return [name, { dtype: 'float32', shape, data: values() }];
    }),
  );
}
