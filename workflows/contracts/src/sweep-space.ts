import { z } from 'zod';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** A value that a parameter may take: of one field, or of a few that belong together. */
export const sweepValueSchema = z.union([scalar, z.array(scalar), z.record(z.string(), scalar)]);
export type SweepValue = z.infer<typeof sweepValueSchema>;

const parameterName = z
  .string()
  .max(63)
  .regex(/^[a-zA-Z]\w*$/, 'expected a letter, then letters, digits and underscores, such as learningRate');

/** Field of the pipeline that takes the value. */
const target = z
  .string()
  .max(300)
  .regex(
    /^(seed|stages\.[a-z0-9/-]+\.(seed|params(\.\w+)+))$/,
    'expected seed, stages.STAGE.seed or stages.STAGE.params.FIELD',
  );

const common = {
  /** What of the pipeline takes the value; several fields may take the same one. */
  set: z.union([target, z.array(target).min(1).max(20)]),
  /** The parameter exists only where another one has one of these values; else its fields stay as the pipeline has them. */
  when: z
    .strictObject({ parameter: parameterName, is: z.array(sweepValueSchema).min(1).max(1000) })
    .optional(),
};

const choice = z.strictObject({
  type: z.literal('choice'),
  values: z.array(sweepValueSchema).min(1, 'expected at least one value').max(10_000),
  ...common,
});

const int = z
  .strictObject({
    type: z.literal('int'),
    low: z.int(),
    high: z.int(),
    /** Values are `low`, `low + step`, and so on. */
    step: z.int().min(1).default(1),
    /** Even on the logarithm instead of on the value. */
    log: z.boolean().default(false),
    ...common,
  })
  .superRefine(checkRange);

const uniform = z
  .strictObject({
    type: z.literal('uniform'),
    low: z.number(),
    high: z.number(),
    /** Quantised: values are `low`, `low + step`, and so on. */
    step: z.number().positive().optional(),
    ...common,
  })
  .superRefine(checkRange);

const logUniform = z
  .strictObject({
    type: z.literal('log-uniform'),
    low: z.number().positive('expected more than 0: a logarithm is taken'),
    high: z.number().positive('expected more than 0: a logarithm is taken'),
    ...common,
  })
  .superRefine(checkRange);

export const dimensionSchema = z.discriminatedUnion('type', [choice, int, uniform, logUniform]);
export type Dimension = z.infer<typeof dimensionSchema>;

/** What holds for all points of a space. Points are drawn until all constraints hold. */
export const constraintSchema = z.union([
  /** A sum of parameters, each times a number; one that does not exist in a point counts as 0. */
  z.strictObject({
    sum: z.record(parameterName, z.number()),
    atMost: z.number().optional(),
    atLeast: z.number().optional(),
  }),
  /** A product of parameters, such as batch size and width; one that does not exist in a point counts as 1. */
  z.strictObject({
    product: z.array(parameterName).min(1).max(20),
    atMost: z.number().optional(),
    atLeast: z.number().optional(),
  }),
  /** A combination that is not wanted: values by parameter. */
  z.strictObject({ not: z.record(parameterName, z.array(sweepValueSchema).min(1)) }),
]);
export type Constraint = z.infer<typeof constraintSchema>;

export const spaceSchema = z
  .record(parameterName, dimensionSchema)
  .refine((space) => Object.keys(space).length > 0, 'expected at least one parameter')
  .refine((space) => Object.keys(space).length <= 64, 'expected at most 64 parameters')
  .superRefine((space, context) => {
    for (const [name, { when }] of Object.entries(space)) {
      const problem = when && conditionProblem(space, name);
      if (problem) context.addIssue({ code: 'custom', path: [name, 'when', 'parameter'], message: problem });
    }
    for (const [field, names] of namesByField(space))
      if (names.length > 1 && !excludeEachOther(space, names))
        context.addIssue({
          code: 'custom',
          path: [names[1] ?? '', 'set'],
          message: `expected each field to be set by one parameter, got ${names.join(' and ')} for ${field}`,
        });
  });
export type Space = z.infer<typeof spaceSchema>;

/** Values of one point; parameters that do not exist in it are left out. */
export const pointSchema = z.record(parameterName, sweepValueSchema);
export type Point = z.infer<typeof pointSchema>;

interface IssueSink {
  addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void;
}

function checkRange(
  { low, high, log }: { low: number; high: number; log?: boolean },
  context: IssueSink,
): void {
  const refuse = (field: string, message: string): void =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (low > high) refuse('high', `expected at least low ${low}, got ${high}: the range is empty`);
  if (log === true && low < 1) refuse('low', `expected at least 1: a logarithm is taken, got ${low}`);
  if (!Number.isFinite(high - low)) refuse('high', 'expected a range of finite width');
}

/** The parameter that a condition names must exist, and no chain of conditions may come back to itself. */
function conditionProblem(space: Record<string, Dimension>, name: string): string | undefined {
  const trail = [name];
  for (let at = space[name]?.when?.parameter; at !== undefined; at = space[at]?.when?.parameter) {
    if (!Object.hasOwn(space, at))
      return `expected one of the parameters ${Object.keys(space).join(', ')}, got ${at}`;
    if (trail.includes(at)) return `expected no cycle, got ${[...trail, at].join(' -> ')}`;
    trail.push(at);
  }
  return undefined;
}

function namesByField(space: Record<string, Dimension>): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, { set }] of Object.entries(space))
    for (const field of [set].flat()) found.set(field, [...(found.get(field) ?? []), name]);
  return found;
}

/** Whether at most one of them exists in any point: conditions on one parameter with no value in common. */
function excludeEachOther(space: Record<string, Dimension>, names: readonly string[]): boolean {
  const conditions = names.map((name) => space[name]?.when);
  const [first] = conditions;
  if (!first || conditions.some((one) => one?.parameter !== first.parameter)) return false;
  const values = conditions.flatMap((one) => (one?.is ?? []).map((value) => JSON.stringify(value)));
  return new Set(values).size === values.length;
}
