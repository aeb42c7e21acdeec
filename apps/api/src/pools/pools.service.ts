import { Inject, Injectable } from '@nestjs/common';
import {
  VitrineError,
  type ListedPool,
  type PoolList,
  type PoolPolicy,
  type PoolView,
  type WorkerDrain,
} from '@vitrine/contracts';
import { PARTS, type ApiParts } from '../parts.js';

@Injectable()
export class PoolsService {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  /** Those of the configuration of this machine. @throws VitrineError TemporalUnavailable */
  async list(): Promise<PoolList> {
    const { temporal } = this.parts;
    const names = Object.keys(this.parts.pools()).sort();
    const listed = async (name: string): Promise<ListedPool> => {
      const [pool, policy] = await Promise.all([temporal.pool(name), temporal.policies.policy(name)]);
      return { ...pool, hasPolicy: policy !== undefined };
    };
    return { pools: await Promise.all(names.map(listed)) };
  }

  /** @throws VitrineError NotFound when it has no policy, TemporalUnavailable */
  async view(pool: string): Promise<PoolView> {
    const view = await this.parts.temporal.policies.view(pool);
    if (view) return view;
    throw noPolicy(pool);
  }

  /** @throws VitrineError TemporalUnavailable */
  async set(pool: string, policy: PoolPolicy): Promise<PoolView> {
    await this.parts.temporal.policies.set(pool, policy);
    return this.view(pool);
  }

  /** What waits goes where who comes first is served; what runs goes on. @throws VitrineError NotFound, TemporalUnavailable */
  async unset(pool: string): Promise<ListedPool> {
    const { temporal } = this.parts;
    if (!(await temporal.policies.unset(pool))) throw noPolicy(pool);
    return { ...(await temporal.pool(pool)), hasPolicy: false };
  }

  /** @throws VitrineError NotFound for an unknown pool or worker, TemporalUnavailable */
  async drain(pool: string, drain: WorkerDrain): Promise<PoolView> {
    const { workers } = await this.view(pool);
    if (!workers.some(({ worker }) => worker === drain.worker))
      throw new VitrineError('NotFound', 'The pool has no such worker.', {
        where: `pool ${pool}`,
        expected: workers.map(({ worker }) => worker).join(', ') || 'a worker, of which it has none',
        actual: drain.worker,
        hint: `\`vitrine pools show ${pool}\` lists them.`,
      });
    if (!(await this.parts.temporal.policies.drain(pool, drain))) throw noPolicy(pool);
    return this.view(pool);
  }
}

function noPolicy(pool: string): VitrineError {
  return new VitrineError('NotFound', 'The pool has no policy: it serves who comes first.', {
    where: `pool ${pool}`,
    hint: `Give it one with \`vitrine pools set ${pool} FILE\`; \`vitrine pools\` lists the pools.`,
  });
}
