import { Body, Controller, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import {
  acceptedEventsSchema,
  eventBatchSchema,
  logPageSchema,
  logQuerySchema,
  type EventBatch,
  type LogPage,
} from '@vitrine/contracts';
import { z } from 'zod';
import { noSuchStage } from '../cache/explain.js';
import type { Response } from '../common/http.js';
import { Route } from '../common/route.js';
import { checkRequest } from '../common/schema.pipe.js';
import { PARTS, type ApiParts } from '../parts.js';
import { runParamsSchema, type RunParams } from '../runs/run.params.js';
import { streamEvents } from './event-stream.js';
import { readLogPage, type LogQuery } from './log-page.js';

const lastEventIdSchema = z.coerce.number('expected the number of an event').int().min(0).default(0);

@ApiTags('events')
@Controller()
export class EventsController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @ApiHeader({
    name: 'last-event-id',
    required: false,
    description: 'Id of the last event the client has; the stream goes on behind it.',
  })
  @Route('GET', 'api/v1/runs/:project/:runId/events', {
    summary: 'Follow a run by server-sent events',
    description:
      'Each event has its sequence number as id and `{ sequence, event }` as data. After the last one of a closed run comes an event named `end`. Comments keep the connection alive.',
    produces: ['text/event-stream'],
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  async follow(
    @Param({ schema: runParamsSchema }) run: RunParams,
    @Headers('last-event-id') lastEventId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const after = checkRequest(lastEventIdSchema, lastEventId, 'header Last-Event-ID');
    const log = await this.knownLog(run);
    await streamEvents(response, { log, after, isClosed: () => this.parts.reader.isClosed(run) });
  }

  @Route('GET', 'api/v1/runs/:project/:runId/logs', {
    summary: 'Read what the stages of a run logged',
    response: logPageSchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  async logs(
    @Param({ schema: runParamsSchema }) run: RunParams,
    @Query({ schema: logQuerySchema }) query: LogQuery,
  ): Promise<LogPage> {
    const page = await readLogPage(await this.knownLog(run), query);
    if (page.lines.length === 0 && query.stage !== undefined) await this.refuseUnknownStage(run, query.stage);
    return page;
  }

  @Route('POST', 'internal/events', {
    summary: 'Take over what stages report; for workers',
    description:
      'All events of one run are stored together or not at all. A batch that is sent twice is stored twice.',
    status: 202,
    response: acceptedEventsSchema,
    errors: ['InvalidRequest', 'DiskFull'],
  })
  async append(@Body({ schema: eventBatchSchema }) { events }: EventBatch): Promise<{ accepted: number }> {
    await this.parts.events.append(events);
    return { accepted: events.length };
  }

  /** A stage that has said nothing is told from one that there is not. */
  private async refuseUnknownStage(run: RunParams, stage: string): Promise<void> {
    const request = await this.parts.reader.request(run);
    if (!request || Object.hasOwn(request.spec.stages, stage)) return;
    throw noSuchStage({ ...run, stages: request.spec.stages }, stage);
  }

  /** The log of a run that exists; one that has reported nothing yet is only found by asking for the run. */
  private async knownLog(run: RunParams) {
    const log = await this.parts.events.log(run);
    if (log.lastSequence === 0) await this.parts.reader.view(run);
    return log;
  }
}
