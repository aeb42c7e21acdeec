import {
  listedPoolSchema,
  poolListSchema,
  poolViewSchema,
  type ListedPool,
  type PoolList,
  type PoolView,
  type WorkerDrain,
} from '@vitrine/contracts';
import type { ApiClient } from './api-client.js';

const JSON_BODY = { 'content-type': 'application/json' };

/** The part of the HTTP API that is about pools. */
export class PoolClient {
  constructor(private readonly api: Pick<ApiClient, 'json'>) {}

  list(): Promise<PoolList> {
    return this.api.json('/api/v1/pools', poolListSchema);
  }

  view(pool: string): Promise<PoolView> {
    return this.api.json(pathOf(pool), poolViewSchema);
  }

  /** @param policy checked by the API */
  set(pool: string, policy: unknown): Promise<PoolView> {
    return this.api.json(`${pathOf(pool)}/policy`, poolViewSchema, {
      method: 'PUT',
      headers: JSON_BODY,
      body: JSON.stringify(policy),
    });
  }

  unset(pool: string): Promise<ListedPool> {
    return this.api.json(`${pathOf(pool)}/policy`, listedPoolSchema, { method: 'DELETE' });
  }

  drain(pool: string, drain: WorkerDrain): Promise<PoolView> {
    return this.api.json(`${pathOf(pool)}/drain`, poolViewSchema, {
      method: 'POST',
      headers: JSON_BODY,
      body: JSON.stringify(drain),
    });
  }
}

function pathOf(pool: string): string {
  return `/api/v1/pools/${encodeURIComponent(pool)}`;
}
