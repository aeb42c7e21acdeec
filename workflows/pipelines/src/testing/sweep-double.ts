import type {
  SteerAnswer,
  SteerRequest,
  SweepActivities,
  SweepEvent,
  SweepOpen,
  SweepRequest,
  SweepView,
} from '@vitrine/contracts';
import { SearchEngine } from '@vitrine/search';
import { artifact } from './results.js';

/** Real decisions over a log in memory. */
export class SweepDouble {
  readonly requests = new Map<string, SweepRequest>();
  readonly sealed: SweepView[] = [];
  /** What of sweeps was open between two histories. */
  readonly open = new Map<string, SweepOpen>();
  /** Characters of the legs of an answer. */
  room = 400_000;
  private readonly logs = new Map<string, readonly SweepEvent[]>();

  readonly control: SweepActivities = {
    steerSweep: (request) => Promise.resolve(this.steer(request)),
    storeOpen: (_project, open) => {
      const ref = artifact('document', `open-${this.open.size}`);
      this.open.set(ref.uri, open);
      return Promise.resolve(ref);
    },
    recallOpen: (_project, { uri }) => {
      const open = this.open.get(uri);
      return open ? Promise.resolve(open) : Promise.reject(new RangeError(uri));
    },
    sealSweep: (view) => {
      this.sealed.push(view);
      return Promise.resolve(artifact('document', view.sweepId));
    },
  };

  private steer(request: SteerRequest): SteerAnswer {
    const { sweepId, log } = request;
    const spec = this.requests.get(sweepId)?.spec;
    if (!spec) throw new RangeError(sweepId);
    const engine = new SearchEngine(spec);
    const before = (log && this.logs.get(log.uri)) ?? [];
    for (const event of before) engine.apply(event);
    const { events, legs, tally, more, finished } = engine.steer({ ...request, room: this.room });
    const all = [...before, ...events];
    const page = artifact('document', `${sweepId}-${all.length}`);
    this.logs.set(page.uri, all);
    return { log: page, legs, tally, finished, ...(more && { more }) };
  }
}
