/**
 * Matrix products on operands of 16 bits, accumulated in float32 by the kernels and cast back: weights, optimizer, sums and
 * everything that is not a matrix product stay float32 (Micikevicius et al., "Mixed Precision Training", ICLR 2018; Kalamkar
 * et al., "A Study of BFLOAT16 for Deep Learning Training", 2019: its range is that of float32, so no loss is scaled, while
 * float16 is for programs whose losses are).
 */
import { DTYPE, factsOf, single, type Endpoint } from './graph.js';
import { asItIs, rewrite, type Results } from './rewrite.js';

const PRODUCT = 'BatchMatMulV2';

function cast(value: Endpoint, to: number): Endpoint {
  const { dtype, shape } = factsOf(value);
  const attributes = { SrcT: { type: dtype }, DstT: { type: to }, Truncate: { b: false } };
  return single('Cast', [value], { dtype: to, shape, attributes });
}

/** Recorded once and shared by all products that read the same tensor, when equal nodes are merged after. */
export function useNarrowProducts(results: Results, dtype: number): Results {
  return rewrite(results, (node) => {
    const [output] = node.outputs;
    if (node.op !== PRODUCT || output?.dtype !== DTYPE.float32) return asItIs(node);
    const product = single(
      node.op,
      node.inputs.map((input) => cast(input, dtype)),
      { ...output, dtype, attributes: { ...node.attributes, T: { type: dtype } } },
    );
    return [cast(product, DTYPE.float32)];
  });
}
