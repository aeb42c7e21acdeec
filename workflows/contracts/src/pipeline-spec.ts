import { z } from 'zod';
import { failureRulesSchema } from './failure-rules.js';
import { forEachSchema } from './for-each.js';
import { outputReferenceSchema, seedSchema, slugSchema, stagePathSchema } from './ids.js';
import { DEFAULT_POOL, DEFAULT_PROJECT } from './names.js';
import { refuseBadGraph } from './pipeline-graph.js';
import { requirementSchema } from './requirement.js';
import type { InputPort } from './stages/define.js';
import { STAGES, STAGE_KINDS, stageDefinition, type StageKind } from './stages/index.js';

export const resourcesSchema = z.strictObject({
  /** Devices of the pool: GPUs, or slots of a CPU pool. */
  devices: z.int().min(1).max(64).default(1),
  /** The stage process is refused more. Unlimited when left out. */
  memoryMegabytes: z.int().min(64).optional(),
});

export const retryPolicySchema = z.strictObject({
  /** Attempts lost to machines and services: workers killed, storage unreachable. */
  infrastructure: z.int().min(0).max(1000).default(20),
  /** Attempts lost to the stage's own failures. */
  own: z.int().min(0).max(100).default(1),
  /** How long another worker is waited for after a failure that asks for one; then the same one is taken, in seconds. */
  elsewhereSeconds: z.int().min(0).max(86_400).default(600),
});

export const timeoutsSchema = z.strictObject({
  /** Longest run of one attempt, in seconds. */
  attemptSeconds: z
    .int()
    .min(1)
    .default(24 * 3600),
  /** The process is stopped when it reports no progress for so long, in seconds. */
  stallSeconds: z.int().min(1).default(300),
  /** Longest wait for a device of the pool, in seconds; without end when left out, since to wait is normal. */
  queueSeconds: z.int().min(1).optional(),
  /** Longest time from being ready to its result, all waits and attempts included, in seconds. Unlimited when left out. */
  totalSeconds: z.int().min(1).optional(),
});

const stageCommon = {
  pool: slugSchema.default(DEFAULT_POOL),
  /** Derived from the run's seed and the stage's name when left out. */
  seed: seedSchema.optional(),
  resources: resourcesSchema.prefault({}),
  retry: retryPolicySchema.prefault({}),
  timeouts: timeoutsSchema.prefault({}),
  /** What a failed end of its process means; looked at before the rules of the configuration and those that ship. */
  failures: failureRulesSchema.default([]),
  /** Demands on results of earlier stages. The stage waits for them, and is skipped when one is not met. */
  when: z.array(requirementSchema).max(100).default([]),
  /** One element for every item of a list, instead of one for all. */
  forEach: forEachSchema.optional(),
  /** The stage is held until a person has approved it. */
  approval: z
    .strictObject({
      /** What is to be looked at before. */
      message: z.string().max(1000).default(''),
    })
    .optional(),
};

const manyReferences = z.record(slugSchema, outputReferenceSchema);

function inputsSchema(kind: StageKind): z.ZodType<Readonly<Record<string, string | Record<string, string>>>> {
  const { inputs } = STAGES[kind];
  // Which there are, its parameters say: the check of the graph compares them.
  if (typeof inputs === 'function') return z.record(z.string(), outputReferenceSchema).prefault({});
  const shape: Record<string, z.ZodType> = {};
  let anyRequired = false;
  for (const [name, port] of Object.entries<InputPort>(inputs)) {
    const schema = port.arity === 'many' ? manyReferences : outputReferenceSchema;
    anyRequired ||= port.required;
    shape[name] = port.required ? schema : schema.optional();
  }
  const strict = z.strictObject(shape);
  return (anyRequired ? strict : strict.prefault({})) as unknown as z.ZodType<
    Record<string, string | Record<string, string>>
  >;
}

function stageSpecSchema<K extends StageKind>(kind: K) {
  return z.strictObject({
    kind: z.literal(kind),
    ...stageCommon,
    /** Whether its result is looked for before it is computed, and kept for others. */
    cache: z.boolean().default(stageDefinition(kind).cache ?? true),
    inputs: inputsSchema(kind),
    params: STAGES[kind].params,
  });
}

const stageSpecs = {
  train: stageSpecSchema('train').extend({ params: STAGES.train.params.prefault({}) }),
  'import-model': stageSpecSchema('import-model').extend({ params: STAGES['import-model'].params }),
  'stored-model': stageSpecSchema('stored-model').extend({ params: STAGES['stored-model'].params }),
  'nullspace-noise': stageSpecSchema('nullspace-noise').extend({
    params: STAGES['nullspace-noise'].params.prefault({}),
  }),
  'noise-influence': stageSpecSchema('noise-influence').extend({
    params: STAGES['noise-influence'].params.prefault({}),
  }),
  'augmented-finetune': stageSpecSchema('augmented-finetune').extend({
    params: STAGES['augmented-finetune'].params.prefault({}),
  }),
  evaluate: stageSpecSchema('evaluate').extend({ params: STAGES.evaluate.params.prefault({}) }),
  'train-denoiser': stageSpecSchema('train-denoiser').extend({
    params: STAGES['train-denoiser'].params.prefault({}),
  }),
  'import-certificates': stageSpecSchema('import-certificates').extend({
    params: STAGES['import-certificates'].params,
  }),
  'judge-attention': stageSpecSchema('judge-attention').extend({ params: STAGES['judge-attention'].params }),
  'import-denoiser': stageSpecSchema('import-denoiser').extend({ params: STAGES['import-denoiser'].params }),
  certify: stageSpecSchema('certify').extend({ params: STAGES.certify.params.prefault({}) }),
  'train-diffmask': stageSpecSchema('train-diffmask').extend({
    params: STAGES['train-diffmask'].params.prefault({}),
  }),
  explain: stageSpecSchema('explain').extend({ params: STAGES.explain.params.prefault({}) }),
  report: stageSpecSchema('report').extend({ params: STAGES.report.params.prefault({}) }),
  noop: stageSpecSchema('noop').extend({ params: STAGES.noop.params.prefault({}) }),
  command: stageSpecSchema('command').extend({ params: STAGES.command.params }),
  package: stageSpecSchema('package').extend({ params: STAGES.package.params }),
} satisfies Record<StageKind, z.ZodType>;

export const stageSpecSchemaByKind = stageSpecs;

export const stageSpecUnion = z.discriminatedUnion(
  'kind',
  [
    stageSpecs.train,
    stageSpecs['import-model'],
    stageSpecs['stored-model'],
    stageSpecs['nullspace-noise'],
    stageSpecs['noise-influence'],
    stageSpecs['augmented-finetune'],
    stageSpecs.evaluate,
    stageSpecs['train-denoiser'],
    stageSpecs['import-certificates'],
    stageSpecs['judge-attention'],
    stageSpecs['import-denoiser'],
    stageSpecs.certify,
    stageSpecs['train-diffmask'],
    stageSpecs.explain,
    stageSpecs.report,
    stageSpecs.noop,
    stageSpecs.command,
    stageSpecs.package,
  ],
  {
    error: (issue) =>
      issue.code === 'invalid_union' ? `expected kind to be one of ${STAGE_KINDS.join(', ')}` : undefined,
  },
);

/** A history holds 51,200 events, and a stage is some seven of them. */
const MOST_STAGES = 5000;

function tooMany(count: number): string {
  return `expected at most ${MOST_STAGES} stages, got ${count}; stages that are alike are made many by forEach`;
}

export const pipelineSpecSchema = z
  .strictObject({
    version: z.literal(1),
    name: slugSchema,
    project: slugSchema.default(DEFAULT_PROJECT),
    description: z.string().max(1000).default(''),
    seed: seedSchema.default(0),
    /** Class in which pools with a policy serve it: one of the policy's; `normal` when left out. */
    priority: slugSchema.optional(),
    stages: z
      .record(stagePathSchema, stageSpecUnion)
      .refine((stages) => Object.keys(stages).length > 0, 'expected at least one stage')
      .refine((stages) => Object.keys(stages).length <= MOST_STAGES, {
        error: ({ input }) => tooMany(Object.keys(input as object).length),
      }),
  })
  .superRefine(refuseBadGraph);

export type PipelineSpec = z.infer<typeof pipelineSpecSchema>;
export type StageSpec = z.infer<typeof stageSpecUnion>;
export type StageSpecInputs = Readonly<Record<string, string | Readonly<Record<string, string>>>>;
export type RetryPolicy = z.infer<typeof retryPolicySchema>;
export type StageTimeouts = z.infer<typeof timeoutsSchema>;
export type StageResources = z.infer<typeof resourcesSchema>;
