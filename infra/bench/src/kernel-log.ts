/**
 * Times of single kernels, from the log of TensorFlow's executor: with `TF_CPP_VMODULE=executor=2` it writes a line, with
 * microseconds, before and after each kernel of a graph as its optimizer left it. Each node's `_shapes` is written by
 * the backend's `lower.ts`.
 */

export const KERNEL_LOG = { TF_CPP_MIN_LOG_LEVEL: '0', TF_CPP_VMODULE: 'executor=2' };

export interface Kernel {
  readonly op: string;
  /** `axb,cxd->exf`; empty for nodes that the optimizer of the graph made. */
  readonly shapes: string;
  readonly seconds: number;
}

const LINE =
  /^\S+ [\d:]*?(\d+\.\d+) +\d+ executor\.cc:\d+\] (Process node|Synchronous kernel done): \d+ step (\d+) \{\{node ([^}]*)\}\} = (\w+)\[(.*)$/;

/** Kernels of one run, each with the shortest of its times: of those runs that do as much as the largest one. */
export function readKernelLog(lines: Iterable<string>): readonly Kernel[] {
  const started = new Map<string, number>();
  const runs = new Map<string, Map<string, Kernel>>();
  for (const line of lines) {
    const [matched, time, what, step = '', node = '', op = '', attributes = ''] = LINE.exec(line) ?? [];
    if (matched === undefined) continue;
    const key = `${step} ${node}`;
    if (what === 'Process node') {
      started.set(key, Number(time));
      continue;
    }
    const shapes = /_shapes="([^"]*)"/.exec(attributes)?.[1] ?? '';
    const kernels = runs.get(step) ?? new Map<string, Kernel>();
    runs.set(step, kernels.set(node, { op, shapes, seconds: Number(time) - (started.get(key) ?? NaN) }));
  }
  const largest = Math.max(0, ...[...runs.values()].map(({ size }) => size));
  const whole = [...runs.values()].filter(({ size }) => size === largest);
  return [...(whole[0] ?? [])].map(([node, kernel]) => ({
    ...kernel,
    seconds: Math.min(...whole.map((run) => run.get(node)?.seconds ?? Infinity)),
  }));
}

/** Kernels of one kind: the same operation on the same shapes. */
export interface KernelGroup extends Kernel {
  readonly count: number;
}

/** Most expensive first. */
export function groupKernels(kernels: readonly Kernel[]): readonly KernelGroup[] {
  const groups = new Map<string, KernelGroup>();
  for (const { op, shapes, seconds } of kernels) {
    const key = `${op} ${shapes}`;
    const { count = 0, seconds: sum = 0 } = groups.get(key) ?? {};
    groups.set(key, { op, shapes, seconds: sum + seconds, count: count + 1 });
  }
  return [...groups.values()].sort((a, b) => b.seconds - a.seconds);
}

const sizesOf = (shape: string): readonly number[] => shape.split('x').map(Number);
const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

/** Floating-point operations of a matrix product with these shapes, one of them; undefined for other kernels. */
export function matrixProductFlopsOf({ op, shapes }: Kernel): number | undefined {
  const [inputs = '', output] = shapes.split('->');
  const [left, right] = inputs.split(',');
  if (!op.includes('MatMul') || !left || !right || !output) return undefined;
  // Of the inner axis: |A| |B| = m k · k n, for each matrix of a batch.
  const matrix = (shape: string): number => product(sizesOf(shape).slice(-2));
  const inner = Math.sqrt((matrix(left) * matrix(right)) / matrix(output));
  return 2 * product(sizesOf(output)) * inner;
}
