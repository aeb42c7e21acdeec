import { Body, Controller, Headers, Inject, Param, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import {
  backfillRequestSchema,
  backfillSchema,
  scheduleListSchema,
  scheduleNoteSchema,
  scheduleSpecSchema,
  scheduleViewSchema,
  type Backfill,
  type BackfillRequest,
  type ErrorCode,
  type ScheduleList,
  type ScheduleNote,
  type ScheduleSpec,
  type ScheduleView,
} from '@vitrine/contracts';
import { IdempotencyKeyHeader, idempotencyKeyOf, SUBMISSION_ERRORS } from '../common/idempotency-key.js';
import { Route } from '../common/route.js';
import {
  newScheduleQuerySchema,
  scheduleListQuerySchema,
  scheduleParamsSchema,
  type NewScheduleQuery,
  type ScheduleListQuery,
  type ScheduleParams,
} from './schedule.params.js';
import { SchedulesService } from './schedules.service.js';

const SCHEDULE = { $ref: '#/components/schemas/ScheduleSpec' };
const TOLD: readonly ErrorCode[] = [
  'InvalidRequest',
  'NotFound',
  'TemporalUnavailable',
  'StorageUnavailable',
];

@ApiTags('schedules')
@Controller('api/v1/schedules')
export class SchedulesController {
  constructor(@Inject(SchedulesService) private readonly schedules: SchedulesService) {}

  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody({ schema: SCHEDULE, required: true })
  @Route('POST', '', {
    summary: 'Make a schedule that starts a pipeline, or a re-training, at its times',
    description:
      'Made again with the same fields it is the same schedule; `paused` says why it does not start yet.',
    status: 201,
    response: scheduleViewSchema,
    errors: SUBMISSION_ERRORS,
  })
  create(
    @Body({ schema: scheduleSpecSchema }) spec: ScheduleSpec,
    @Query({ schema: newScheduleQuerySchema }) { paused }: NewScheduleQuery,
  ): Promise<ScheduleView> {
    return this.schedules.create(spec, paused);
  }

  @Route('GET', '', {
    summary: 'List the schedules of a project by name',
    description: 'From an index that hears of changes a little later.',
    response: scheduleListSchema,
    errors: ['InvalidRequest', 'TemporalUnavailable'],
  })
  list(@Query({ schema: scheduleListQuerySchema }) { project }: ScheduleListQuery): Promise<ScheduleList> {
    return this.schedules.list(project);
  }

  @Route('GET', ':project/:name', {
    summary: 'Show a schedule: its next times, and what became of the last ones',
    response: scheduleViewSchema,
    errors: TOLD,
  })
  view(@Param({ schema: scheduleParamsSchema }) schedule: ScheduleParams): Promise<ScheduleView> {
    return this.schedules.view(schedule);
  }

  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody({ schema: SCHEDULE, required: true })
  @Route('POST', ':project/:name/edit', {
    summary: 'Replace what a schedule starts and when; pause and note stay',
    response: scheduleViewSchema,
    errors: [...SUBMISSION_ERRORS, 'NotFound'],
  })
  edit(
    @Param({ schema: scheduleParamsSchema }) schedule: ScheduleParams,
    @Body({ schema: scheduleSpecSchema }) spec: ScheduleSpec,
  ): Promise<ScheduleView> {
    return this.schedules.edit(schedule, spec);
  }

  @Route('POST', ':project/:name/pause', {
    summary: 'Pause a schedule, and say why; what it has started goes on',
    response: scheduleViewSchema,
    errors: TOLD,
  })
  pause(
    @Param({ schema: scheduleParamsSchema }) schedule: ScheduleParams,
    @Body({ schema: scheduleNoteSchema }) { note }: ScheduleNote,
  ): Promise<ScheduleView> {
    return this.schedules.pause(schedule, note);
  }

  @Route('POST', ':project/:name/resume', {
    summary: 'Let a paused schedule go on with its next time',
    response: scheduleViewSchema,
    errors: TOLD,
  })
  resume(
    @Param({ schema: scheduleParamsSchema }) schedule: ScheduleParams,
    @Body({ schema: scheduleNoteSchema }) { note }: ScheduleNote,
  ): Promise<ScheduleView> {
    return this.schedules.resume(schedule, note);
  }

  @IdempotencyKeyHeader('schedule', 'start')
  @Route('POST', ':project/:name/trigger', {
    summary: 'Start now what a schedule starts, by its overlap policy',
    status: 202,
    response: scheduleViewSchema,
    errors: TOLD,
  })
  trigger(
    @Param({ schema: scheduleParamsSchema }) schedule: ScheduleParams,
    @Headers('idempotency-key') key?: string,
  ): Promise<ScheduleView> {
    return this.schedules.trigger(schedule, idempotencyKeyOf(key));
  }

  @IdempotencyKeyHeader('range', 'starts')
  @Route('POST', ':project/:name/backfill', {
    summary: 'Start what a schedule would have started between two times, or only list it',
    status: 202,
    response: backfillSchema,
    errors: TOLD,
  })
  backfill(
    @Param({ schema: scheduleParamsSchema }) schedule: ScheduleParams,
    @Body({ schema: backfillRequestSchema }) request: BackfillRequest,
    @Headers('idempotency-key') key?: string,
  ): Promise<Backfill> {
    return this.schedules.backfill(schedule, request, idempotencyKeyOf(key));
  }

  @Route('POST', ':project/:name/delete', {
    summary: 'Delete a schedule; what it has started goes on',
    response: scheduleViewSchema,
    errors: TOLD,
  })
  remove(@Param({ schema: scheduleParamsSchema }) schedule: ScheduleParams): Promise<ScheduleView> {
    return this.schedules.remove(schedule);
  }
}
