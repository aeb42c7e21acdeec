import {
  modelListSchema,
  registeredModelSchema,
  type ModelList,
  type PromoteModel,
  type RegisteredModel,
  type RollBackModel,
} from '@vitrine/contracts';
import { sentAgain, type ApiClient } from './api-client.js';
import { sending } from './sending.js';

export interface ModelName {
  readonly project: string;
  readonly model: string;
}

/** The part of the HTTP API that is about the registry of models. */
export class ModelClient {
  constructor(private readonly api: Pick<ApiClient, 'json'>) {}

  list(project: string): Promise<ModelList> {
    const query = new URLSearchParams({ project }).toString();
    return this.api.json(`/api/v1/models?${query}`, modelListSchema);
  }

  view(model: ModelName): Promise<RegisteredModel> {
    return this.api.json(pathOf(model), registeredModelSchema);
  }

  /** The keys make sending again harmless. */
  promote(model: ModelName, request: PromoteModel, idempotencyKey: string): Promise<RegisteredModel> {
    return this.change(`${pathOf(model)}/promote`, request, idempotencyKey);
  }

  rollBack(model: ModelName, request: RollBackModel, idempotencyKey: string): Promise<RegisteredModel> {
    return this.change(`${pathOf(model)}/rollback`, request, idempotencyKey);
  }

  private change(path: string, body: object, idempotencyKey: string): Promise<RegisteredModel> {
    return sentAgain(() => this.api.json(path, registeredModelSchema, sending(body, { idempotencyKey })));
  }
}

function pathOf({ project, model }: ModelName): string {
  return `/api/v1/models/${encodeURIComponent(project)}/${encodeURIComponent(model)}`;
}
