import { Body, Controller, Headers, Inject, Param, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import {
  pipelineSpecSchema,
  ablateRequestSchema,
  rerunRequestSchema,
  runListQuerySchema,
  runListSchema,
  runRequestSchema,
  runViewSchema,
  submitQuerySchema,
  submitRunResponseSchema,
  type PipelineSpec,
  type AblateRequest,
  type RerunRequest,
  type RunList,
  type RunRequest,
  type RunView,
  type SubmitRunResponse,
  type ErrorCode,
} from '@vitrine/contracts';
import { Route } from '../common/route.js';
import { IdempotencyKeyHeader, idempotencyKeyOf, SUBMISSION_ERRORS } from '../common/idempotency-key.js';
import type { RunQuery } from './run-list.js';
import { runParamsSchema, type RunParams } from './run.params.js';
import { RunsService } from './runs.service.js';
import { PIPELINE, optionsOf, type SubmitQuery } from './submit-query.js';

/** Of routes that start a run from a closed one. */
const REPEATING: readonly ErrorCode[] = [
  'InvalidRequest',
  'InvalidConfig',
  'NotFound',
  'Conflict',
  'TemporalUnavailable',
  'StorageUnavailable',
  'DiskFull',
];

@ApiTags('runs')
@Controller('api/v1/runs')
export class RunsController {
  constructor(@Inject(RunsService) private readonly runs: RunsService) {}

  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody({ schema: PIPELINE, required: true })
  @IdempotencyKeyHeader('pipeline', 'run')
  @Route('POST', '', {
    summary: 'Start a run of a pipeline',
    description: 'The pipeline comes as JSON, or as YAML with the content type `application/yaml`.',
    status: 201,
    response: submitRunResponseSchema,
    errors: SUBMISSION_ERRORS,
  })
  submit(
    @Body({ schema: pipelineSpecSchema }) spec: PipelineSpec,
    @Query({ schema: submitQuerySchema }) query: SubmitQuery,
    @Headers('idempotency-key') key?: string,
  ): Promise<SubmitRunResponse> {
    return this.runs.submit({ spec, options: optionsOf(query) }, idempotencyKeyOf(key));
  }

  @Route('GET', '', {
    summary: 'List the runs of a project, newest first',
    response: runListSchema,
    errors: ['InvalidRequest', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  list(@Query({ schema: runListQuerySchema }) query: RunQuery): Promise<RunList> {
    return this.runs.list(query);
  }

  @Route('GET', ':project/:runId', {
    summary: 'Show a run: its stages, their progress, results and errors',
    response: runViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  view(@Param({ schema: runParamsSchema }) run: RunParams): Promise<RunView> {
    return this.runs.view(run);
  }

  @Route('GET', ':project/:runId/request', {
    summary: 'Show a run as it was submitted: pipeline, seeds, code version, options',
    response: runRequestSchema,
    errors: ['InvalidRequest', 'NotFound', 'StorageUnavailable'],
  })
  request(@Param({ schema: runParamsSchema }) run: RunParams): Promise<RunRequest> {
    return this.runs.submitted(run);
  }

  @Route('POST', ':project/:runId/rerun', {
    summary: 'Start a run that repeats a closed one, taking over what succeeded',
    description:
      'Repeats the stages that did not succeed, or those named and all that comes after them. A changed pipeline may be sent along: what is described as before is taken over, even when the code of the stages is another by now.',
    status: 201,
    response: submitRunResponseSchema,
    errors: REPEATING,
  })
  rerun(
    @Param({ schema: runParamsSchema }) run: RunParams,
    @Body({ schema: rerunRequestSchema }) request: RerunRequest,
  ): Promise<SubmitRunResponse> {
    return this.runs.rerun(run, request);
  }

  @Route('POST', ':project/:runId/ablate', {
    summary: 'Start a run that repeats a closed one with a stage switched to identity',
    description:
      'Where an output of the stage was read, its input of the same type is. What does not come after it is taken over; what does is computed with the same seeds and data. Refused by name when no input fits.',
    status: 201,
    response: submitRunResponseSchema,
    errors: REPEATING,
  })
  ablate(
    @Param({ schema: runParamsSchema }) run: RunParams,
    @Body({ schema: ablateRequestSchema }) { stage }: AblateRequest,
  ): Promise<SubmitRunResponse> {
    return this.runs.ablate(run, stage);
  }

  @Route('POST', ':project/:runId/cancel', {
    summary: 'Ask a run to stop',
    description: 'Answers with the run as it stands; its stages save a checkpoint and end soon after.',
    status: 202,
    response: runViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'Conflict', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  cancel(@Param({ schema: runParamsSchema }) run: RunParams): Promise<RunView> {
    return this.runs.cancel(run);
  }
}
