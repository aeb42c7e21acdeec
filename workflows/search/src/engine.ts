import type {
  SchedulerSpec,
  SweepBudget,
  SweepEvent,
  SweepSpec,
  SweepTally,
  TrialLeg,
  TrialNews,
} from '@vitrine/contracts';
import { axesOf } from './axes.js';
import { Book } from './book.js';
import { gridSampler } from './samplers/grid.js';
import { randomSampler } from './samplers/random.js';
import type { Sampler, SearchSpace } from './samplers/sampler.js';
import { sobolSampler } from './samplers/sobol.js';
import { tpeSampler } from './samplers/tpe.js';
import { Asha } from './schedulers/asha.js';
import { Hyperband } from './schedulers/hyperband.js';
import { noScheduler } from './schedulers/none.js';
import { PopulationBased } from './schedulers/pbt.js';
import type { Scheduler, Step } from './schedulers/scheduler.js';
import { MedianStopping, PatienceStopping } from './schedulers/stopping.js';

/** What of a sweep its decisions follow from. */
export type SearchSpec = Pick<
  SweepSpec,
  'space' | 'constraints' | 'objective' | 'sampler' | 'scheduler' | 'resource' | 'seed'
>;

export interface Steering {
  readonly news: readonly TrialNews[];
  /** Slots that are free. */
  readonly free: number;
  /** The sweep is over: what waits is stopped. */
  readonly close?: boolean | undefined;
  readonly budget: SweepBudget;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Characters of JSON after which no further leg is decided; without end when left out. */
  readonly room?: number;
}

export interface Steered {
  /** What was heard and decided, in order: the log from which everything can be made again. */
  readonly events: readonly SweepEvent[];
  readonly legs: readonly TrialLeg[];
  readonly tally: SweepTally;
  /** Legs were left for the next question, for want of room. */
  readonly more: boolean;
  /** Nothing is left to do once what runs has ended. */
  readonly finished: boolean;
}

/** A sweep without time and devices: hears what became of trials, and says which to run. */
export class SearchEngine {
  readonly book: Book;
  private readonly sampler: Sampler;
  private readonly scheduler: Scheduler;

  /** @param sampler another one than the specification's */
  constructor(
    private readonly spec: SearchSpec,
    sampler?: Sampler,
  ) {
    this.book = new Book(spec.objective.direction);
    this.sampler = sampler ?? samplerOf(spec);
    this.scheduler = schedulerOf(spec, this.book);
  }

  /** Takes an event of the log up, as if it had just happened. */
  apply(event: SweepEvent): void {
    const trial = this.book.apply(event);
    this.scheduler.seen(event, trial);
  }

  steer({ news, free, close = false, budget, at, room = Infinity }: Steering): Steered {
    const events: SweepEvent[] = [];
    const tell = (event: SweepEvent): void => {
      this.apply(event);
      events.push(event);
    };
    for (const heard of news) {
      tell(heard);
      const trial = this.book.trials[heard.trial];
      const verdict = heard.type === 'reported' && trial ? this.scheduler.verdict(trial) : 'waiting';
      if (verdict !== 'waiting') tell({ type: 'ended', trial: heard.trial, reason: verdict, at });
    }
    const spent = close || this.book.deviceSeconds >= (budget.deviceSeconds ?? Infinity);
    const legs: TrialLeg[] = [];
    let [left, more] = [room, false];
    while (!spent && legs.length < free) {
      more = left <= 0;
      if (more) break;
      const begun = this.begin(budget, at);
      if (!begun) break;
      tell(begun);
      const trial = this.book.trials[begun.trial];
      if (!trial) continue;
      const leg = { trial: trial.trial, rung: trial.reports.length, segments: [...trial.segments], at };
      legs.push(leg);
      left -= room === Infinity ? 0 : JSON.stringify(leg).length;
    }
    const finished = close || (this.book.running === 0 && (spent || legs.length < free));
    if (finished)
      for (const { trial, state } of this.book.trials)
        if (state === 'waiting') tell({ type: 'ended', trial, reason: 'stopped', at });
    return { events, legs, tally: this.book.tally(), more, finished };
  }

  private begin(
    budget: SweepBudget,
    at: string,
  ): Extract<SweepEvent, { type: 'started' | 'continued' }> | undefined {
    const { book, spec } = this;
    // A point is only looked for when the scheduler wants one; it is asked again without, when there is none.
    const mayStart = book.trials.length < budget.trials;
    let step = this.scheduler.next(mayStart);
    if (step?.type === 'start') {
      const { direction } = spec.objective;
      const found = this.sampler.suggest(book.nextDraw, { trials: book.trials, direction });
      if (found) {
        const segment = { point: found.point, until: step.until };
        const { bracket } = step;
        return { type: 'started', trial: book.trials.length, draw: found.draw, bracket, segment, at };
      }
      step = this.scheduler.next(false);
    }
    return step?.type === 'continue' ? continued(step, at) : undefined;
  }
}

function continued(
  { trial, from, segment }: Extract<Step, { type: 'continue' }>,
  at: string,
): Extract<SweepEvent, { type: 'continued' }> {
  return { type: 'continued', trial: trial.trial, ...(from && { from: from.trial }), segment, at };
}

export function searchSpaceOf({
  space,
  constraints,
  seed,
}: Pick<SearchSpec, 'space' | 'constraints' | 'seed'>): SearchSpace {
  return { axes: axesOf(space), constraints, seed };
}

export function samplerOf(spec: Pick<SearchSpec, 'space' | 'constraints' | 'seed' | 'sampler'>): Sampler {
  const space = searchSpaceOf(spec);
  switch (spec.sampler.kind) {
    case 'grid':
      return gridSampler(space);
    case 'random':
      return randomSampler(space);
    case 'sobol':
      return sobolSampler(space);
    case 'tpe':
      return tpeSampler(space, spec.sampler);
  }
}

function schedulerOf(spec: SearchSpec, book: Book): Scheduler {
  const scheduler: SchedulerSpec = spec.scheduler;
  const common = { book, direction: spec.objective.direction, max: spec.resource?.max ?? 0 };
  switch (scheduler.kind) {
    case 'none':
      return noScheduler(common.max);
    case 'asha':
      return new Asha({ ...common, ...scheduler });
    case 'hyperband':
      return new Hyperband({ ...common, ...scheduler });
    case 'median':
      return new MedianStopping({ ...common, ...scheduler });
    case 'patience':
      return new PatienceStopping({ ...common, ...scheduler });
    case 'pbt': {
      const { axes, constraints, seed } = searchSpaceOf(spec);
      return new PopulationBased({ ...common, ...scheduler, axes, constraints, seed });
    }
  }
}
