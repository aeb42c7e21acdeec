import type { RunStore } from '@vitrine/artifact-store';
import {
  isSharded,
  VitrineError,
  type ElementsView,
  type RunRequest,
  type RunStatus,
  type RunView,
  type StageState,
} from '@vitrine/contracts';
import { LruMap } from '../common/lru-map.js';
import type { EventStore, RunKey } from '../events/event-store.js';
import type { TemporalGateway } from '../temporal/temporal.gateway.js';
import { unknownRun, viewOfSealed, viewOfTrace, withElements, withProgress } from './run-views.js';

/** Closed runs never change, so their views are kept. */
const KEPT = 500;

interface Sources {
  readonly runs: RunStore;
  readonly temporal: Pick<TemporalGateway, 'view' | 'status' | 'result' | 'elements'>;
  readonly events: EventStore;
}

/**
 * What is known of a run. The workflow is asked first, because it alone knows an open run; a closed one is read from its
 * sealed record; and while no worker answers, request and events tell what they can.
 */
export class RunReader {
  private readonly closed = new LruMap<string, RunView>(KEPT);
  private readonly requests = new LruMap<string, RunRequest>(KEPT);

  constructor(private readonly sources: Sources) {}

  /** @throws VitrineError NotFound, TemporalUnavailable, StorageUnavailable */
  async view(run: RunKey): Promise<RunView> {
    const kept = this.closed.get(keyOf(run));
    if (kept) return kept;
    const asked = await this.askWorkflow(run);
    if (asked instanceof VitrineError || asked === undefined) return this.viewWithoutWorkflow(run, asked);
    // A run is sealed before it ends; from then on the record answers, and no history is replayed for it.
    if (asked.status !== 'running') return (await this.sealed(run)) ?? asked;
    const view = withProgress(asked, (await this.sources.events.log(run)).trace);
    return withElements(view, await this.elements(run, view));
  }

  /** Whether the run has ended, as far as its workflow is concerned; needs no worker. */
  async isClosed(run: RunKey): Promise<boolean> {
    if (this.closed.get(keyOf(run))) return true;
    const status = await this.sources.temporal.status(run);
    return status !== 'RUNNING';
  }

  /** The run as it was submitted. Cached: it never changes. */
  async request(run: RunKey): Promise<RunRequest | undefined> {
    const kept = this.requests.get(keyOf(run));
    if (kept) return kept;
    const request = await this.sources.runs.getRequest(run.project, run.runId);
    if (request) this.requests.set(keyOf(run), request);
    return request;
  }

  /** The view of a sealed run; undefined while it is open or when it was never sealed. */
  async sealed(run: RunKey): Promise<RunView | undefined> {
    const kept = this.closed.get(keyOf(run));
    if (kept) return kept;
    const sealed = await this.sources.runs.getSealed(run.project, run.runId);
    return sealed && this.keep(viewOfSealed(sealed));
  }

  /** Of stages that are many, or cut into chunks, and under way. */
  private async elements(run: RunKey, view: RunView): Promise<ReadonlyMap<string, ElementsView>> {
    const spec = (await this.request(run))?.spec;
    const open = Object.entries(spec?.stages ?? {}).filter(
      ([name, stage]) => (stage.forEach ?? isSharded(stage)) && isOpen(view.stages[name]?.state),
    );
    const found = await Promise.all(
      open.map(async ([name]) => [name, await this.sources.temporal.elements(run, name)] as const),
    );
    return new Map(found.flatMap(([name, elements]) => (elements ? [[name, elements] as const] : [])));
  }

  private async askWorkflow(run: RunKey): Promise<RunView | VitrineError | undefined> {
    try {
      return await this.sources.temporal.view(run);
    } catch (error) {
      if (error instanceof VitrineError) return error;
      throw error;
    }
  }

  private async viewWithoutWorkflow(run: RunKey, failure: VitrineError | undefined): Promise<RunView> {
    const sealed = await this.sealed(run);
    if (sealed) return sealed;
    if (failure) throw failure;
    const status = await this.sources.temporal.status(run);
    const request = await this.request(run);
    if (!request) throw unknownRun(run);
    // It was sealed before it completed; so its record has been lost since.
    const end = status === 'COMPLETED' ? await this.sources.temporal.result(run) : undefined;
    const { trace } = await this.sources.events.log(run);
    return viewOfTrace(request, end?.status ?? runStatus(status), trace);
  }

  private keep(view: RunView): RunView {
    this.closed.set(keyOf(view), view);
    return view;
  }
}

function isOpen(state: StageState | undefined): boolean {
  return state === 'queued' || state === 'running';
}

function keyOf({ project, runId }: RunKey): string {
  return `${project}/${runId}`;
}

/** A run that Temporal has lost, terminated or never got did not succeed. */
function runStatus(status: string | undefined): RunStatus {
  if (status === 'RUNNING') return 'running';
  return status === 'CANCELLED' ? 'cancelled' : 'failed';
}
