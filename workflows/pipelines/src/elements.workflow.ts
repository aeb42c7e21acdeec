import {
  CancellationScope,
  continueAsNew,
  defineQuery,
  isCancellation,
  proxyActivities,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import type {
  ControlActivities,
  ElementEntry,
  ElementsEnd,
  ElementsPlace,
  ElementsRequest,
  ElementsSoFar,
  ElementsView,
  ElementsWorkflow,
  StageJob,
  StageResult,
} from '@vitrine/contracts';
import { QUERY } from '@vitrine/contracts/names';
import { NO_PROFILE } from '@vitrine/contracts/sandbox';
import { elementJob } from '@vitrine/planning';
import { CONTROL, ELEMENTS_IN_HISTORY } from './activity-options.js';
import { cancelledError, failedError, mixedError } from './elements-errors.js';
import { ElementsLedger } from './elements-ledger.js';
import { readFailure } from './fail.js';
import { FlightNews } from './flight-waiter.js';
import { LeaseDesk } from './lease-desk.js';
import { Outgoing } from './outgoing.js';
import { resultOf, type StageDesks } from './stage.workflow.js';
import { withinTotal } from './within-total.js';

const { planElements, readElements, collectElements } = proxyActivities<ControlActivities>(CONTROL);

/**
 * Sees to the elements of one stage, so many at a time. Each is found, taken over or computed by itself, with retries of its
 * own. It completes normally whatever becomes of them: what succeeded is written down also when others failed, or the
 * run was cancelled.
 */
export async function elementsWorkflow(request: ElementsRequest): Promise<ElementsEnd> {
  const { soFar, job } = request;
  const startedAt = soFar?.startedAt ?? new Date().toISOString();
  const ledger = new ElementsLedger(job.project, soFar);
  setHandler(defineQuery<ElementsView>(QUERY.elements), () => ledger.view());
  let place = soFar?.place;
  let lost = 0;
  try {
    place ??= { plan: await planElements(planOf(request)), taken: 0, page: 0, before: 0 };
    lost = place.plan.lost ?? 0;
    ledger.expect(place.plan.total);
    const leg = new Leg(request, place, ledger);
    await leg.run();
    place = leg.goesOn() ? leg.place() : undefined;
  } catch (thrown) {
    if (!isCancellation(thrown)) return { elements: ledger.view(), error: readFailure(thrown) };
    place = undefined;
  }
  if (place) {
    const pages = await ledger.flush();
    const next: ElementsSoFar = { startedAt, place, view: ledger.view(), pages };
    return continueAsNew<ElementsWorkflow>({ ...request, soFar: next });
  }
  const cancelled = CancellationScope.current().consideredCancelled;
  return CancellationScope.nonCancellable(() => end(request, ledger, { startedAt, cancelled, lost }));
}

function planOf({ job, source, earlier }: ElementsRequest): Parameters<typeof planElements>[0] {
  return { job, source, ...(earlier && { earlier }) };
}

async function end(
  { job, source, minSuccessRatio }: ElementsRequest,
  ledger: ElementsLedger,
  {
    startedAt,
    cancelled,
    lost,
  }: { readonly startedAt: string; readonly cancelled: boolean; readonly lost: number },
): Promise<ElementsEnd> {
  const pages = await ledger.flush();
  const { total, succeeded, failed } = ledger.view();
  const all = total !== undefined && succeeded + failed === total;
  const least = leastSuccesses(minSuccessRatio, (total ?? 0) + lost);
  const well = all && succeeded >= least;
  const { outputs, record, profile } = await collectElements({ job, of: source.type, pages, lists: well });
  const elements = { ...ledger.view(), record };
  if (!well && cancelled) return { elements, error: cancelledError() };
  if (!well) return { elements, error: failedError(elements, { least, lost, stage: job.stage }) };
  if (source.type === 'chunks' && !profile) return { elements, error: mixedError(job.stage) };
  const summary = { elements: total ?? 0, succeeded, failed };
  const attempt = { epoch: 1, resumedFromStep: 0, profile: profile ?? NO_PROFILE };
  const result = { outputs, summary, ...attempt, startedAt, endedAt: new Date().toISOString(), elements };
  return { elements, result };
}

/** How many must succeed; with room for the last digit of the product. */
const leastSuccesses = (ratio: number, total: number): number => Math.ceil(ratio * total - 1e-9);

/** As many elements as one history holds. */
class Leg {
  private entries: ElementEntry[] = [];
  private reading: Promise<void> | undefined;
  private taken: number;
  private page: number;
  /** Elements of the pages before the one in hand. */
  private before: number;
  private readonly desks: StageDesks = { news: new FlightNews(), leases: new LeaseDesk() };
  private readonly outgoing = new Outgoing();

  constructor(
    private readonly request: ElementsRequest,
    private readonly start: ElementsPlace,
    private readonly ledger: ElementsLedger,
  ) {
    ({ taken: this.taken, page: this.page, before: this.before } = start);
  }

  /** Takes up elements until the history is long enough, or nothing is to be taken up any more; and waits for their ends. */
  async run(): Promise<void> {
    const lanes = Math.min(this.request.maxParallel, this.start.plan.total - this.taken);
    await Promise.all(Array.from({ length: Math.max(0, lanes) }, () => this.lane()));
  }

  /** Whether there is more to do, in a new history. */
  goesOn(): boolean {
    return this.taken < this.start.plan.total && !this.isOver();
  }

  /** Where a new history goes on: the page in hand is read once more. */
  place(): ElementsPlace {
    const page = this.entries.length > 0 ? this.page - 1 : this.page;
    return { plan: this.start.plan, taken: this.taken, page, before: this.before };
  }

  private async lane(): Promise<void> {
    for (let entry = await this.next(); entry; entry = await this.next()) await this.see(entry);
  }

  private async next(): Promise<ElementEntry | undefined> {
    while (!this.isOver() && !this.isLong() && this.taken < this.start.plan.total) {
      const entry = this.entries[this.taken - this.before];
      if (entry) {
        this.taken += 1;
        return entry;
      }
      this.reading ??= this.readOn().finally(() => (this.reading = undefined));
      await this.reading;
    }
    return undefined;
  }

  private async readOn(): Promise<void> {
    const page = this.start.plan.pages[this.page];
    if (!page) throw new RangeError('elements: the pages of the plan end before its elements');
    const entries = await readElements(this.request.job.project, page);
    this.page += 1;
    this.before += this.entries.length;
    this.entries = entries;
  }

  private async see(entry: ElementEntry): Promise<void> {
    const { ledger, request } = this;
    if (entry.kept) return ledger.ended(entry, { result: entry.kept });
    ledger.started();
    try {
      const job = elementJob(request.job, request.source, entry);
      await this.outgoing.room(job);
      ledger.ended(entry, { result: await this.resultOf(job) });
    } catch (thrown) {
      const error = readFailure(thrown);
      const cancelled = isCancellation(thrown) || error.code === 'Cancelled';
      ledger.ended(entry, cancelled ? {} : { error });
    }
  }

  private resultOf(job: StageJob): Promise<StageResult> {
    const { retry, cache } = this.request;
    return withinTotal(job.timeouts.totalSeconds, () =>
      resultOf({ job, retry, ...(cache && { cache }) }, this.desks),
    );
  }

  /** No more is taken up once too many have failed; what is under way comes to its end, and need not be done again. */
  private isOver(): boolean {
    const { total, lost = 0 } = this.start.plan;
    const allowed = total - leastSuccesses(this.request.minSuccessRatio, total + lost);
    return CancellationScope.current().consideredCancelled || this.ledger.view().failed > allowed;
  }

  private isLong(): boolean {
    return this.taken - this.start.taken >= ELEMENTS_IN_HISTORY || workflowInfo().continueAsNewSuggested;
  }
}
