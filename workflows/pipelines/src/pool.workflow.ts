import {
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  getExternalWorkflowHandle,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  LeaseGranted,
  PoolAsk,
  PoolPolicy,
  PoolRequest,
  PoolState,
  PoolView,
  PoolWorkflow,
  SentAsk,
  WorkerDrain,
  WorkerReport,
} from '@vitrine/contracts';
import { QUERY, SIGNAL } from '@vitrine/contracts/names';
import { PoolAllocator, poolView } from '@vitrine/planning';
import { POOL_TICK_SECONDS } from './activity-options.js';

/**
 * Gives out the devices of one pool, for as long as the pool has a policy. Stages ask and give back by signals, workers report
 * what they have and hold; who is granted devices is told, and runs on the worker's own queue.
 */
export async function poolWorkflow(request: PoolRequest): Promise<void> {
  const pool = new Pool(request);
  if ((await pool.run()) === 'retired') return;
  return continueAsNew<PoolWorkflow>(pool.next());
}

class Pool {
  private readonly allocator: PoolAllocator;
  private happened = 1;
  /** Grants that are on their way. */
  private telling = 0;
  private retired = false;

  constructor(private readonly request: PoolRequest) {
    this.allocator = new PoolAllocator(request.state ?? emptyPool(request.policy));
    setHandler(defineSignal<[SentAsk]>(SIGNAL.askPool), (ask) => {
      this.allocator.ask({ ...ask, askedAt: Date.now() });
      this.happened += 1;
    });
    setHandler(defineSignal<[string]>(SIGNAL.releaseLease), (id) => this.release(id));
    setHandler(defineSignal<[WorkerReport]>(SIGNAL.reportWorker), (report) => {
      this.allocator.report(report, Date.now());
      this.happened += 1;
    });
    setHandler(defineSignal<[WorkerDrain]>(SIGNAL.drainWorker), ({ worker, draining }) => {
      this.allocator.drain(worker, draining);
      this.happened += 1;
    });
    setHandler(defineSignal<[PoolPolicy]>(SIGNAL.setPoolPolicy), (policy) => {
      this.allocator.setPolicy(policy, Date.now());
      this.happened += 1;
    });
    setHandler(defineSignal(SIGNAL.retirePool), () => {
      this.retired = true;
      this.happened += 1;
    });
    setHandler(defineQuery<PoolView>(QUERY.poolView), () =>
      poolView(this.allocator, { pool: request.pool, now: Date.now() }),
    );
    setHandler(defineQuery<PoolPolicy>(QUERY.poolPolicy), () => this.allocator.policy);
    setHandler(defineQuery<string[], [string]>(QUERY.poolYields), (worker) =>
      this.allocator.yieldsOn(worker).map(({ id }) => id),
    );
  }

  /** Until the history is long, or the pool has lost its policy. */
  async run(): Promise<'long' | 'retired'> {
    this.tick();
    for (let seen = 0; !workflowInfo().continueAsNewSuggested && !this.retired;) {
      await condition(() => this.happened > seen);
      seen = this.happened;
      const now = Date.now();
      this.allocator.expire(now);
      for (const lease of this.allocator.decide(now).granted) this.tell(lease);
    }
    await condition(() => this.telling === 0);
    if (!this.retired) return 'long';
    for (const ask of this.allocator.snapshot().waiting) this.tell(ask);
    await condition(() => this.telling === 0);
    return 'retired';
  }

  next(): PoolRequest {
    const state = this.allocator.snapshot();
    return { ...this.request, policy: state.policy, state };
  }

  private release(id: string): void {
    this.allocator.release(id, Date.now());
    this.happened += 1;
  }

  /** Patience, guarantees of run time and silence of workers end without anybody saying so. */
  private tick(): void {
    void sleep(POOL_TICK_SECONDS * 1000).then(() => {
      this.happened += 1;
      this.tick();
    });
  }

  /** Who is no more when it is told does not want its devices. */
  private tell({ id, workflowId, worker }: PoolAsk & { readonly worker?: string }): void {
    const granted: LeaseGranted = { id, ...(worker !== undefined && { worker }) };
    this.telling += 1;
    void getExternalWorkflowHandle(workflowId)
      .signal(defineSignal<[LeaseGranted]>(SIGNAL.leaseGranted), granted)
      .catch(() => this.release(id))
      .finally(() => (this.telling -= 1));
  }
}

function emptyPool(policy: PoolPolicy): PoolState {
  return { policy, workers: [], leases: [], waiting: [], projects: {}, kinds: {} };
}
