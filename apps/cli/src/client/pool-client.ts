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
import { sending } from './sending.js';

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
    return this.api.json(`${pathOf(pool)}/policy`, poolViewSchema, sending(policy, { method: 'PUT' }));
  }

  unset(pool: string): Promise<ListedPool> {
    return this.api.json(`${pathOf(pool)}/policy`, listedPoolSchema, { method: 'DELETE' });
  }

  drain(pool: string, drain: WorkerDrain): Promise<PoolView> {
    return this.api.json(`${pathOf(pool)}/drain`, poolViewSchema, sending(drain));
  }
}

function pathOf(pool: string): string {
  return `/api/v1/pools/${encodeURIComponent(pool)}`;
}
