/** Both forms of every kernel. Axes: M rows, D width, H hidden, G heads of all images, T tokens. */
import type { KernelCase, KernelName, KernelSizes } from '../../kernel-case.js';
import { FLOAT, type GraphDraft } from './graph-draft.js';

/** Adds the computation to the graph, on inputs of its own. */
type Form = (draft: GraphDraft, sizes: KernelSizes) => string;

const EPSILON = 1e-6;
/** Images of the batches that the sizes are of. */
const IMAGES = 64;
const HEADS = 3;

type Linear = readonly [x_MD: string, weight_HD: string, bias_H: string];

const linear = (draft: GraphDraft, { rows, width, hidden }: KernelSizes): Linear => [
  draft.input([rows, width]),
  draft.input([hidden, width]),
  draft.input([hidden]),
];

/** x Wᵀ + b with the bias as one more column, as `normalised-linear.ts` of ml/nn has it. */
function extended(draft: GraphDraft, [x_MD, weight_HD, bias_H]: Linear): string {
  const weight_HE = draft.join(weight_HD, draft.reshape(bias_H, -1, 1));
  return draft.product(draft.padOnes(x_MD), weight_HE, { b: true });
}

/** GELU(y), written as TensorFlow's optimizer looks for it. */
function geluPattern(draft: GraphDraft, y: string): string {
  const erf = draft.op('Erf', [draft.op('Mul', [y, draft.number(Math.SQRT1_2)])]);
  const twiceCdf = draft.op('AddV2', [erf, draft.number(1)]);
  return draft.op('Mul', [draft.op('Mul', [y, draft.number(0.5)]), twiceCdf]);
}

/** GELU(y) of u = √½ y, whose factor is folded into the weights, as `mlp-block.ts` of ml/nn has it. */
function foldedGelu(draft: GraphDraft, sizes: KernelSizes): string {
  const [x_MD, ...parameters] = linear(draft, sizes);
  const scaled = parameters.map((parameter) => draft.op('Mul', [parameter, draft.number(Math.SQRT1_2)]));
  const u = extended(draft, [x_MD, ...scaled] as unknown as Linear);
  const active = draft.op('Mul', [u, draft.op('AddV2', [draft.op('Erf', [u]), draft.number(1)])]);
  // The last factor is one of the next layer's weights: it is taken on the elements that are shown alone.
  return draft.op('Mul', [draft.rows(active, 1), draft.number(Math.SQRT1_2)]);
}

const meanOf = (draft: GraphDraft, x: string, width: number): string =>
  draft.op('Mul', [draft.reduce('Sum', x, 1), draft.number(1 / width)]);

function standardised(draft: GraphDraft, { rows, width }: KernelSizes): string {
  const x_MD = draft.input([rows, width]);
  const centred = draft.op('Sub', [x_MD, meanOf(draft, x_MD, width)]);
  const variance = meanOf(draft, draft.op('Square', [centred]), width);
  const inverse = draft.op('Rsqrt', [draft.op('AddV2', [variance, draft.number(EPSILON)])]);
  return draft.op('Mul', [centred, inverse]);
}

/** Its statistics are those of a channel: rows are made columns. */
function batchNormalised(draft: GraphDraft, { rows, width }: KernelSizes): string {
  const columns = draft.reshape(draft.transpose(draft.input([rows, width])), 1, width, 1, rows);
  const [one, zero] = [1, 0].map((value) => draft.op('Fill', [draft.ints(rows), draft.number(value)], FILL));
  const none = draft.op('Fill', [draft.ints(0), draft.number(0)], FILL);
  const normalised = draft.op('FusedBatchNormV3', [columns, one ?? '', zero ?? '', none, none], {
    ...{ T: FLOAT, U: FLOAT, epsilon: { f: EPSILON }, data_format: { s: 'NHWC' }, is_training: { b: true } },
  });
  return draft.transpose(draft.reshape(normalised, width, rows));
}

const FILL = { T: FLOAT, index_type: { type: 3 } } as const;

/** Of as many classes as the hidden layer is wide. */
const logitsAndTargets = (draft: GraphDraft, { hidden }: KernelSizes): [string, string] => [
  draft.input([IMAGES, hidden]),
  draft.op('Softmax', [draft.input([IMAGES, hidden])]),
];

/** The loss of each image behind the gradient by its logits. */
function composedCrossEntropy(draft: GraphDraft, sizes: KernelSizes): string {
  const [logits, targets] = logitsAndTargets(draft, sizes);
  const logProbabilities = draft.op('LogSoftmax', [logits]);
  const loss = draft.op('Neg', [draft.reduce('Sum', draft.op('Mul', [targets, logProbabilities]), 1)]);
  return draft.join(loss, draft.op('Sub', [draft.op('Exp', [logProbabilities]), targets]));
}

function fusedCrossEntropy(draft: GraphDraft, sizes: KernelSizes): string {
  const both = draft.op('SoftmaxCrossEntropyWithLogits', logitsAndTargets(draft, sizes));
  return draft.join(draft.reshape(both, IMAGES, 1), `${both}:1`);
}

/** Queries and keys of all heads. */
function heads(draft: GraphDraft, { rows, width }: KernelSizes): [string, string] {
  const shape = [IMAGES * HEADS, rows / IMAGES, width / HEADS];
  return [draft.input(shape), draft.input(shape)];
}

/** The gradient dy of the outputs, and the inputs x with their column of ones. */
const gradientAndInput = (draft: GraphDraft, { rows, width, hidden }: KernelSizes): [string, string] => [
  draft.input([rows, hidden]),
  draft.input([rows, width + 1]),
];

export const FORMS: Readonly<Record<KernelName, Readonly<Record<KernelCase['form'], Form>>>> = {
  bias: {
    first: (draft, sizes) => extended(draft, linear(draft, sizes)),
    second: (draft, sizes) => draft.biased(...linear(draft, sizes)),
  },
  gelu: {
    first: foldedGelu,
    second: (draft, sizes) => geluPattern(draft, draft.biased(...linear(draft, sizes))),
  },
  residual: {
    first: (draft, sizes) => {
      const [x, weight, bias] = linear(draft, sizes);
      const biased = draft.op('AddV2', [draft.product(x, weight, { b: true }), bias]);
      return draft.op('AddV2', [biased, draft.input([sizes.rows, sizes.hidden])]);
    },
    second: (draft, sizes) => {
      const biased = draft.biased(...linear(draft, sizes));
      return draft.op('AddV2', [biased, draft.input([sizes.rows, sizes.hidden])]);
    },
  },
  'layer-norm': { first: standardised, second: batchNormalised },
  'cross-entropy': { first: composedCrossEntropy, second: fusedCrossEntropy },
  'batch-product': {
    first: (draft, sizes) => draft.product(...heads(draft, sizes), { b: true }),
    second: (draft, sizes) =>
      draft.op('Einsum', heads(draft, sizes), { T: FLOAT, N: { i: 2 }, equation: { s: 'gtd,gsd->gts' } }),
  },
  'weight-gradient': {
    first: (draft, sizes) => draft.product(...gradientAndInput(draft, sizes), { a: true }),
    second: (draft, sizes) => {
      const [dy_MH, x_MD] = gradientAndInput(draft, sizes);
      return draft.transpose(draft.product(x_MD, dy_MH, { a: true }));
    },
  },
};
