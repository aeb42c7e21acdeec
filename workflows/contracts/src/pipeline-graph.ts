import { fanOutSummarySchema, type ForEach } from './for-each.js';
import { fanOutProblems } from './fan-out-graph.js';
import type { Requirement } from './requirement.js';
import { smoothingProblems } from './smoothing-graph.js';
import { awaitedStages, OVER, stageReferences, type StageReference } from './stage-references.js';
import { fieldProblem, summaryProblem } from './summary-fields.js';
import type { OutputPort } from './stages/define.js';
import { stageDefinition, stagePorts, type StageKind } from './stages/index.js';
import { sharesProblem } from './step-memory.js';

interface GraphStage {
  readonly kind: StageKind;
  readonly params: unknown;
  readonly resources: { readonly devices: number };
  readonly inputs: Readonly<Record<string, string | Readonly<Record<string, string>> | undefined>>;
  readonly when: readonly Requirement[];
  readonly forEach?: ForEach | undefined;
}

interface IssueSink {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}

/** Refuses inputs that are unknown or left out, unknown stages, unknown outputs, outputs of the wrong type, and cycles; each issue carries the path of the field. */
export function refuseBadGraph(
  spec: { readonly stages: Readonly<Record<string, GraphStage>> },
  context: IssueSink,
): void {
  for (const [name, stage] of Object.entries(spec.stages)) {
    for (const { port, message } of portProblems(stage))
      context.addIssue({ code: 'custom', path: ['stages', name, 'inputs', port], message });
    const uneven = stageDefinition(stage.kind).spreads
      ? sharesProblem(stage.params as Parameters<typeof sharesProblem>[0], stage.resources.devices)
      : undefined;
    if (uneven)
      context.addIssue({
        code: 'custom',
        path: ['stages', name, 'resources', 'devices'],
        message: uneven,
      });
    for (const reference of stageReferences(stage)) {
      const message = referenceProblem(spec.stages, stage, reference);
      if (message) context.addIssue({ code: 'custom', path: ['stages', name, ...reference.path], message });
    }
    for (const { path, message } of fanOutProblems(stage, (reference) => outputOf(spec.stages, reference)))
      context.addIssue({ code: 'custom', path: ['stages', name, ...path], message });
    for (const { path, message } of smoothingProblems(spec.stages, stage))
      context.addIssue({ code: 'custom', path: ['stages', name, ...path], message });
    stage.when.forEach(({ stage: source, field }, index) => {
      const found = requirementProblem(spec.stages, source, field);
      const path = ['stages', name, 'when', index, found?.at ?? ''];
      if (found) context.addIssue({ code: 'custom', path, message: found.message });
    });
  }
  const cycle = findCycle(spec.stages);
  if (cycle) {
    const [first] = cycle;
    context.addIssue({
      code: 'custom',
      path: ['stages', first as string, 'inputs'],
      message: `expected no cycle, got ${cycle.join(' -> ')}`,
    });
  }
}

/** What a kind with fixed ports has had checked by its schema, one with declared ones has checked here. */
function portProblems(stage: GraphStage): { port: string; message: string }[] {
  const ports = stagePorts(stage)?.inputs;
  if (!ports) return [];
  const unknown = Object.keys(stage.inputs).filter((port) => !Object.hasOwn(ports, port));
  const missing = Object.entries(ports).filter(
    ([port, { required }]) => required && stage.inputs[port] === undefined,
  );
  const names = Object.keys(ports).join(', ');
  return [
    ...unknown.map((port) => ({
      port,
      message: `expected one of the declared inputs${names && ` ${names}`}, got ${port}`,
    })),
    ...missing.map(([port, { type }]) => ({
      port,
      message: `expected a reference to an artifact of type ${type}`,
    })),
  ];
}

function referenceProblem(
  stages: Readonly<Record<string, GraphStage>>,
  stage: GraphStage,
  reference: StageReference,
): string | undefined {
  const source = Object.hasOwn(stages, reference.stage) ? stages[reference.stage] : undefined;
  if (!source) return `expected one of the stages ${Object.keys(stages).join(', ')}, got ${reference.stage}`;
  const outputs = stagePorts(source)?.outputs;
  if (!outputs) return undefined;
  const output = Object.hasOwn(outputs, reference.output) ? outputs[reference.output] : undefined;
  if (!output)
    return `expected one of the outputs ${Object.keys(outputs).join(', ')} of stage ${reference.stage} (${source.kind}), got ${reference.output}`;
  const from = `${reference.stage}.${reference.output}`;
  if (reference.port === OVER)
    return output.type === 'document' || output.type === 'list'
      ? undefined
      : `expected an artifact of type document or list, got ${output.type} from ${from}`;
  const ports = stagePorts(stage)?.inputs;
  const wanted = ports && Object.hasOwn(ports, reference.port) ? ports[reference.port] : undefined;
  if (!wanted || wanted.type === output.type) return undefined;
  // A list goes where many are taken, and, element by element, into a stage that is made many itself.
  const spread = output.type === 'list' && (wanted.arity === 'many' || stage.forEach !== undefined);
  if (spread && output.of === wanted.type) return undefined;
  const got = output.of === undefined ? output.type : `list of ${output.of}`;
  return `expected an artifact of type ${wanted.type}, got ${got} from ${from}`;
}

function outputOf(
  stages: Readonly<Record<string, GraphStage>>,
  { stage, output }: StageReference,
): OutputPort | undefined {
  const source = Object.hasOwn(stages, stage) ? stages[stage] : undefined;
  const outputs = source && stagePorts(source)?.outputs;
  return outputs && Object.hasOwn(outputs, output) ? outputs[output] : undefined;
}

function requirementProblem(
  stages: Readonly<Record<string, GraphStage>>,
  name: string,
  field: string,
): { readonly at: 'stage' | 'field'; readonly message: string } | undefined {
  const source = Object.hasOwn(stages, name) ? stages[name] : undefined;
  if (!source)
    return {
      at: 'stage',
      message: `expected one of the stages ${Object.keys(stages).join(', ')}, got ${name}`,
    };
  const message = source.forEach
    ? fieldProblem(fanOutSummarySchema, field, 'a stage that is made many')
    : summaryProblem(source.kind, field);
  return message === undefined ? undefined : { at: 'field', message };
}

/** A cycle as `[a, b, a]`, or undefined. Depth-first search over the references that resolve. */
function findCycle(stages: Readonly<Record<string, GraphStage>>): string[] | undefined {
  const state = new Map<string, 'open' | 'done'>();
  const trail: string[] = [];
  const visit = (name: string): string[] | undefined => {
    if (state.get(name) === 'done' || !Object.hasOwn(stages, name)) return undefined;
    if (state.get(name) === 'open') return [...trail.slice(trail.indexOf(name)), name];
    state.set(name, 'open');
    trail.push(name);
    for (const awaited of awaitedStages(stages[name] as GraphStage)) {
      const cycle = visit(awaited);
      if (cycle) return cycle;
    }
    trail.pop();
    state.set(name, 'done');
    return undefined;
  };
  for (const name of Object.keys(stages)) {
    const cycle = visit(name);
    if (cycle) return cycle;
  }
  return undefined;
}
