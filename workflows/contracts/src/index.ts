export {
  ARTIFACT_EXTENSIONS,
  ARTIFACT_TYPES,
  artifactRefSchema,
  artifactTypeSchema,
  sha256Schema,
  type ArtifactRef,
  type ArtifactType,
} from './artifact-ref.js';
export {
  ERRORS,
  ERROR_CODES,
  VitrineError,
  describeError,
  isErrorCode,
  toVitrineError,
  type ErrorCode,
  type ErrorDetails,
  type ErrorView,
  type RetryClass,
} from './errors.js';
export { errorOfFailure, failureFields, type FailureFields } from './failure.js';
export {
  outputReferenceSchema,
  runIdSchema,
  seedSchema,
  slugSchema,
  stageNameSchema,
  stagePathSchema,
} from './ids.js';
export { denoiserSpecSchema, diffusionSpecSchema, type DenoiserSpec } from './denoiser-spec.js';
export {
  modelFactsSchema,
  packagedArchitectureSchema,
  vitSpecSchema,
  type ModelFacts,
  type PackagedArchitecture,
  type VitSpec,
} from './model-spec.js';
export {
  builtInDatasetSchema,
  datasetNameSchema,
  generatedDatasetSchema,
  shiftedDatasetSchema,
  testDataSchema,
  trainDataSchema,
  type BuiltInDataset,
  type DatasetName,
} from './dataset-spec.js';
export { checkpointPolicySchema, optimizerSchema } from './optim-spec.js';
export { historyRowSchema, provenanceSchema, type HistoryRow, type Provenance } from './history-row.js';
export {
  numericsChoiceSchema,
  numericsProfileSchema,
  type NumericsChoice,
  type NumericsProfile,
} from './numerics-profile.js';
export {
  numericsAnswerSchema,
  numericsQuestionSchema,
  numericsReportSchema,
  type NumericsAnswer,
  type NumericsQuestion,
  type NumericsReport,
} from './numerics-report.js';
export {
  pipelineSpecSchema,
  resourcesSchema,
  retryPolicySchema,
  stageSpecSchemaByKind,
  stageSpecUnion,
  timeoutsSchema,
  type PipelineSpec,
  type RetryPolicy,
  type StageResources,
  type StageSpec,
  type StageSpecInputs,
  type StageTimeouts,
} from './pipeline-spec.js';
export { refuseBadGraph } from './pipeline-graph.js';
export { referenceParts, stageReferences, type StageReference } from './stage-references.js';
export { fieldPath, formatIssues } from './format-issues.js';
export { parsePipelineSpec } from './parse-pipeline.js';
export {
  cacheAnswerSchema,
  stageJobSchema,
  stageResultSchema,
  type CacheActivities,
  type CacheAnswer,
  type ComputedStage,
  type KeptAnswer,
  type ControlActivities,
  type StageActivities,
  type StageJob,
  type StageResult,
} from './activities.js';
export {
  runRecordSchema,
  runRequestSchema,
  runStatusSchema,
  sealedRunSchema,
  type RunRecord,
  type RunRequest,
  type RunStatus,
  type SealedRun,
} from './run-record.js';
export {
  decisionSchema,
  progressSchema,
  runViewSchema,
  stageStateSchema,
  stagesByNameSchema,
  stageStatusSchema,
  type Decision,
  type Progress,
  type RunView,
  type StageState,
  type StageStatus,
} from './run-view.js';
export {
  logLevelSchema,
  runEventSchema,
  storedEventSchema,
  type LogLevel,
  type RunEvent,
  type StoredEvent,
} from './run-event.js';
export {
  cacheEntrySchema,
  cacheOutcomeSchema,
  cachePartsSchema,
  cacheUseSchema,
  stageOriginSchema,
  type CacheEntry,
  type CacheOutcome,
  type CacheParts,
  type CacheUse,
  type StageOrigin,
} from './stage-cache.js';
export {
  cacheExplanationSchema,
  keyDifferenceSchema,
  type CacheExplanation,
  type KeyDifference,
} from './cache-explanation.js';
export { lineageSchema, lineageStepSchema, type Lineage, type LineageStep } from './lineage.js';
export {
  forecastSchema,
  intervalSchema,
  plannedLookSchema,
  plannedPoolSchema,
  plannedStageSchema,
  runPlanSchema,
  type Forecast,
  type Interval,
  type PlannedLook,
  type PlannedPool,
  type PlannedStage,
  type RunPlanView,
} from './run-plan.js';
export { requirementSchema, type Requirement } from './requirement.js';
export {
  ablationOfSchema,
  rerunOfSchema,
  runOptionsSchema,
  scheduledBySchema,
  type AblationOf,
  type RerunOf,
  type RunOptions,
  type ScheduledBy,
} from './run-options.js';
export { checkpointPointerSchema, type CheckpointPointer } from './checkpoint-pointer.js';
export {
  ablateRequestSchema,
  acceptedEventsSchema,
  artifactEntrySchema,
  artifactListSchema,
  eventBatchSchema,
  healthSchema,
  logLineSchema,
  logPageSchema,
  logQuerySchema,
  loginLinkSchema,
  partHealthSchema,
  problemSchema,
  readinessSchema,
  rerunRequestSchema,
  runListQuerySchema,
  aboutSchema,
  runListSchema,
  runSummarySchema,
  submitQuerySchema,
  submitRunResponseSchema,
  type AblateRequest,
  type ArtifactEntry,
  type ArtifactList,
  type EventBatch,
  type LogLine,
  type LogPage,
  type PartHealth,
  type Problem,
  type Readiness,
  type RerunRequest,
  type RunList,
  type About,
  type RunSummary,
  type SubmitRunResponse,
} from './api.js';
export {
  type DecideStage,
  type FlightOver,
  type FlightRequest,
  type FlightWorkflow,
  type JoinFlight,
  type PlanWorkflow,
  type PipelineWorkflow,
  type RunEnd,
  type RunOutcome,
  type StageCounts,
  type RunPage,
  type RunToSeal,
  type StageRequest,
  type StageWorkflow,
} from './workflows.js';
export { METRICS, type MetricName } from './metric-catalog.js';
export {
  METRIC_LABELS,
  type MetricDefinition,
  type MetricLabel,
  type MetricUnit,
} from './metric-definition.js';
export {
  defineStage,
  type InputPort,
  type InputPorts,
  type OutputPort,
  type OutputPorts,
  type StageDefinition,
} from './stages/define.js';
export {
  commandSourceSchema,
  commandStage,
  secretRefSchema,
  type CommandSource,
  type SecretRef,
} from './stages/command.js';
export {
  hostMessageSchema,
  programJobSchema,
  programMessageSchema,
  PROTOCOL_PREFIX,
  PROTOCOL_VERSION,
  type HostMessage,
  type ProgramJob,
  type ProgramMessage,
} from './command-protocol.js';
export { packagePortsSchema } from './stages/package.js';
export { fillPlaceholders } from './stages/command-placeholders.js';
export {
  DEFAULT_FAILURE_RULES,
  failureClassSchema,
  failureRules,
  failureRuleSchema,
  failureRulesSchema,
  type FailureClass,
  type FailureRule,
} from './failure-rules.js';
export {
  STAGES,
  STAGE_KINDS,
  stageDefinition,
  stagePorts,
  type StageInputs,
  type StageKind,
  type StageOutputs,
  type StagePorts,
  type StageParams,
  type StageSummary,
} from './stages/index.js';
export { trainStage, trainingSummarySchema } from './stages/train.js';
export { trainDenoiserStage } from './stages/train-denoiser.js';
export { importCertificatesStage } from './stages/import-certificates.js';
export {
  faithfulnessFiguresSchema,
  faithfulnessSchema,
  judgeAttentionStage,
  judgedImageSchema,
} from './stages/judge-attention.js';
export { importDenoiserStage } from './stages/import-denoiser.js';
export {
  certificationSchema,
  certifiedAccuracySchema,
  certifiedExampleSchema,
  certifyStage,
} from './stages/certify.js';
export {
  attentionClaimProblem,
  fewestDraws,
  largestSigma,
  sigmaProblem,
  topKProblem,
} from './smoothing-limits.js';
export {
  pictureAnswerSchema,
  pictureJobSchema,
  pictureMessageSchema,
  type PictureAnswer,
  type PictureJob,
  type PictureMessage,
} from './picture-job.js';
export { failureMessageSchema, progressMessageSchema, type AnswerMessage } from './answer-message.js';
export {
  figureDifferenceSchema,
  verificationJobSchema,
  verificationMessageSchema,
  verificationSchema,
  type FigureDifference,
  type Verification,
  type VerificationJob,
  type VerificationMessage,
} from './verification.js';
export {
  curveAreasSchema,
  explainStage,
  explanationAgreementSchema,
  explanationMethodSchema,
  explanationScoresSchema,
  regionScoresSchema,
} from './stages/explain.js';
export { gateSettingsSchema, maskScoresSchema, trainDiffmaskStage } from './stages/train-diffmask.js';
export {
  augmentationParts,
  augmentationSchema,
  type AugmentationParts,
  type AugmentationSpec,
} from './augmentation-spec.js';
export { objectiveSchema, trainableSchema } from './objective-spec.js';
export {
  encoderNoiseFactsSchema,
  noiseInfluenceSchema,
  noiseSynthesisSchema,
  nullspaceNoiseStage,
  patchNullSpaceSchema,
  noiseAsPixelsSchema,
  pixelNoiseFactsSchema,
} from './stages/nullspace-noise.js';
export {
  influenceSchema,
  NOISE_TREATMENTS,
  noiseInfluenceStage,
  studiedNoiseSchema,
} from './stages/noise-influence.js';
export {
  conditionResultSchema,
  conditionSchema,
  conditionsOf,
  corruptionSummarySchema,
  requestedConditionSchema,
  type Condition,
  evaluateStage,
  evaluationSchema,
  maskingCheckSchema,
} from './stages/evaluate.js';
export { errorViewSchema } from './error-view.js';
export {
  chunkPlanSchema,
  elementsViewSchema,
  listSchema,
  partSchema,
  type Chunk,
  type ChunkPlan,
  type ElementList,
  type ElementsView,
  type Part,
  type PlannedElement,
} from './elements.js';
export {
  fanOutSummarySchema,
  forEachSchema,
  MOST_ELEMENTS,
  MOST_ITEM_BYTES,
  type ForEach,
} from './for-each.js';
export { isSharded, SHARD_SIZE } from './sharding.js';
export { listedInputs } from './listed-inputs.js';
export {
  elementEntrySchema,
  endedElementSchema,
  type CollectedElements,
  type FlightToWatch,
  type StagesAhead,
  type StagesFound,
  type WatchActivities,
  type ElementEntry,
  type ElementPlan,
  type ElementsToCollect,
  type ElementsToPlan,
  type ElementSource,
  type EndedElement,
} from './activities.js';
export {
  type ElementsEnd,
  type ElementsPlace,
  type ElementsRequest,
  type ElementsSoFar,
  type ElementsWorkflow,
} from './workflows.js';
export { CHUNK_OUTPUT, ELEMENTS_PAGE } from './elements-limits.js';
export { NO_PROFILE } from './no-profile.js';
export { sharesProblem } from './step-memory.js';
export {
  constraintSchema,
  dimensionSchema,
  pointSchema,
  spaceSchema,
  type Constraint,
  type Dimension,
  type Point,
  type Space,
  type SweepValue,
} from './sweep-space.js';
export { parseSweepSpec } from './parse-sweep.js';
export {
  sweepBudgetSchema,
  sweepSpecSchema,
  type SamplerSpec,
  type SchedulerSpec,
  type SweepBudget,
  type SweepResource,
  type SweepSpec,
} from './sweep-spec.js';
export {
  sweepReplayRequestSchema,
  sweepReplaySchema,
  type SweepReplay,
  type SweepReplayRequest,
} from './sweep-replay.js';
export {
  segmentSchema,
  sweepEventSchema,
  sweepPageSchema,
  trialNewsSchema,
  type Segment,
  type SweepEvent,
  type SweepPage,
  type TrialNews,
} from './sweep-log.js';
export {
  sealedSweepSchema,
  submitSweepResponseSchema,
  sweepEditSchema,
  sweepListSchema,
  sweepRequestSchema,
  sweepStatusSchema,
  sweepTallySchema,
  sweepViewSchema,
  trialListSchema,
  trialViewSchema,
  type SealedSweep,
  type SubmitSweepResponse,
  type SweepEdit,
  type SweepList,
  type SweepRequest,
  type SweepStatus,
  type SweepTally,
  type SweepView,
  type TrialList,
  type TrialState,
  type TrialView,
} from './sweep-view.js';
export {
  openLegSchema,
  sweepOpenSchema,
  trialLegSchema,
  type OpenLeg,
  type SteerAnswer,
  type SteerRequest,
  type SweepActivities,
  type SweepCommand,
  type SweepInput,
  type SweepOpen,
  type SweepSoFar,
  type SweepWorkflow,
  type TrialLeg,
} from './sweep-workflow.js';
export { poolPolicySchema, projectShareSchema, type PoolPolicy, type ProjectShare } from './pool-policy.js';
export {
  poolViewSchema,
  waitingStageSchema,
  waitReasonSchema,
  workerDrainSchema,
  listedPoolSchema,
  poolListSchema,
  type ListedPool,
  type PoolView,
  type PoolList,
  type WorkerDrain,
  type WaitingForPool,
  type WaitReason,
} from './pool-view.js';
export type {
  LeaseGranted,
  PoolAsk,
  PoolLease,
  PoolRequest,
  PoolState,
  PoolWorker,
  PoolWorkflow,
  ProjectUse,
  SentAsk,
  WorkerReport,
} from './pool-workflow.js';
export {
  newDataSchema,
  overlapSchema,
  scheduleSpecSchema,
  scheduleStartSchema,
  scheduleTimesSchema,
  type NewData,
  type Overlap,
  type PromotionRule,
  type RetrainStart,
  type ScheduleSpec,
  type ScheduleStart,
  type ScheduleTimes,
} from './schedule-spec.js';
export { parseScheduleSpec } from './parse-schedule.js';
export { CHAMPION_JUDGE, CHAMPION_STAGE } from './champion-stages.js';
export {
  backfillRequestSchema,
  backfillSchema,
  retrainDecisionSchema,
  scheduleEntrySchema,
  scheduleHistorySchema,
  scheduleListSchema,
  scheduleNoteSchema,
  scheduleViewSchema,
  type Backfill,
  type BackfillRequest,
  type RetrainDecision,
  type ScheduleEntry,
  type ScheduleHistory,
  type ScheduleList,
  type ScheduleNote,
  type ScheduleView,
} from './schedule-view.js';
export {
  type EndedStart,
  type PreparedStart,
  type ScheduleActivities,
  type ScheduledInput,
  type ScheduledStart,
  type ScheduledWorkflow,
} from './schedule-workflow.js';
export {
  modelChangeSchema,
  modelListSchema,
  modelVersionSchema,
  promoteModelSchema,
  registeredModelSchema,
  rollBackModelSchema,
  type ModelChange,
  type ModelComparison,
  type ModelList,
  type ModelOrigin,
  type ModelScore,
  type ModelVersion,
  type PromoteModel,
  type RegisteredModel,
  type RollBackModel,
} from './model-registry.js';
