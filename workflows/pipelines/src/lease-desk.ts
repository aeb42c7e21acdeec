import {
  CancellationScope,
  condition,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  setHandler,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import type { LeaseGranted, SentAsk, StageJob } from '@vitrine/contracts';
import { poolQueue, poolWorkflowId, SIGNAL, workerQueue } from '@vitrine/contracts/names';
import { toFailure } from './fail.js';

const ASK = defineSignal<[SentAsk]>(SIGNAL.askPool);
const RELEASE = defineSignal<[string]>(SIGNAL.releaseLease);

/** Where a stage is to run, until its devices are given back. */
export interface StageLease {
  readonly id?: string;
  readonly queue: string;
  release(): Promise<void>;
}

/** Where stages ask their pool for devices; one for a workflow, which may ask for several stages. */
export class LeaseDesk {
  private readonly granted = new Map<string, LeaseGranted>();

  constructor() {
    setHandler(defineSignal<[LeaseGranted]>(SIGNAL.leaseGranted), (granted) => {
      this.granted.set(granted.id, granted);
    });
  }

  /**
   * Waits until the pool gives the stage all the devices it wants. Who is cancelled meanwhile no longer waits. A pool without a
   * policy serves who comes first.
   * @throws ApplicationFailure TimedOut when that takes longer than timeouts.queueSeconds
   */
  async acquire(job: StageJob): Promise<StageLease> {
    const common: StageLease = { queue: poolQueue(job.pool), release: () => Promise.resolve() };
    if (job.priority === undefined) return common;
    const id = uuid4();
    const pool = getExternalWorkflowHandle(poolWorkflowId(job.pool));
    const release = (): Promise<void> => {
      this.granted.delete(id);
      return CancellationScope.nonCancellable(() => orGone(pool.signal(RELEASE, id)).then(() => undefined));
    };
    try {
      if (!(await orGone(pool.signal(ASK, askOf(id, job))))) return common;
      await this.wait(id, job);
    } catch (thrown) {
      await release();
      throw thrown;
    }
    const worker = this.granted.get(id)?.worker;
    return worker === undefined ? common : { id, queue: workerQueue(job.pool, worker), release };
  }

  private async wait(id: string, { timeouts: { queueSeconds }, pool }: StageJob): Promise<void> {
    const here = (): boolean => this.granted.has(id);
    if (queueSeconds === undefined) return condition(here);
    if (await condition(here, queueSeconds * 1000)) return;
    throw toFailure({
      code: 'TimedOut',
      message: `Pool ${pool} gave the stage no devices in time.`,
      where: 'timeouts.queueSeconds',
      expected: `within ${queueSeconds} seconds`,
      hint: `\`vitrine pools show ${pool}\` says what stands in the way.`,
    });
  }
}

/** False when the pool has lost its policy: nobody is there to be asked, or to be given anything back. */
async function orGone(signal: Promise<void>): Promise<boolean> {
  try {
    await signal;
    return true;
  } catch (thrown) {
    if (isCancellation(thrown)) throw thrown;
    return false;
  }
}

function askOf(id: string, { project, runId, stage, kind, resources, priority, avoid }: StageJob): SentAsk {
  return {
    id,
    workflowId: workflowInfo().workflowId,
    project,
    runId,
    stage,
    kind,
    devices: resources.devices,
    priority: priority ?? '',
    avoid: avoid ?? [],
  };
}
