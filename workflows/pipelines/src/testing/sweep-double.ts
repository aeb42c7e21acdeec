import type {
  SealedSweep,
  SteerAnswer,
  SteerRequest,
  SweepActivities,
  SweepEvent,
  SweepRequest,
} from '@vitrine/contracts';
import { SearchEngine } from '@vitrine/search';
import { artifact } from './results.js';

/** Real decisions over a log in memory. */
export class SweepDouble {
  readonly requests = new Map<string, SweepRequest>();
  readonly sealed: SealedSweep[] = [];
  private readonly logs = new Map<string, readonly SweepEvent[]>();

  readonly control: SweepActivities = {
    steerSweep: (request) => Promise.resolve(this.steer(request)),
    sealSweep: (sweep) => {
      this.sealed.push(sweep);
      return Promise.resolve(artifact('document', sweep.request.sweepId));
    },
  };

  private steer(request: SteerRequest): SteerAnswer {
    const { sweepId, log } = request;
    const spec = this.requests.get(sweepId)?.spec;
    if (!spec) throw new RangeError(sweepId);
    const engine = new SearchEngine(spec);
    const before = (log && this.logs.get(log.uri)) ?? [];
    for (const event of before) engine.apply(event);
    const { events, legs, tally, finished } = engine.steer(request);
    const all = [...before, ...events];
    const page = artifact('document', `${sweepId}-${all.length}`);
    this.logs.set(page.uri, all);
    return { log: page, legs, tally, finished };
  }
}
