/** From recorded functions to the nodes of one TensorFlow graph, with the state as its variables. */
import type { Specs } from '@vitrine/ml-tensor';
import { AFTER, DTYPE, factsOf, inOrder, type Attribute, type Endpoint, type GraphNode } from './graph.js';
import type { NodeDef } from './graph-def.js';
import { findAdamUpdates, type AdamUpdate } from './fuse-adam.js';
import { findInPlaceSums, type InPlaceSum } from './in-place-sums.js';
import { INPUT } from './recorder.js';

export interface RecordedFunction {
  /** By the names of the inputs. */
  readonly inputs: Readonly<Record<string, Endpoint>>;
  /** By the names of the entries of the state. */
  readonly state: Readonly<Record<string, Endpoint>>;
  readonly newState: Readonly<Record<string, Endpoint>>;
  readonly outputs: Readonly<Record<string, Endpoint>>;
}

/** Names of what a session is fed and asked for, `node:output` each. */
export interface Addresses {
  readonly feeds: Readonly<Record<string, string>>;
  readonly fetches: Readonly<Record<string, string>>;
  /** Fetched as well: it is there when every variable has its new value. */
  readonly done: string;
}

export interface LoweredProgram {
  readonly nodes: readonly NodeDef[];
  readonly functions: Readonly<Record<string, Addresses>>;
  /** Reads entries of the state, without side effects. */
  readonly reads: Readonly<Record<string, string>>;
  /** Writes one entry each. */
  readonly writes: Readonly<Record<string, { readonly feed: string; readonly done: string }>>;
}

const handleName = (index: number): string => `state/${index}`;

export function lowerProgram(
  state: Specs,
  functions: Readonly<Record<string, RecordedFunction>>,
): LoweredProgram {
  const entries = Object.entries(state);
  const handles = new Map(entries.map(([name], index) => [name, handleName(index)]));
  const variables = entries.flatMap(([name, spec], index) => variableNodes(name, index, spec));
  const lowered = Object.entries(functions).map(
    ([name, recorded]) => [name, new FunctionLowering(name, recorded, handles).lower()] as const,
  );
  return {
    nodes: [...variables, ...lowered.flatMap(([, { nodes }]) => nodes)],
    functions: Object.fromEntries(lowered.map(([name, { addresses }]) => [name, addresses])),
    reads: Object.fromEntries(entries.map(([name], i) => [name, `${handleName(i)}/read:0`])),
    writes: Object.fromEntries(
      entries.map(([name], i) => [
        name,
        { feed: `${handleName(i)}/value:0`, done: `${handleName(i)}/written:0` },
      ]),
    ),
  };
}

/*
 * What a session is fed is memory of JavaScript's, shared and not copied. A variable keeps the very memory that it is
 * assigned, updates write into it, and a thread of TensorFlow's frees it in the end: none of that may happen to memory of
 * JavaScript's. Many operations may hand on the memory of an input (a slice of rows, a cast to the same type, x + 0 once the
 * graph is optimised), so every value is copied before it is assigned.
 */

function variableNodes(name: string, index: number, spec: Specs[string]): NodeDef[] {
  const handle = handleName(index);
  const dtype: Attribute = { type: DTYPE[spec.dtype] };
  const shape: Attribute = { shape: spec.shape };
  return [
    {
      name: handle,
      op: 'VarHandleOp',
      attr: { dtype, shape, shared_name: { s: name }, container: { s: '' } },
    },
    { name: `${handle}/read`, op: 'ReadVariableOp', input: [handle], attr: { dtype } },
    { name: `${handle}/value`, op: 'Placeholder', attr: { dtype, shape } },
    { name: `${handle}/copy`, op: 'DeepCopy', input: [`${handle}/value`], attr: { T: dtype } },
    { name: `${handle}/assign`, op: 'AssignVariableOp', input: [handle, `${handle}/copy`], attr: { dtype } },
    doneNode(`${handle}/written`, [`${handle}/assign`]),
  ];
}

/** A number that is there once the named nodes have run: a session is asked for tensors, not for operations. */
function doneNode(name: string, after: readonly string[]): NodeDef {
  const content = new Uint8Array(4);
  return {
    name,
    op: 'Const',
    input: after.map((node) => `^${node}`),
    attr: { dtype: { type: DTYPE.int32 }, value: { tensor: { dtype: DTYPE.int32, shape: [], content } } },
  };
}

function scalarNode(name: string, value: number): NodeDef {
  const content = new Uint8Array(Float32Array.of(value).buffer);
  const dtype = DTYPE.float32;
  return {
    name,
    op: 'Const',
    attr: { dtype: { type: dtype }, value: { tensor: { dtype, shape: [], content } } },
  };
}

/** For profiles: the executor's log prints a node's attributes, and TensorFlow computes nothing from those with `_`. */
function shapesOf({ inputs, outputs }: GraphNode): string {
  const text = (facts: readonly { readonly shape: readonly number[] }[]): string =>
    facts.map(({ shape }) => shape.join('x')).join(',');
  return `${text(inputs.map(factsOf))}->${text(outputs)}`;
}

class FunctionLowering {
  private readonly names = new Map<GraphNode, string>();
  private readonly nodes: NodeDef[] = [];

  constructor(
    private readonly name: string,
    private readonly recorded: RecordedFunction,
    private readonly handles: ReadonlyMap<string, string>,
  ) {}

  lower(): { readonly nodes: readonly NodeDef[]; readonly addresses: Addresses } {
    const { inputs, state, newState, outputs } = this.recorded;
    Object.values(inputs).forEach(({ node }, index) => this.addInput(node, index));
    const readers = Object.entries(state).map(
      ([entry, { node }], index) => [entry, this.addRead(node, entry, index)] as const,
    );
    const readerOf = new Map(readers);
    const ends = [...Object.values(outputs), ...Object.values(newState)];
    const updates = findAdamUpdates(this.recorded, inOrder(ends));
    const sums = findInPlaceSums(this.recorded, inOrder(ends));
    const inPlace = new Set([
      ...updates.flatMap(({ p, m, v }) => [p, m, v]),
      ...sums.map(({ entry }) => entry),
    ]);
    const changed = Object.entries(newState).filter(
      ([entry, end]) => end.node !== state[entry]?.node && !inPlace.has(entry),
    );
    const updateInputs = updates.flatMap(({ gradient, stepSize, epsilon, decay, beta1, beta2 }) => [
      ...[gradient, stepSize, epsilon, beta1, beta2],
      ...(decay ? [decay] : []),
    ]);
    const needed = [
      ...[...Object.values(outputs), ...changed.map(([, end]) => end), ...updateInputs],
      ...sums.map(({ addend }) => addend),
    ];
    for (const node of inOrder(needed)) if (!this.names.has(node)) this.addNode(node);
    const applied = updates.map((update, index) => this.addUpdate(update, index, readerOf));
    const added = sums.map((sum, index) => this.addSum(sum, index));
    const assigned = changed.map(([entry, end], index) => {
      const name = `${this.name}/assign_${index}`;
      const reader = readerOf.get(entry);
      this.nodes.push({
        name,
        op: 'AssignVariableOp',
        input: [this.handle(entry), this.copyOf(end, `${name}_copy`), ...(reader ? [`^${reader}`] : [])],
        attr: { dtype: { type: factsOf(end).dtype } },
      });
      return name;
    });
    this.nodes.push(doneNode(`${this.name}/done`, [...assigned, ...applied, ...added]));
    const fetches = Object.entries(outputs).map(([name, end], index) => {
      // Under a name of its own: the optimizer of the graph may remove or fuse the node itself.
      const node = `${this.name}/output_${index}`;
      const T: Attribute = { type: factsOf(end).dtype };
      this.nodes.push({ name: node, op: 'Identity', input: [this.reference(end)], attr: { T } });
      return [name, `${node}:0`];
    });
    const feeds = Object.entries(inputs).map(([name, { node }]) => [name, `${this.names.get(node)}:0`]);
    return {
      nodes: this.nodes,
      addresses: {
        feeds: Object.fromEntries(feeds),
        fetches: Object.fromEntries(fetches),
        done: `${this.name}/done:0`,
      },
    };
  }

  private addInput(node: GraphNode, index: number): void {
    const { [INPUT]: _, ...attr } = node.attributes;
    this.push(node, { name: `${this.name}/input_${index}`, op: 'Placeholder', attr });
  }

  private addRead(node: GraphNode, entry: string, index: number): string {
    const name = `${this.name}/read_${index}`;
    const dtype: Attribute = { type: node.outputs[0]?.dtype ?? 0 };
    this.push(node, { name, op: 'ReadVariableOp', input: [this.handle(entry)], attr: { dtype } });
    return name;
  }

  private addNode(node: GraphNode): void {
    if (node.op === AFTER) {
      this.addAfter(node);
      return;
    }
    this.push(node, {
      name: `${this.name}/${this.nodes.length}_${node.op}`,
      op: node.op,
      input: node.inputs.map((input) => this.reference(input)),
      attr: { ...node.attributes, _shapes: { s: shapesOf(node) } },
    });
  }

  /**
   * A copy that waits. The graph's optimizer sees through identities, with a control input or of several tensors, then finds
   * what was to be computed again equal to what was computed before, and keeps that: a copy has a state, and stays.
   */
  private addAfter(node: GraphNode): void {
    const [x, dependency] = node.inputs as [Endpoint, Endpoint];
    this.push(node, {
      name: `${this.name}/${this.nodes.length}_${node.op}`,
      op: 'DeepCopy',
      input: [this.reference(x), `^${this.names.get(dependency.node)}`],
      attr: { T: { type: factsOf(x).dtype } },
    });
  }

  /**
   * The decay p ← p − p·(1 − decay) first, then TensorFlow's Adam with its own bias correction off: β₁ᵗ and β₂ᵗ are given
   * as 0, because the size of the step and ε hold the correction already.
   */
  private addUpdate(update: AdamUpdate, index: number, readerOf: ReadonlyMap<string, string>): string {
    const name = `${this.name}/adam_${index}`;
    const T: Attribute = { type: DTYPE.float32 };
    const reader = readerOf.get(update.p) ?? '';
    const after: string[] = [];
    if (update.decay) {
      const [one, share, loss, decay] = ['one', 'share', 'loss', 'decay'].map(
        (part) => `${name}_${part}`,
      ) as [string, string, string, string];
      this.nodes.push(
        scalarNode(one, 1),
        { name: share, op: 'Sub', input: [one, this.reference(update.decay)], attr: { T } },
        { name: loss, op: 'Mul', input: [reader, share], attr: { T } },
        {
          name: decay,
          op: 'AssignSubVariableOp',
          // After the gradient: until then others read the parameter as it was.
          input: [this.handle(update.p), loss, ...this.afterGradient(update)],
          attr: { dtype: T },
        },
      );
      after.push(`^${decay}`);
    }
    this.nodes.push(scalarNode(`${name}_zero`, 0), {
      name,
      op: 'ResourceApplyAdam',
      input: [
        ...[update.p, update.m, update.v].map((entry) => this.handle(entry)),
        ...[`${name}_zero`, `${name}_zero`, this.reference(update.stepSize)],
        ...[update.beta1, update.beta2, update.epsilon, update.gradient].map((end) => this.reference(end)),
        // Who reads the parameter reads it as it was, even where the gradient does not depend on it.
        ...[...after, ...this.afterGradient(update), `^${reader}`],
      ],
      attr: { T, use_locking: { b: false }, use_nesterov: { b: false } },
    });
    return name;
  }

  private addSum({ entry, addend }: InPlaceSum, index: number): string {
    const name = `${this.name}/sum_${index}`;
    const attr = { dtype: { type: factsOf(addend).dtype } };
    this.nodes.push({
      ...{ name, attr },
      op: 'AssignAddVariableOp',
      input: [this.handle(entry), this.reference(addend)],
    });
    return name;
  }

  private copyOf(end: Endpoint, name: string): string {
    const T: Attribute = { type: factsOf(end).dtype };
    this.nodes.push({ name, op: 'DeepCopy', input: [this.reference(end)], attr: { T } });
    return name;
  }

  private afterGradient({ gradient }: AdamUpdate): readonly string[] {
    return [`^${this.names.get(gradient.node)}`];
  }

  private push(node: GraphNode, definition: NodeDef): void {
    this.names.set(node, definition.name);
    this.nodes.push(definition);
  }

  private handle(entry: string): string {
    const handle = this.handles.get(entry);
    if (handle === undefined) throw new RangeError(`${this.name}: the state has no entry ${entry}`);
    return handle;
  }

  private reference({ node, output }: Endpoint): string {
    const name = this.names.get(node);
    if (name === undefined) throw new RangeError(`${this.name}: ${node.op} is used before it is there`);
    return output === 0 ? name : `${name}:${output}`;
  }
}
