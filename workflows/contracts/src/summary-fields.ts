import { z } from 'zod';
import { stageDefinition, type StageKind } from './stages/index.js';

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: boolean | Shape;
  readonly items?: Shape;
}

/** What is wrong with a field of a kind's summary, named with dots; undefined when the kind may have it. */
export function summaryProblem(kind: StageKind, field: string): string | undefined {
  return fieldProblem(stageDefinition(kind).summary, field, `kind ${kind}`);
}

/** As `summaryProblem`, of the summary of whatever `owner` says. */
export function fieldProblem(summary: z.ZodType, field: string, owner: string): string | undefined {
  let shape = z.toJSONSchema(summary) as Shape;
  const parts = field.split('.');
  for (const [depth, part] of parts.entries()) {
    const before = ['the summary', ...parts.slice(0, depth)].join('.');
    if (shape.items) {
      if (!/^\d+$/.test(part)) return `expected a number in ${before}, got ${part}`;
      shape = shape.items;
      continue;
    }
    const known = shape.properties?.[part];
    const any = typeof shape.additionalProperties === 'object' ? shape.additionalProperties : undefined;
    if (!known && !any) {
      const names = Object.keys(shape.properties ?? {}).join(', ') || 'no fields';
      return `expected one of ${names} in ${before} of ${owner}, got ${part}`;
    }
    shape = known ?? any ?? {};
  }
  return undefined;
}
