import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import {
  aboutSchema,
  artifactListSchema,
  artifactRefSchema,
  cacheExplanationSchema,
  decisionSchema,
  errorViewSchema,
  eventBatchSchema,
  lineageSchema,
  loginLinkSchema,
  logPageSchema,
  pipelineSpecSchema,
  poolListSchema,
  poolPolicySchema,
  poolViewSchema,
  problemSchema,
  readinessSchema,
  ablateRequestSchema,
  rerunRequestSchema,
  runEventSchema,
  runListSchema,
  runPlanSchema,
  runRequestSchema,
  runViewSchema,
  stageStatusSchema,
  storedEventSchema,
  submitRunResponseSchema,
  backfillRequestSchema,
  backfillSchema,
  modelListSchema,
  promoteModelSchema,
  registeredModelSchema,
  rollBackModelSchema,
  scheduleListSchema,
  scheduleNoteSchema,
  scheduleSpecSchema,
  scheduleViewSchema,
  submitSweepResponseSchema,
  sweepEditSchema,
  sweepListSchema,
  sweepReplayRequestSchema,
  sweepReplaySchema,
  sweepSpecSchema,
  sweepViewSchema,
  trialListSchema,
  trialViewSchema,
  listedPoolSchema,
  workerDrainSchema,
} from '@vitrine/contracts';
import { z } from 'zod';

/** Schemas that have a name of their own in the document; all others are written out where they are used. */
const NAMED = {
  About: aboutSchema,
  ArtifactList: artifactListSchema,
  ArtifactRef: artifactRefSchema,
  CacheExplanation: cacheExplanationSchema,
  Decision: decisionSchema,
  ErrorView: errorViewSchema,
  EventBatch: eventBatchSchema,
  Lineage: lineageSchema,
  LoginLink: loginLinkSchema,
  LogPage: logPageSchema,
  PipelineSpec: pipelineSpecSchema,
  PoolList: poolListSchema,
  PoolPolicy: poolPolicySchema,
  PoolView: poolViewSchema,
  Problem: problemSchema,
  Readiness: readinessSchema,
  AblateRequest: ablateRequestSchema,
  RerunRequest: rerunRequestSchema,
  RunEvent: runEventSchema,
  RunList: runListSchema,
  RunPlan: runPlanSchema,
  RunRequest: runRequestSchema,
  RunView: runViewSchema,
  StageStatus: stageStatusSchema,
  StoredEvent: storedEventSchema,
  SubmitRunResponse: submitRunResponseSchema,
  BackfillRequest: backfillRequestSchema,
  Backfill: backfillSchema,
  ModelList: modelListSchema,
  PromoteModel: promoteModelSchema,
  RegisteredModel: registeredModelSchema,
  RollBackModel: rollBackModelSchema,
  ScheduleList: scheduleListSchema,
  ScheduleNote: scheduleNoteSchema,
  ScheduleSpec: scheduleSpecSchema,
  ScheduleView: scheduleViewSchema,
  SubmitSweepResponse: submitSweepResponseSchema,
  SweepEdit: sweepEditSchema,
  SweepList: sweepListSchema,
  SweepReplay: sweepReplaySchema,
  SweepReplayRequest: sweepReplayRequestSchema,
  SweepSpec: sweepSpecSchema,
  SweepView: sweepViewSchema,
  TrialList: trialListSchema,
  TrialView: trialViewSchema,
  ListedPool: listedPoolSchema,
  WorkerDrain: workerDrainSchema,
} as const;

/** What clients send is described as they may write it: with its defaults left out. */
const SENT: ReadonlySet<string> = new Set([
  'Decision',
  'PipelineSpec',
  'EventBatch',
  'RerunRequest',
  'SweepSpec',
  'BackfillRequest',
  'PromoteModel',
  'RollBackModel',
  'ScheduleNote',
  'ScheduleSpec',
  'SweepEdit',
  'SweepReplayRequest',
  'PoolPolicy',
  'WorkerDrain',
]);

const VERSION = '1';

export function openApiDocument(app: INestApplication): OpenAPIObject {
  const outline = new DocumentBuilder()
    .setTitle('Vitrine API')
    .setDescription(
      'Starts, shows, follows and cancels runs of training pipelines, and serves what they made.',
    )
    .setVersion(VERSION)
    .setOpenAPIVersion('3.1.0')
    .addSecurity('token', { type: 'http', scheme: 'bearer' })
    .build();
  const components = namedComponents();
  const document = SwaggerModule.createDocument(app, outline, {
    operationIdFactory: (controller, method) =>
      `${controller.replace(/Controller$/, '').toLowerCase()}.${method}`,
    standardSchemaConverter: (schema) => {
      const [name] = Object.entries(NAMED).find(([, named]) => named === schema) ?? [];
      return name === undefined ? undefined : { schema: { $ref: `#/components/schemas/${name}` } };
    },
  });
  return { ...document, components: { ...document.components, schemas: components } };
}

function namedComponents(): Record<string, object> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const convert = (io: 'input' | 'output'): Record<string, object> =>
    z.toJSONSchema(registry, { io, uri, override: ({ jsonSchema }) => shorten(jsonSchema) }).schemas;
  const [sent, received] = [convert('input'), convert('output')];
  return Object.fromEntries(
    Object.keys(NAMED).map((name) => {
      const {
        $schema: _dialect,
        $id: _id,
        id: _name,
        ...schema
      } = ((SENT.has(name) ? sent : received)[name] ?? {}) as Record<string, unknown>;
      return [name, schema];
    }),
  );
}

/** `format: date-time` says what zod's pattern of 200 characters says, and JSON numbers have no safe range to speak of. */
function shorten(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.format === 'date-time') delete schema.pattern;
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum;
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum;
}
