import { Body, Controller, Headers, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  modelListSchema,
  promoteModelSchema,
  registeredModelSchema,
  rollBackModelSchema,
  type ModelList,
  type PromoteModel,
  type RegisteredModel,
  type RollBackModel,
} from '@vitrine/contracts';
import { IdempotencyKeyHeader, idempotencyKeyOf } from '../common/idempotency-key.js';
import { Route } from '../common/route.js';
import {
  modelListQuerySchema,
  modelParamsSchema,
  type ModelListQuery,
  type ModelParams,
} from './model.params.js';
import { ModelsService } from './models.service.js';

@ApiTags('models')
@Controller('api/v1/models')
export class ModelsController {
  constructor(@Inject(ModelsService) private readonly models: ModelsService) {}

  @Route('GET', '', {
    summary: 'List the registered models of a project with their champions',
    response: modelListSchema,
    errors: ['InvalidRequest', 'StorageUnavailable'],
  })
  list(@Query({ schema: modelListQuerySchema }) { project }: ModelListQuery): Promise<ModelList> {
    return this.models.list(project);
  }

  @Route('GET', ':project/:model', {
    summary: 'Show a model: its versions, and who made which one champion, when and why',
    response: registeredModelSchema,
    errors: ['InvalidRequest', 'NotFound', 'StorageUnavailable'],
  })
  view(@Param({ schema: modelParamsSchema }) model: ModelParams): Promise<RegisteredModel> {
    return this.models.view(model);
  }

  @IdempotencyKeyHeader('promotion', 'change')
  @Route('POST', ':project/:model/promote', {
    summary: 'Make a version the champion, or the model that a run has made',
    response: registeredModelSchema,
    errors: [
      'InvalidRequest',
      'NotFound',
      'Conflict',
      'TemporalUnavailable',
      'StorageUnavailable',
      'DiskFull',
    ],
  })
  promote(
    @Param({ schema: modelParamsSchema }) model: ModelParams,
    @Body({ schema: promoteModelSchema }) request: PromoteModel,
    @Headers('idempotency-key') key?: string,
  ): Promise<RegisteredModel> {
    return this.models.promote(model, request, idempotencyKeyOf(key));
  }

  @IdempotencyKeyHeader('rollback', 'change')
  @Route('POST', ':project/:model/rollback', {
    summary: 'Go back to the champion before this one, or to a version; the history keeps both',
    response: registeredModelSchema,
    errors: ['InvalidRequest', 'NotFound', 'Conflict', 'StorageUnavailable', 'DiskFull'],
  })
  rollBack(
    @Param({ schema: modelParamsSchema }) model: ModelParams,
    @Body({ schema: rollBackModelSchema }) request: RollBackModel,
    @Headers('idempotency-key') key?: string,
  ): Promise<RegisteredModel> {
    return this.models.rollBack(model, request, idempotencyKeyOf(key));
  }
}
