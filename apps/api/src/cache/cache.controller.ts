import { Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { cacheExplanationSchema, stageNameSchema, type CacheExplanation } from '@vitrine/contracts';
import type { z } from 'zod';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts } from '../parts.js';
import { unknownRun } from '../runs/run-views.js';
import { runParamsSchema } from '../runs/run.params.js';
import { explainCache } from './explain.js';

const stageParamsSchema = runParamsSchema.extend({ stage: stageNameSchema });
type StageParams = z.infer<typeof stageParamsSchema>;

@ApiTags('runs')
@Controller('api/v1/runs/:project/:runId/stages/:stage/cache')
export class CacheController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @Route('GET', '', {
    summary: 'Say why a stage was computed, or whose result was found',
    description:
      'Compares what the result depends on with the earlier result that differs least, field by field.',
    response: cacheExplanationSchema,
    errors: ['InvalidRequest', 'NotFound', 'Conflict', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  async explain(
    @Param({ schema: stageParamsSchema }) { stage, ...run }: StageParams,
  ): Promise<CacheExplanation> {
    const { cache, reader } = this.parts;
    const view = await reader.view(run);
    const request = await reader.request(run);
    if (!request) throw unknownRun(run);
    return explainCache(cache, { request, view, stage });
  }
}
