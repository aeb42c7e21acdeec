import { poolPolicySchema, type PoolAsk, type PoolPolicy } from '@vitrine/contracts';
import { PoolAllocator } from '@vitrine/planning';
import type { BenchOptions } from './bench.js';
import { figure, quantile, spreadOf, type Figure } from './figure.js';

/** kueue/test/performance/scheduler/configs/baseline/generator.yaml: of each of 30 queues, which stand in 5 cohorts. */
const COHORTS = 5;
const QUEUES = 6;
const NOMINAL = 20;
const WORKLOADS = [
  { name: 'small', count: 350, everyMs: 100, runMs: 200, priority: 50, devices: 1 },
  { name: 'medium', count: 100, everyMs: 500, runMs: 500, priority: 100, devices: 5 },
  { name: 'large', count: 50, everyMs: 1200, runMs: 1000, priority: 200, devices: 20 },
] as const;
const ADMISSIONS = COHORTS * QUEUES * WORKLOADS.reduce((sum, { count }) => sum + count, 0);
/** What Kueue publishes for it (mean of its own runs): seconds for all, and mean seconds until each class is admitted. */
const KUEUE = { seconds: 351.1, waits: { small: 215, medium: 77, large: 16.5 } } as const;
/** Device-seconds that are asked for, by the devices that there are: nobody is faster. */
const LEAST_SECONDS =
  WORKLOADS.reduce((sum, { count, runMs, devices }) => sum + count * runMs * devices, 0) / (NOMINAL * 1000);

/** Ten half-lives of the policy. */
const WHILE_MS = 10 * 24 * 3_600_000;

const WAITING = 1000;
const MOST_ALLOCATION_MS = 50;

/** How a pool gives out devices, on a clock that is played: Kueue's own scenario, the time of a decision, and how fair it is. */
export async function* pools({ only, say }: BenchOptions): AsyncGenerator<Figure> {
  if ('kueue'.includes(only)) {
    say(`${ADMISSIONS} workloads of ${COHORTS * QUEUES} queues`);
    yield* kueue();
  }
  if ('allocation'.includes(only)) {
    say(`decisions with ${WAITING} waiting`);
    const samples = decisions();
    const p95 = quantile(samples, 0.95);
    yield figure('pools.allocation.p95', p95, {
      unit: 'ms',
      spread: spreadOf(samples),
      bar: `< ${MOST_ALLOCATION_MS} ms with ${WAITING} waiting`,
      holds: p95 < MOST_ALLOCATION_MS,
    });
  }
  if ('fairness'.includes(only)) {
    say('four projects of weights 1 to 4 and stages of up to an hour, ten half-lives');
    yield figure('pools.fairness.error', fairnessError() * 100, { unit: 'points', spread: 0 });
  }
}

function* kueue(): Generator<Figure> {
  const cohorts = Array.from({ length: COHORTS }, () => playCohort());
  const seconds = Math.max(...cohorts.map(({ endedAt }) => endedAt)) / 1000;
  const rate = ADMISSIONS / seconds;
  const peer = ADMISSIONS / KUEUE.seconds;
  yield figure('pools.kueue.admissions', rate, {
    unit: '1/s',
    peer,
    ratio: rate / peer,
    spread: 0,
    bar: `beside Kueue's published ${peer.toFixed(1)}; at most ${(ADMISSIONS / LEAST_SECONDS).toFixed(0)} by the quota`,
    holds: rate >= peer,
  });
  for (const { name } of WORKLOADS) {
    const waits = cohorts.flatMap((cohort) => cohort.waits.get(name) ?? []);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length / 1000;
    yield figure(`pools.kueue.wait.${name}`, mean, {
      unit: 's',
      peer: KUEUE.waits[name],
      ratio: mean / KUEUE.waits[name],
      spread: 0,
    });
  }
  yield figure('pools.kueue.decision', Math.max(...cohorts.map(({ worstMs }) => worstMs)), {
    unit: 'ms at most',
    spread: 0,
  });
}

interface Cohort {
  readonly endedAt: number;
  readonly waits: ReadonlyMap<string, readonly number[]>;
  readonly worstMs: number;
}

interface Event {
  readonly at: number;
  readonly happen: () => void;
}

/** One cohort: a pool of the sum of its quotas. What a decision takes of real time passes on the played clock too. */
function playCohort(): Cohort {
  const queues = Array.from({ length: QUEUES }, (_, index) => `queue-${index}`);
  const policy = policyOf(
    Object.fromEntries(queues.map((queue) => [queue, { guaranteed: NOMINAL, limit: NOMINAL * QUEUES }])),
    Object.fromEntries([['normal', 0], ...WORKLOADS.map(({ name, priority }) => [name, priority])]),
  );
  const allocator = poolOf(policy, NOMINAL * QUEUES);
  const events = new Agenda();
  const waits = new Map<string, number[]>(WORKLOADS.map(({ name }) => [name, []]));
  let now = 0;
  let worstMs = 0;
  for (const project of queues)
    for (const { name, count, everyMs, devices } of WORKLOADS)
      for (let index = 0; index < count; index += 1) {
        const at = index * everyMs;
        const ask = askOf(`${project}-${name}-${index}`, { project, devices, priority: name, askedAt: at });
        events.add({ at, happen: () => allocator.ask(ask) });
      }
  for (let event = events.next(); event; event = events.next()) {
    now = Math.max(now, event.at);
    event.happen();
    const began = performance.now();
    const { granted } = allocator.decide(now);
    const tookMs = performance.now() - began;
    worstMs = Math.max(worstMs, tookMs);
    now += tookMs;
    for (const { id, priority, askedAt } of granted) {
      waits.get(priority)?.push(now - askedAt);
      const runMs = WORKLOADS.find(({ name }) => name === priority)?.runMs ?? 0;
      const at = now + runMs;
      events.add({ at, happen: () => allocator.release(id, at) });
    }
  }
  return { endedAt: now, waits, worstMs };
}

/** Milliseconds of a decision after each end, with many of many projects and classes waiting. */
function decisions(): number[] {
  const classes = ['low', 'normal', 'high'];
  const projects = Array.from({ length: 30 }, (_, index) => `project-${index}`);
  const allocator = poolOf(policyOf({}), 64);
  let asked = 0;
  const ask = (now: number): void => {
    const project = projects[asked % projects.length] ?? '';
    const priority = classes[asked % classes.length] ?? '';
    allocator.ask(askOf(`ask-${asked++}`, { project, priority, devices: 1 + (asked % 8), askedAt: now }));
  };
  while (asked < WAITING + 64) ask(0);
  allocator.decide(0);
  return Array.from({ length: 1000 }, (_, index) => {
    const now = (index + 1) * 1000;
    const [first] = allocator.snapshot().leases;
    allocator.release(first?.id ?? '', now);
    ask(now);
    const began = performance.now();
    allocator.decide(now);
    return performance.now() - began;
  });
}

/** How far the share of any project is from that of its weight, over days in which all want more than there is. */
function fairnessError(): number {
  const weights = [1, 2, 3, 4];
  const names = weights.map((weight) => `project-${weight}`);
  // Devices that no weight divides.
  const allocator = poolOf(
    policyOf(Object.fromEntries(names.map((name, index) => [name, { weight: weights[index] }]))),
    7,
  );
  const events = new Agenda();
  const held = new Map<string, number>();
  let seed = 1;
  let asked = 0;
  const ask = (project: string, now: number): void =>
    allocator.ask(askOf(`ask-${asked++}`, { project, askedAt: now }));
  for (const name of names) for (let count = 0; count < 40; count += 1) ask(name, 0);
  for (let now = 0; now < WHILE_MS;) {
    for (const { id, project } of allocator.decide(now).granted) {
      // Park and Miller's generator: the same days each time.
      seed = (seed * 48_271) % 2_147_483_647;
      const runMs = 60_000 + (seed % 3_540_000);
      const at = now + runMs;
      held.set(project, (held.get(project) ?? 0) + Math.min(runMs, WHILE_MS - now));
      events.add({
        at,
        happen: () => {
          allocator.release(id, at);
          ask(project, at);
        },
      });
    }
    const next = events.next();
    if (!next) break;
    now = next.at;
    next.happen();
  }
  const total = [...held.values()].reduce((sum, value) => sum + value, 0);
  const weightSum = weights.reduce((sum, weight) => sum + weight, 0);
  return Math.max(
    ...names.map((name, index) =>
      Math.abs((held.get(name) ?? 0) / total - (weights[index] ?? 0) / weightSum),
    ),
  );
}

/** Events by time; those of one time in the order in which they were added. */
class Agenda {
  private readonly heap: { readonly event: Event; readonly number: number }[] = [];
  private added = 0;

  add(event: Event): void {
    const { heap } = this;
    heap.push({ event, number: this.added++ });
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(at, parent)) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  next(): Event | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first?.event;
    heap[0] = last;
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      let least = at;
      if (left < heap.length && this.isBefore(left, least)) least = left;
      if (right < heap.length && this.isBefore(right, least)) least = right;
      if (least === at) return first.event;
      this.swap(at, least);
      at = least;
    }
  }

  private isBefore(a: number, b: number): boolean {
    const [one, other] = [this.heap[a], this.heap[b]];
    if (!one || !other) return false;
    return one.event.at < other.event.at || (one.event.at === other.event.at && one.number < other.number);
  }

  private swap(a: number, b: number): void {
    const [one, other] = [this.heap[a], this.heap[b]];
    if (one && other) [this.heap[a], this.heap[b]] = [other, one];
  }
}

function policyOf(projects: object, priorities?: object): PoolPolicy {
  return poolPolicySchema.parse({ projects, ...(priorities && { priorities }) });
}

function poolOf(policy: PoolPolicy, devices: number): PoolAllocator {
  const workers = [{ name: 'box', devices, draining: false, seenAt: 0 }];
  return new PoolAllocator({ policy, workers, leases: [], waiting: [], projects: {}, kinds: {} });
}

function askOf(id: string, fields: Partial<PoolAsk>): PoolAsk {
  const defaults = { workflowId: id, project: 'default', runId: id, stage: 'only', kind: 'noop' };
  return { id, ...defaults, devices: 1, priority: 'normal', askedAt: 0, avoid: [], ...fields };
}
