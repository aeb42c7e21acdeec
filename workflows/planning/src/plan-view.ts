import type {
  ForEach,
  Forecast,
  Interval,
  PlannedLook,
  PlannedStage,
  RunPlanView,
  RunRequest,
} from '@vitrine/contracts';
import { forecast, latestOf, NOTHING, sumOf, times, type ComputedSample } from './forecast.js';
import { needs, planOrder } from './stage-order.js';

export interface PlanFacts {
  readonly request: RunRequest;
  /** By stage. */
  readonly looks: Readonly<Record<string, PlannedLook>>;
  readonly history: readonly ComputedSample[];
}

/** What a run would find, compute and take, stage by stage and in all. Pools are the caller's to tell. */
export function planView({ request, looks, history }: PlanFacts): Omit<RunPlanView, 'pools'> {
  const { spec, project, codeVersion } = request;
  const stages = planOrder(spec).map((stage): PlannedStage => {
    const described = spec.stages[stage] as (typeof spec.stages)[string];
    const look = looks[stage] ?? { outcome: 'open' as const, reason: 'nobody has looked' };
    const idle = look.outcome === 'found' || look.outcome === 'skipped';
    const expected = idle ? undefined : forElements(forecast(described, history), described, look);
    const { kind, pool } = described;
    return {
      stage,
      kind,
      pool,
      needs: needs(spec, stage),
      ...look,
      ...(expected && { forecast: expected }),
    };
  });
  const found = stages.filter(({ outcome }) => outcome === 'found').length;
  const computed = stages.filter(({ outcome }) => outcome === 'computed' || outcome === 'open');
  const forecasts = computed.flatMap((stage) => stage.forecast ?? []);
  return {
    project,
    pipeline: spec.name,
    codeVersion,
    stages,
    total: {
      found,
      computed: computed.length,
      withoutHistory: computed.length - forecasts.length,
      deviceSeconds: sumOf(forecasts.map(({ deviceSeconds }) => deviceSeconds)),
      bytes: sumOf(forecasts.map(({ bytes }) => bytes)),
      seconds: longestChain(stages),
    },
  };
}

/** What one element takes, times those that are left, so many at a time. An open list counts as one element. */
function forElements(
  one: Forecast | undefined,
  { forEach }: { readonly forEach?: ForEach | undefined },
  { elements }: PlannedLook,
): Forecast | undefined {
  if (!one || !forEach || !elements) return one;
  const left = elements.total - elements.found;
  return {
    ...one,
    seconds: times(one.seconds, Math.ceil(left / forEach.maxParallel)),
    deviceSeconds: times(one.deviceSeconds, left),
    bytes: times(one.bytes, left),
  };
}

/** Stages come in an order in which they can run. */
function longestChain(stages: readonly PlannedStage[]): Interval {
  const ends = new Map<string, Interval>();
  for (const { stage, needs: before, forecast: expected } of stages) {
    const start = latestOf(before.flatMap((need) => ends.get(need) ?? []));
    ends.set(stage, sumOf([start, expected?.seconds ?? NOTHING]));
  }
  return latestOf([...ends.values()]);
}
