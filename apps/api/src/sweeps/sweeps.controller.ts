import { Body, Controller, Headers, Inject, Param, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import {
  submitSweepResponseSchema,
  sweepEditSchema,
  sweepListSchema,
  sweepReplayRequestSchema,
  sweepReplaySchema,
  sweepSpecSchema,
  sweepViewSchema,
  trialListSchema,
  type SubmitSweepResponse,
  type SweepEdit,
  type SweepList,
  type SweepReplay,
  type SweepReplayRequest,
  type SweepSpec,
  type SweepView,
  type TrialList,
} from '@vitrine/contracts';
import { IdempotencyKeyHeader, idempotencyKeyOf, SUBMISSION_ERRORS } from '../common/idempotency-key.js';
import { Route } from '../common/route.js';
import {
  sweepListQuerySchema,
  sweepParamsSchema,
  type SweepListQuery,
  type SweepParams,
} from './sweep.params.js';
import { SweepsService } from './sweeps.service.js';

const SWEEP = { $ref: '#/components/schemas/SweepSpec' };

@ApiTags('sweeps')
@Controller('api/v1/sweeps')
export class SweepsController {
  constructor(@Inject(SweepsService) private readonly sweeps: SweepsService) {}

  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody({ schema: SWEEP, required: true })
  @IdempotencyKeyHeader('sweep', 'sweep')
  @Route('POST', '', {
    summary: 'Start a sweep: a pipeline run again and again with values of a space',
    description: 'Points of the space are tried on the pipeline first; a space without points is refused.',
    status: 201,
    response: submitSweepResponseSchema,
    errors: SUBMISSION_ERRORS,
  })
  submit(
    @Body({ schema: sweepSpecSchema }) spec: SweepSpec,
    @Headers('idempotency-key') key?: string,
  ): Promise<SubmitSweepResponse> {
    return this.sweeps.submit(spec, idempotencyKeyOf(key));
  }

  @Route('GET', '', {
    summary: 'List the sweeps of a project, newest first',
    response: sweepListSchema,
    errors: ['InvalidRequest', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  list(@Query({ schema: sweepListQuerySchema }) { project }: SweepListQuery): Promise<SweepList> {
    return this.sweeps.list(project);
  }

  @Route('GET', ':project/:sweepId', {
    summary: 'Show a sweep: counts, the best trial, what runs, what is left of its budget',
    response: sweepViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  view(@Param({ schema: sweepParamsSchema }) sweep: SweepParams): Promise<SweepView> {
    return this.sweeps.view(sweep);
  }

  @Route('GET', ':project/:sweepId/trials', {
    summary: 'List the trials of a sweep with their values and reports',
    response: trialListSchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  trials(@Param({ schema: sweepParamsSchema }) sweep: SweepParams): Promise<TrialList> {
    return this.sweeps.trials(sweep);
  }

  @Route('POST', ':project/:sweepId/pause', {
    summary: 'Pause a sweep at once: trials under way store a checkpoint and give their devices back',
    status: 202,
    response: sweepViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'Conflict', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  pause(@Param({ schema: sweepParamsSchema }) sweep: SweepParams): Promise<SweepView> {
    return this.sweeps.command(sweep, 'pause');
  }

  @Route('POST', ':project/:sweepId/resume', {
    summary: 'Let a paused sweep go on: its trials from their checkpoints',
    status: 202,
    response: sweepViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'Conflict', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  resume(@Param({ schema: sweepParamsSchema }) sweep: SweepParams): Promise<SweepView> {
    return this.sweeps.command(sweep, 'resume');
  }

  @Route('POST', ':project/:sweepId/stop', {
    summary: 'Stop a sweep as a whole, at once and for good',
    status: 202,
    response: sweepViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'Conflict', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  stop(@Param({ schema: sweepParamsSchema }) sweep: SweepParams): Promise<SweepView> {
    return this.sweeps.command(sweep, 'stop');
  }

  @Route('POST', ':project/:sweepId/edit', {
    summary: 'Change parallelism and budget of a sweep that runs',
    status: 202,
    response: sweepViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'Conflict', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  edit(
    @Param({ schema: sweepParamsSchema }) sweep: SweepParams,
    @Body({ schema: sweepEditSchema }) edit: SweepEdit,
  ): Promise<SweepView> {
    return this.sweeps.edit(sweep, edit);
  }

  @Route('POST', ':project/:sweepId/replay', {
    summary:
      'Say what another scheduler would have saved and lost, from the recorded curves; no device is used',
    response: sweepReplaySchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  replay(
    @Param({ schema: sweepParamsSchema }) sweep: SweepParams,
    @Body({ schema: sweepReplayRequestSchema }) request: SweepReplayRequest,
  ): Promise<SweepReplay> {
    return this.sweeps.replay(sweep, request);
  }
}
