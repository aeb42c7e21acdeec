import { Body, Controller, Inject, Query } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiTags } from '@nestjs/swagger';
import {
  pipelineSpecSchema,
  runPlanSchema,
  submitQuerySchema,
  type PipelineSpec,
  type RunPlanView,
} from '@vitrine/contracts';
import { planView } from '@vitrine/planning';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts } from '../parts.js';
import { PIPELINE, optionsOf, type SubmitQuery } from '../runs/submit-query.js';
import { RunsService } from '../runs/runs.service.js';

@ApiTags('runs')
@Controller('api/v1/plans')
export class PlansController {
  constructor(
    @Inject(PARTS) private readonly parts: ApiParts,
    @Inject(RunsService) private readonly runs: RunsService,
  ) {}

  @ApiConsumes('application/json', 'application/yaml')
  @ApiBody({ schema: PIPELINE, required: true })
  @Route('POST', '', {
    summary: 'Look ahead at a run: what it would find, compute, take and wait for',
    description:
      'Starts and changes nothing. Takes what `POST /api/v1/runs` takes. Outputs of found results are read, as a run would.',
    response: runPlanSchema,
    errors: ['InvalidSpec', 'InvalidRequest', 'InvalidConfig', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  async plan(
    @Body({ schema: pipelineSpecSchema }) spec: PipelineSpec,
    @Query({ schema: submitQuerySchema }) query: SubmitQuery,
  ): Promise<RunPlanView> {
    const { temporal, history } = this.parts;
    const request = await this.runs.request({ spec, options: optionsOf(query) });
    const names = [...new Set(Object.values(spec.stages).map(({ pool }) => pool))].sort();
    const [looks, samples, pools] = await Promise.all([
      temporal.lookAhead(request),
      history.samples(spec.project),
      Promise.all(names.map((pool) => temporal.pool(pool))),
    ]);
    return { ...planView({ request, looks, history: samples }), pools };
  }
}
