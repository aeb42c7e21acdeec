import type { z } from 'zod';
import type { ArtifactType } from './artifact-ref.js';
import { eachElement, ItemValue, type EachElement } from './each-element.js';
import { ExpansionProblem } from './expansion-problem.js';
import type { ForEach } from './for-each.js';
import { formatIssues } from './format-issues.js';
import { itemValues, valuesOf } from './pipeline-values.js';
import { innerPipelineSchema, subPipelineSchema, type InnerPipeline } from './sub-pipeline.js';
import { referenceParts } from './stage-references.js';

/** A reference whose type a sub-pipeline has declared. */
export interface TypedReference {
  readonly path: string;
  readonly reference: string;
  readonly type: ArtifactType;
  /** Each element takes one of a list. */
  readonly each: boolean;
}

export interface ExpandedPipeline {
  readonly document: unknown;
  readonly typed: readonly TypedReference[];
}

/** Pipelines within pipelines within pipelines: deeper is taken for a mistake. */
const DEEPEST = 8;

/**
 * The document with the values of its parameters in their places, and with the stages of each sub-pipeline beside its own.
 * What is not as expected otherwise is left to the schema.
 * @throws ExpansionProblem naming the field
 */
export function expandPipeline(document: unknown): ExpandedPipeline {
  const outermost = isRecord(document) && isRecord(document['stages']) ? document : undefined;
  const known =
    outermost && ('parameters' in outermost || Object.values(outermost['stages'] as object).some(isSub));
  if (!outermost || !known) return { document, typed: [] };
  const { parameters, ...rest } = outermost;
  const inner = checked(innerPipelineSchema, { parameters: parameters ?? {}, stages: rest['stages'] }, '');
  const scope = new Scope(inner, { prefix: '', at: '', given: {}, depth: 0, bind: () => undefined });
  return { document: { ...(scope.fill(rest, '') as object), stages: scope.expand() }, typed: scope.typed };
}

interface Place {
  /** Before the names of its stages: `outer/`. */
  readonly prefix: string;
  /** Path of its document. */
  readonly at: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly depth: number;
  /** Of a pipeline that is made many, or that is within one. */
  readonly each?: EachElement | undefined;
  /** What an input of it is in the outermost pipeline. */
  readonly bind: (input: string) => string | undefined;
}

class Scope {
  readonly typed: TypedReference[] = [];
  private readonly inner = new Map<string, Scope>();
  private readonly resolving = new Set<string>();
  private readonly values: ReadonlyMap<string, unknown>;

  constructor(
    private readonly pipeline: InnerPipeline,
    private readonly place: Place,
  ) {
    if (place.depth > DEEPEST)
      throw new ExpansionProblem(place.at, `expected pipelines at most ${DEEPEST} deep, got more`);
    this.values = valuesOf(pipeline, place);
    for (const [name, stage] of Object.entries(pipeline.stages))
      if (isSub(stage)) this.inner.set(name, this.open(name, stage));
  }

  expand(): Record<string, unknown> {
    const { prefix, at, each } = this.place;
    const stages: Record<string, unknown> = {};
    for (const [name, stage] of Object.entries(this.pipeline.stages)) {
      const inner = this.inner.get(name);
      const path = join(at, `stages.${name}`);
      if (!inner) {
        const one = this.rewritten(this.fill(stage, path), path);
        stages[`${prefix}${name}`] = each && isRecord(one) ? eachElement(one, each, path) : one;
        continue;
      }
      const { when = [] } = this.rewritten(this.fill({ when: stage['when'] ?? [] }, path), path) as {
        when?: unknown[];
      };
      for (const [full, one] of Object.entries(inner.expand()))
        stages[full] =
          when.length === 0 || !isRecord(one) ? one : { ...one, when: [...when, ...listOf(one['when'])] };
      this.typed.push(...inner.typed);
    }
    return stages;
  }

  /** Values in the places of parameters, with their types where a parameter is all there is. */
  fill(value: unknown, path: string): unknown {
    if (typeof value === 'string') return this.fillText(value, path);
    if (Array.isArray(value)) return value.map((item, i) => this.fill(item, join(path, String(i))));
    if (!isRecord(value) || value instanceof ItemValue || value['kind'] === 'pipeline') return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, this.fill(item, join(path, key))]),
    );
  }

  private fillText(text: string, path: string): unknown {
    const whole = /^\$\{parameters\.(\w+)\}$/.exec(text)?.[1];
    if (whole !== undefined) return this.valueOf(whole, path);
    return text.replace(/\$\{parameters\.(\w+)\}/g, (_, name: string) => {
      const value = this.valueOf(name, path);
      if (value instanceof ItemValue)
        throw new ExpansionProblem(
          path,
          `expected \${parameters.${name}} alone, since each element has its own, got more text`,
        );
      return typeof value === 'string' ? value : JSON.stringify(value);
    });
  }

  private valueOf(name: string, path: string): unknown {
    if (this.values.has(name)) return this.values.get(name);
    const names = [...this.values.keys()].join(', ') || 'none';
    throw new ExpansionProblem(path, `expected one of the parameters ${names}, got ${name}`);
  }

  private open(name: string, stage: Record<string, unknown>): Scope {
    const { place } = this;
    const path = join(place.at, `stages.${name}`);
    const many = stage['forEach'] === undefined ? {} : { forEach: this.fill(stage['forEach'], path) };
    const { pipeline, parameters, inputs, forEach } = checked(subPipelineSchema, { ...stage, ...many }, path);
    for (const [input, { required }] of Object.entries(pipeline.inputs))
      if (required && inputs[input] === undefined)
        throw new ExpansionProblem(`${path}.inputs.${input}`, 'expected a reference, got nothing');
    for (const input of Object.keys(inputs)) {
      const names = Object.keys(pipeline.inputs).join(', ') || 'none';
      if (!Object.hasOwn(pipeline.inputs, input))
        throw new ExpansionProblem(
          `${path}.inputs.${input}`,
          `expected one of the inputs ${names}, got ${input}`,
        );
    }
    const given = this.fill(parameters, `${path}.parameters`) as Record<string, unknown>;
    return new Scope(pipeline, {
      prefix: `${place.prefix}${name}/`,
      at: `${path}.pipeline`,
      given: { ...given, ...(forEach && itemValues(pipeline, forEach, path)) },
      depth: place.depth + 1,
      each: forEach ? this.eachOf(forEach, `${path}.forEach`) : place.each,
      bind: (input) => {
        const reference =
          inputs[input] === undefined ? undefined : this.resolve(inputs[input], `${path}.inputs.${input}`);
        const type = pipeline.inputs[input]?.type;
        if (reference !== undefined && type)
          this.typed.push({
            ...{ path: `${path}.inputs.${input}`, reference, type },
            each: (forEach ?? place.each) !== undefined,
          });
        return reference;
      },
    });
  }

  private eachOf({ params: _own, byElement: _always, over, ...each }: ForEach, path: string): EachElement {
    if (this.place.each)
      throw new ExpansionProblem(path, 'expected none within a pipeline that is made many, got one');
    if ((over === undefined) === (each.items === undefined))
      throw new ExpansionProblem(
        path,
        `expected either over or items, got ${over ? 'both' : 'none of them'}`,
      );
    const list = over === undefined ? undefined : this.resolve(over, `${path}.over`);
    return { ...each, ...(list !== undefined && { over: list }) };
  }

  /** A reference as the outermost pipeline has it; undefined for an input that was left out. */
  private resolve(reference: string, path: string): string | undefined {
    const { stage, output } = referenceParts(reference);
    if (stage === 'inputs' && Object.hasOwn(this.pipeline.inputs, output)) return this.place.bind(output);
    const inner = this.inner.get(stage);
    if (!inner) return `${this.place.prefix}${reference}`;
    const named = inner.pipeline.outputs[output];
    if (named === undefined) {
      const names = Object.keys(inner.pipeline.outputs).join(', ') || 'none';
      throw new ExpansionProblem(
        path,
        `expected one of the outputs ${names} of pipeline ${stage}, got ${output}`,
      );
    }
    if (this.resolving.has(reference))
      throw new ExpansionProblem(path, `expected no cycle, got ${reference} of itself`);
    this.resolving.add(reference);
    const found = inner.resolve(named, `${inner.place.at}.outputs.${output}`);
    this.resolving.delete(reference);
    return found;
  }

  /** The references of a stage as the outermost pipeline has them. */
  private rewritten(stage: unknown, path: string): unknown {
    if (!isRecord(stage)) return stage;
    const changed: Record<string, unknown> = { ...stage };
    if (isRecord(stage['inputs'])) changed['inputs'] = this.references(stage['inputs'], `${path}.inputs`);
    if (isRecord(stage['forEach']))
      changed['forEach'] = this.references(stage['forEach'], `${path}.forEach`, ['over']);
    if (Array.isArray(stage['when']))
      changed['when'] = stage['when'].map((demand: unknown) =>
        isRecord(demand) && typeof demand['stage'] === 'string'
          ? { ...demand, stage: `${this.place.prefix}${demand['stage']}` }
          : demand,
      );
    return changed;
  }

  private references(fields: Record<string, unknown>, path: string, only?: readonly string[]): unknown {
    const entries = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
      if (only && !only.includes(name)) return [[name, value]];
      if (isRecord(value)) return [[name, this.references(value, `${path}.${name}`)]];
      if (typeof value !== 'string' || !value.includes('.')) return [[name, value]];
      const resolved = this.resolve(value, `${path}.${name}`);
      return resolved === undefined ? [] : [[name, resolved]];
    });
    return Object.fromEntries(entries);
  }
}

function checked<T>(schema: z.ZodType<T>, value: unknown, path: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = [path, ...(issue?.path ?? []).map(String)].filter((part) => part !== '').join('.');
  const text = formatIssues(issue ? [{ ...issue, path: [] }] : [], undefined).replace(/^\(document\): /, '');
  throw new ExpansionProblem(where, text);
}

function isSub(stage: unknown): boolean {
  return isRecord(stage) && stage['kind'] === 'pipeline';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function join(path: string, field: string): string {
  return path === '' ? field : `${path}.${field}`;
}
