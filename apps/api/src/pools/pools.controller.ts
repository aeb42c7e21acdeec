import { Body, Controller, Inject, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  listedPoolSchema,
  poolListSchema,
  poolPolicySchema,
  poolViewSchema,
  slugSchema,
  workerDrainSchema,
  type ListedPool,
  type PoolList,
  type PoolPolicy,
  type PoolView,
  type WorkerDrain,
} from '@vitrine/contracts';
import { z } from 'zod';
import { Route } from '../common/route.js';
import { PoolsService } from './pools.service.js';

const poolParamsSchema = z.strictObject({ pool: slugSchema });
type PoolParams = z.infer<typeof poolParamsSchema>;

@ApiTags('pools')
@Controller('api/v1/pools')
export class PoolsController {
  constructor(@Inject(PoolsService) private readonly pools: PoolsService) {}

  @Route('GET', '', {
    summary: 'List the pools: who works for them, what waits, whether a policy gives their devices out',
    response: poolListSchema,
    errors: ['TemporalUnavailable'],
  })
  list(): Promise<PoolList> {
    return this.pools.list();
  }

  @Route('GET', ':pool', {
    summary: 'Show a pool with a policy: who holds what, and why each stage that waits does',
    response: poolViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable'],
  })
  view(@Param({ schema: poolParamsSchema }) { pool }: PoolParams): Promise<PoolView> {
    return this.pools.view(pool);
  }

  @Route('PUT', ':pool/policy', {
    summary: 'Give the devices of a pool out by a policy from now on, or change it',
    response: poolViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable'],
  })
  set(
    @Param({ schema: poolParamsSchema }) { pool }: PoolParams,
    @Body({ schema: poolPolicySchema }) policy: PoolPolicy,
  ): Promise<PoolView> {
    return this.pools.set(pool, policy);
  }

  @Route('DELETE', ':pool/policy', {
    summary: 'Serve who comes first again; what waits goes on waiting there',
    response: listedPoolSchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable'],
  })
  unset(@Param({ schema: poolParamsSchema }) { pool }: PoolParams): Promise<ListedPool> {
    return this.pools.unset(pool);
  }

  @Route('POST', ':pool/drain', {
    summary: 'Let a worker of a pool take no more stages, or take them again; what it runs goes on',
    response: poolViewSchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable'],
  })
  drain(
    @Param({ schema: poolParamsSchema }) { pool }: PoolParams,
    @Body({ schema: workerDrainSchema }) drain: WorkerDrain,
  ): Promise<PoolView> {
    return this.pools.drain(pool, drain);
  }
}
