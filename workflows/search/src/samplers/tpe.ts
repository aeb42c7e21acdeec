import type { Point, SamplerSpec, SweepValue } from '@vitrine/contracts';
import { exists, type Axis } from '../axes.js';
import { lossOf, type Trial } from '../book.js';
import { isAllowed } from '../points.js';
import { Random } from '../random.js';
import { Parzen } from './parzen.js';
import { randomSampler } from './random.js';
import type { Experience, Sampler, SearchSpace } from './sampler.js';

type TpeSpec = Extract<SamplerSpec, { kind: 'tpe' }>;

const PURPOSE = 2;
/** Good trials are at most so many. */
const MOST_GOOD = 25;
/** Of the others the last so many count; those before have next to no weight, and a sweep may have 10,000. */
const MOST_OTHERS = 1000;

/**
 * Bergstra et al., Algorithms for hyper-parameter optimization, 2011, with joint densities: points are drawn where good trials
 * are dense, and the one is taken where they are most so compared with the others. Parameters that exist under a condition are
 * drawn jointly with those of the same condition, from trials that have them. A running trial counts as one of the others,
 * so that trials that run at a time are not all the same.
 */
export function tpeSampler(space: SearchSpace, { startup, candidates }: TpeSpec): Sampler {
  const random = randomSampler(space);
  const groups = groupsOf(space.axes);
  return {
    suggest: (draw, experience) => {
      const told = experience.trials.filter(
        ({ reports, error }) => reports.length > 0 || error !== undefined,
      );
      if (told.length < startup) return random.suggest(draw, experience);
      const [good, others] = split(experience);
      const source = new Random(space.seed, PURPOSE, draw);
      for (let attempt = 0; attempt < 20; attempt += 1) {
        let point: Point = {};
        for (const group of groups)
          if (exists(group[0] as Axis, point))
            point = { ...point, ...best(group, { good, others, candidates, random: source, point, space }) };
        if (isAllowed(space.constraints, point)) return { point, draw };
      }
      return random.suggest(draw, experience);
    },
  };
}

interface Choice {
  readonly good: readonly Point[];
  readonly others: readonly Point[];
  readonly candidates: number;
  readonly random: Random;
  /** The parameters that are drawn already. */
  readonly point: Point;
  readonly space: SearchSpace;
}

function best(group: readonly Axis[], choice: Choice): Point {
  const having = (points: readonly Point[]): Point[] =>
    points.filter((point) => group.every(({ name }) => point[name] !== undefined));
  const dense = new Parzen(group, having(choice.good));
  const sparse = new Parzen(group, having(choice.others));
  let found: Point = {};
  let most = -Infinity;
  for (let candidate = 0; candidate < choice.candidates; candidate += 1) {
    const drawn = dense.draw(choice.random);
    const allowed = isAllowed(choice.space.constraints, { ...choice.point, ...drawn });
    const gain = dense.logDensity(drawn) - sparse.logDensity(drawn) - (allowed ? 0 : 1e6);
    if (gain <= most) continue;
    most = gain;
    found = drawn;
  }
  return found;
}

/** The better tenth of the trials that have told something, at most 25; and all others, running ones among them. */
function split({ trials, direction }: Experience): [Point[], Point[]] {
  const told = trials.filter(({ reports }) => reports.length > 0);
  const rank = (trial: Trial): [number, number] => {
    const last = trial.reports.at(-1);
    // What has come far was not bad; among equals the value decides.
    return [
      -(trial.state === 'completed' ? Infinity : (last?.resource ?? 0)),
      lossOf(last?.value ?? null, direction),
    ];
  };
  const ranked = told
    .map((trial) => ({ trial, rank: rank(trial) }))
    .sort((a, b) => compare(a.rank, b.rank) || a.trial.trial - b.trial.trial);
  const count = Math.min(MOST_GOOD, Math.ceil(0.1 * told.length));
  const good = new Set(
    ranked
      .slice(0, count)
      .filter(({ rank: [, loss] }) => Number.isFinite(loss))
      .map(({ trial }) => trial),
  );
  const points = (wanted: (trial: Trial) => boolean): Point[] =>
    trials.filter(wanted).map(({ point }) => point);
  return [points((trial) => good.has(trial)), points((trial) => !good.has(trial)).slice(-MOST_OTHERS)];
}

function compare(a: readonly [number, number], b: readonly [number, number]): number {
  for (const at of [0, 1] as const) {
    if (a[at] < b[at]) return -1;
    if (a[at] > b[at]) return 1;
  }
  return 0;
}

/** Parameters that exist under one condition, together; in an order in which conditions are known before. */
function groupsOf(axes: readonly Axis[]): Axis[][] {
  const groups = new Map<string, Axis[]>();
  for (const axis of axes) {
    const key = JSON.stringify(axis.dimension.when ?? ({} satisfies Record<string, SweepValue>));
    const group = groups.get(key) ?? [];
    group.push(axis);
    groups.set(key, group);
  }
  // Within a group no parameter depends on another of it: equal conditions name one parameter, which is in another group.
  const sorted: Axis[][] = [];
  const drawn = new Set<string>();
  const rest = [...groups.values()];
  while (rest.length > 0) {
    const at = rest.findIndex(([first]) => {
      const on = first?.dimension.when?.parameter;
      return on === undefined || drawn.has(on);
    });
    const [group = []] = rest.splice(Math.max(0, at), 1);
    for (const { name } of group) drawn.add(name);
    sorted.push(group);
  }
  return sorted;
}
