import { Body, Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  decisionSchema,
  runViewSchema,
  stageNameSchema,
  VitrineError,
  type Decision,
  type RunView,
} from '@vitrine/contracts';
import type { z } from 'zod';
import { noSuchStage } from '../cache/explain.js';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts } from '../parts.js';
import { unknownRun } from './run-views.js';
import { runParamsSchema } from './run.params.js';

const stageParamsSchema = runParamsSchema.extend({ stage: stageNameSchema });
type StageParams = z.infer<typeof stageParamsSchema>;

@ApiTags('runs')
@Controller('api/v1/runs/:project/:runId/stages/:stage/approval')
export class ApprovalController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @Route('POST', '', {
    summary: 'Approve or reject a stage that is held',
    description:
      'The first decision counts. It may come before the stage is held. Answers with the run as it stood.',
    status: 202,
    response: runViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'Conflict', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  async decide(
    @Param({ schema: stageParamsSchema }) { stage, ...run }: StageParams,
    @Body({ schema: decisionSchema }) decision: Decision,
  ): Promise<RunView> {
    const view = await this.parts.reader.view(run);
    const status = view.stages[stage];
    if (!status) throw noSuchStage(view, stage);
    const gated = (await this.parts.reader.request(run))?.spec.stages[stage]?.approval !== undefined;
    const open = status.state === 'waiting' || status.state === 'held';
    if (!gated || !open || status.decision)
      throw new VitrineError('Conflict', 'There is nothing to decide about the stage.', {
        where: `${run.project}/${run.runId}, stage ${stage}`,
        expected: 'a stage with `approval` that has not begun and about which nobody has decided',
        actual: !gated
          ? 'a stage without it'
          : status.decision
            ? `decided by ${status.decision.by}`
            : `a stage that is ${status.state}`,
        hint: 'See the stages of the run with `npx vitrine show`.',
      });
    if (!(await this.parts.temporal.decide(run, { stage, decision }))) throw unknownRun(run);
    return view;
  }
}
