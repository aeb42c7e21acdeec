import { z } from 'zod';
import { seedSchema, slugSchema, stagePathSchema } from './ids.js';
import { DEFAULT_PROJECT } from './names.js';
import { pipelineSpecSchema, type PipelineSpec } from './pipeline-spec.js';
import { stagePorts } from './stages/index.js';
import { summaryProblem } from './summary-fields.js';
import { constraintSchema, spaceSchema, type Space } from './sweep-space.js';

export const samplerSchema = z.discriminatedUnion('kind', [
  /** Every point of a finite space, by index, exactly once. */
  z.strictObject({ kind: z.literal('grid') }),
  z.strictObject({ kind: z.literal('random') }),
  /** Scrambled Sobol sequence (Joe & Kuo 2008; scrambled as by Owen). */
  z.strictObject({ kind: z.literal('sobol') }),
  /** Multivariate tree-structured Parzen estimator (Bergstra et al. 2011; Falkner et al. 2018). */
  z.strictObject({
    kind: z.literal('tpe'),
    /** Random points before the first that is suggested. */
    startup: z.int().min(1).max(10_000).default(10),
    /** Points drawn for each that is suggested. */
    candidates: z.int().min(1).max(1000).default(24),
  }),
]);
export type SamplerSpec = z.infer<typeof samplerSchema>;

const eta = z.int().min(2).max(10).default(3);
const least = z.int().min(1).default(1);
const every = z.int().min(1).default(1);

export const schedulerSchema = z.discriminatedUnion('kind', [
  /** Every trial is trained to its end. */
  z.strictObject({ kind: z.literal('none') }),
  /** Asynchronous successive halving (Li et al. 2020): the best `1/eta` of a rung go on, whenever a device is free. */
  z.strictObject({ kind: z.literal('asha'), eta, minResource: least }),
  /** Brackets of successive halving (Li et al. 2018). */
  z.strictObject({ kind: z.literal('hyperband'), eta, minResource: least }),
  /** Stops a trial whose best value is worse than the median of the others' running means (Golovin et al. 2017). */
  z.strictObject({
    kind: z.literal('median'),
    every,
    /** No trial is stopped before so much of the resource. */
    grace: z.int().min(0).default(0),
    /** Nor before so many others have come as far. */
    minTrials: z.int().min(1).default(3),
  }),
  /** Stops a trial that has not become better by more than `minDelta` for so many reports. */
  z.strictObject({
    kind: z.literal('patience'),
    every,
    reports: z.int().min(1).default(3),
    minDelta: z.number().min(0).default(0),
  }),
  /** Population-based training (Jaderberg et al. 2017): the worst go on from the best, with other values. */
  z.strictObject({
    kind: z.literal('pbt'),
    every,
    population: z.int().min(2).max(1000).default(8),
    /** The share of the population that counts as best, and as worst. */
    quantile: z.number().positive().max(0.5).default(0.25),
    /** How often a value is drawn anew instead of changed a little. */
    resample: z.number().min(0).max(1).default(0.25),
  }),
]);
export type SchedulerSpec = z.infer<typeof schedulerSchema>;

/** What a trial is given more of from rung to rung. */
export const resourceSchema = z.strictObject({
  stage: stagePathSchema,
  /** Parameter of the stage that says how much: `stopAfterEpochs` of a training. */
  parameter: z
    .string()
    .regex(/^\w+(\.\w+)*$/)
    .default('stopAfterEpochs'),
  /** All of it. */
  max: z.int().min(1),
  /** Output and input that carry a rung's end into the next; null: each rung starts anew. */
  carry: z
    .strictObject({ output: z.string(), input: z.string() })
    .nullable()
    .default({ output: 'state', input: 'resume' }),
});
export type SweepResource = z.infer<typeof resourceSchema>;

/** What is spent at most. A trial that runs when one of them is used up is stopped. */
export const sweepBudgetSchema = z.strictObject({
  trials: z.int().min(1, 'expected at least one trial').max(100_000),
  wallSeconds: z.int().min(1).optional(),
  /** Devices times seconds. What is found in the cache costs nothing. */
  deviceSeconds: z.number().positive().optional(),
});
export type SweepBudget = z.infer<typeof sweepBudgetSchema>;

export const parallelismSchema = z.int().min(1).max(200);

export const sweepSpecSchema = z
  .strictObject({
    version: z.literal(1),
    name: slugSchema,
    project: slugSchema.default(DEFAULT_PROJECT),
    description: z.string().max(1000).default(''),
    /** What is run for every trial. */
    pipeline: pipelineSpecSchema,
    space: spaceSchema,
    constraints: z.array(constraintSchema).max(100).default([]),
    objective: z.strictObject({
      /** A field of a stage's summary: `judge.conditions.0.accuracy`. */
      metric: z
        .string()
        .regex(
          /^[a-z0-9/-]+(\.\w+)+$/,
          'expected a stage and a field of its summary, such as train.testAccuracy',
        ),
      direction: z.enum(['maximize', 'minimize']),
    }),
    sampler: samplerSchema.prefault({ kind: 'tpe' }),
    scheduler: schedulerSchema.prefault({ kind: 'none' }),
    resource: resourceSchema.optional(),
    budget: sweepBudgetSchema,
    /** Trials at a time. */
    parallelism: parallelismSchema.default(1),
    /** Of the sampler and the scheduler; trials have the seed of the pipeline, so that they share what they have in common. */
    seed: seedSchema.default(0),
  })
  .superRefine(refuseBadSweep);
export type SweepSpec = z.infer<typeof sweepSpecSchema>;

interface Parts {
  readonly pipeline: PipelineSpec;
  readonly space: Space;
  readonly constraints: readonly z.infer<typeof constraintSchema>[];
  readonly objective: { readonly metric: string };
  readonly sampler: SamplerSpec;
  readonly scheduler: SchedulerSpec;
  readonly resource?: SweepResource | undefined;
  readonly budget: SweepBudget;
}

type Refuse = (path: (string | number)[], message: string) => void;

/** Refuses what can be seen to be wrong before anything runs; each issue carries the path of the field. */
function refuseBadSweep(
  spec: Parts,
  context: { addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void },
): void {
  const refuse: Refuse = (path, message) => context.addIssue({ code: 'custom', path, message });
  const stages = Object.keys(spec.pipeline.stages);
  const unknown = (stage: string): string => `expected one of the stages ${stages.join(', ')}, got ${stage}`;
  for (const [name, { set }] of Object.entries(spec.space))
    for (const field of [set].flat()) {
      const stage = /^stages\.([^.]+)\./.exec(field)?.[1];
      if (stage !== undefined && !stages.includes(stage)) refuse(['space', name, 'set'], unknown(stage));
    }
  spec.constraints.forEach((constraint, index) => {
    const names =
      'sum' in constraint
        ? Object.keys(constraint.sum)
        : 'product' in constraint
          ? constraint.product
          : Object.keys(constraint.not);
    for (const name of names)
      if (!Object.hasOwn(spec.space, name))
        refuse(
          ['constraints', index],
          `expected one of the parameters ${Object.keys(spec.space).join(', ')}, got ${name}`,
        );
    if (!('not' in constraint) && constraint.atMost === undefined && constraint.atLeast === undefined)
      refuse(['constraints', index], 'expected atMost or atLeast');
  });
  refuseBadMetric(spec, refuse);
  refuseInfiniteGrid(spec, refuse);
  refuseBadResource(spec, refuse);
}

function refuseBadMetric({ objective, pipeline }: Parts, refuse: Refuse): void {
  const [name = '', ...field] = objective.metric.split('.');
  const stage = Object.hasOwn(pipeline.stages, name) ? pipeline.stages[name] : undefined;
  const problem = stage
    ? stage.forEach
      ? 'expected a stage that is not made many'
      : summaryProblem(stage.kind, field.join('.'))
    : `expected one of the stages ${Object.keys(pipeline.stages).join(', ')}, got ${name}`;
  if (problem !== undefined) refuse(['objective', 'metric'], problem);
}

function refuseInfiniteGrid({ sampler, space }: Parts, refuse: Refuse): void {
  if (sampler.kind !== 'grid') return;
  for (const [name, dimension] of Object.entries(space))
    if (dimension.type === 'log-uniform' || (dimension.type === 'uniform' && dimension.step === undefined))
      refuse(
        ['space', name],
        `expected a finite number of values for a grid, got ${dimension.type} without ${dimension.type === 'uniform' ? 'step' : 'end'}: give choice or a step, or take another sampler`,
      );
}

function refuseBadResource({ scheduler, resource, pipeline, budget }: Parts, refuse: Refuse): void {
  if (scheduler.kind === 'none') return;
  if (!resource) {
    refuse(['resource'], `expected what the scheduler ${scheduler.kind} gives trials more of`);
    return;
  }
  const { stage: name, carry, max } = resource;
  const stage = Object.hasOwn(pipeline.stages, name) ? pipeline.stages[name] : undefined;
  if (!stage) {
    refuse(
      ['resource', 'stage'],
      `expected one of the stages ${Object.keys(pipeline.stages).join(', ')}, got ${name}`,
    );
    return;
  }
  const first = 'minResource' in scheduler ? scheduler.minResource : scheduler.every;
  if (first > max)
    refuse(
      ['scheduler', 'minResource' in scheduler ? 'minResource' : 'every'],
      `expected at most resource.max ${max}, got ${first}`,
    );
  if (scheduler.kind === 'pbt' && scheduler.population > budget.trials)
    refuse(
      ['scheduler', 'population'],
      `expected at most budget.trials ${budget.trials}, got ${scheduler.population}`,
    );
  if (scheduler.kind === 'pbt' && !carry)
    refuse(['resource', 'carry'], 'expected output and input of the stage: trials go on from others');
  if (carry && !stage.cache)
    refuse(['resource', 'stage'], 'expected a stage with cache: true: each rung finds those before it');
  if (carry && stage.forEach) refuse(['resource', 'stage'], 'expected a stage that is not made many');
  const inputs = stagePorts(stage)?.inputs;
  if (carry && inputs && !Object.hasOwn(inputs, carry.input))
    refuse(
      ['resource', 'carry', 'input'],
      `expected one of the inputs ${Object.keys(inputs).join(', ') || 'of the stage, which has none'}, got ${carry.input}: give carry: null for rungs that start anew`,
    );
}
