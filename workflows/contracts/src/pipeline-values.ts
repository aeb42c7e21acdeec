import { assignItem } from './assign-item.js';
import { ItemValue } from './each-element.js';
import { ExpansionProblem } from './expansion-problem.js';
import type { ForEach } from './for-each.js';
import type { InnerPipeline, PARAMETER_TYPES } from './sub-pipeline.js';

interface Given {
  /** By whoever uses the pipeline. */
  readonly given: Readonly<Record<string, unknown>>;
  /** Path of its document. */
  readonly at: string;
}

/** Values of a pipeline's parameters: what is given, else the default. @throws ExpansionProblem naming the field */
export function valuesOf({ parameters }: InnerPipeline, { given, at }: Given): Map<string, unknown> {
  const outer = at.replace(/\.pipeline$/, '');
  for (const name of Object.keys(given)) {
    const names = Object.keys(parameters).join(', ') || 'none';
    if (!Object.hasOwn(parameters, name))
      throw new ExpansionProblem(
        `${outer}.parameters.${name}`,
        `expected one of the parameters ${names}, got ${name}`,
      );
  }
  return new Map(
    Object.entries(parameters).map(([name, { type, default: fallback }]) => {
      const value = Object.hasOwn(given, name) ? given[name] : fallback;
      const where = at === '' ? `parameters.${name}.default` : `${outer}.parameters.${name}`;
      if (value === undefined)
        throw new ExpansionProblem(where, `expected a value: it has no default, got nothing`);
      const known: unknown = value instanceof ItemValue ? value.sample : value;
      if (type && !fits(known, type))
        throw new ExpansionProblem(where, `expected a value of type ${type}, got ${JSON.stringify(known)}`);
      return [name, value];
    }),
  );
}

/** Of a pipeline that is made many: the parameters that each element has from its item. */
export function itemValues(
  { parameters }: InnerPipeline,
  { params, items }: ForEach,
  path: string,
): Record<string, ItemValue> {
  return Object.fromEntries(
    Object.entries(params).map(([name, from]) => {
      const where = `${path}.forEach.params.${name}`;
      const names = Object.keys(parameters).join(', ') || 'none';
      const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
      if (!parameter)
        throw new ExpansionProblem(where, `expected one of the parameters ${names}, got ${name}`);
      const known = (items ?? []).map((item) => assignItem({}, { value: from }, item)['value']);
      const odd = known.findIndex((value) => parameter.type && !fits(value, parameter.type));
      if (odd >= 0)
        throw new ExpansionProblem(
          `${path}.forEach.items.${odd}`,
          `expected ${from} of type ${parameter.type}, got ${JSON.stringify(known[odd])}`,
        );
      const sample = known[0] ?? parameter.default;
      if (sample === undefined)
        throw new ExpansionProblem(
          where,
          `expected a parameter with a default, which stands for items not known yet`,
        );
      return [name, new ItemValue(from, sample)];
    }),
  );
}

function fits(value: unknown, type: (typeof PARAMETER_TYPES)[number]): boolean {
  return type === 'integer' ? Number.isInteger(value) : typeof value === type;
}
