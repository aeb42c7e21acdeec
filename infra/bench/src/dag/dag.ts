import { LocalStack, smallTraining } from '@vitrine/e2e';
import type { RunEvent, RunView } from '@vitrine/contracts';
import { runWorkflowId } from '@vitrine/contracts/names';
import type { BenchOptions } from '../bench.js';
import { figure, quantile, spreadOf, type Figure } from '../figure.js';
import { BareTemporal } from '../bare/bare-temporal.js';

/** Stages that run at a time, here and beside it. */
const SLOTS = 8;
const CONFIG = `pools: { default: { slots: ${SLOTS}, threads: 1 } }`;
/** What may be added to Temporal's own time. */
const MOST_RATIO = 1.3;
const MOST_ADDED_SECONDS = 2;
/** One stage at a time: what it takes is dispatch and nothing else. */
const CHAIN = 40;
const STARTS = 5;

interface Shape {
  readonly chains: number;
  readonly length: number;
}

/** What a graph of stages costs beside as many child workflows and activities of Temporal alone, on the same server. */
export async function* dag({ quick, say }: BenchOptions): AsyncGenerator<Figure> {
  const wide: Shape = quick ? { chains: 20, length: 10 } : { chains: 100, length: 10 };
  const many = quick ? 40 : 200;
  const stack = await LocalStack.up({ config: CONFIG });
  try {
    const { temporal } = await stack.stackFile();
    if (!temporal) throw new Error('the stack has no Temporal server of its own');
    const bare = await BareTemporal.start({ address: temporal.address, namespace: 'default' }, SLOTS);
    try {
      const bench = new DagBench(stack, bare);
      say('the first runs fill caches');
      await bench.warmUp();
      yield* await bench.dispatch();
      say(`one run of ${wide.chains * wide.length} stages`);
      yield await bench.oneRun(wide);
      say(`${many} runs at a time`);
      yield await bench.manyRuns(many);
      say('the same run twice');
      yield* await bench.again(wide);
      yield* await bench.starts();
    } finally {
      await bare.stop();
    }
  } finally {
    await stack.destroy();
  }
}

class DagBench {
  private runs = 0;

  constructor(
    private readonly stack: LocalStack,
    private readonly bare: BareTemporal,
  ) {}

  async warmUp(): Promise<void> {
    await this.run({ chains: 4, length: 5 });
    await this.bare.run({ chains: 4, length: 5, activities: 1 });
  }

  async dispatch(): Promise<Figure[]> {
    const { views } = await this.run({ chains: 1, length: CHAIN });
    const waits = views.flatMap((view) =>
      Object.values(view.stages).map(
        ({ queuedAt = '', startedAt = '' }) => Date.parse(startedAt) - Date.parse(queuedAt),
      ),
    );
    const beside = (await this.bare.run({ chains: 1, length: CHAIN, activities: 1 })).waits;
    return [0.5, 0.95].map((q) =>
      figure(`dag.dispatch.p${q * 100}`, quantile(waits, q), {
        unit: 'ms',
        spread: spreadOf(waits),
        peer: quantile(beside, q),
        ratio: quantile(waits, q) / quantile(beside, q),
      }),
    );
  }

  async oneRun(shape: Shape): Promise<Figure> {
    const ours = await this.run(shape);
    const theirs = await this.bare.run({ ...shape, activities: 1 });
    return overhead(`dag.${shape.chains * shape.length}-stages`, ours.seconds, theirs.seconds);
  }

  async manyRuns(count: number): Promise<Figure> {
    const shape = { chains: 1, length: 5 };
    const ours = await this.run(shape, { count });
    const theirs = await this.bare.run({ ...shape, activities: 1 }, count);
    return overhead(`dag.${count}-runs`, ours.seconds, theirs.seconds);
  }

  /** With results that are kept: first by computing them, then by finding all of them. */
  async again(shape: Shape): Promise<Figure[]> {
    const name = `dag.kept.${shape.chains * shape.length}-stages`;
    const seed = Date.now() % 2 ** 31;
    const first = await this.run(shape, { cache: true, seed });
    // A stage asks, and has it computed by a workflow that asks, computes and stores.
    const twice = { chains: shape.chains, length: 2 * shape.length, activities: 2 };
    const computed = await this.bare.run(twice);
    const second = await this.run(shape, { cache: true, seed });
    const floor = await this.bare.run({ ...shape, activities: 1 });
    const outcomes = second.views.flatMap(({ stages }) =>
      Object.values(stages).map(({ cache }) => cache?.outcome),
    );
    const found = outcomes.every((outcome) => outcome === 'hit');
    const added = second.seconds - floor.seconds;
    return [
      overhead(`${name}.computed`, first.seconds, computed.seconds),
      figure(`${name}.found`, second.seconds, {
        unit: 's',
        spread: 0,
        peer: floor.seconds,
        ratio: second.seconds / floor.seconds,
        bar: `nothing computed, < ${MOST_ADDED_SECONDS} s added`,
        holds: found && added < MOST_ADDED_SECONDS,
      }),
    ];
  }

  /** Seconds from a device for a stage to its first word: with a process, and with TensorFlow in it. */
  async starts(): Promise<Figure[]> {
    const training = smallTraining('bench-start') as { stages: { train: object } };
    const kinds = {
      process: { kind: 'noop', params: { steps: 1 } },
      tensorflow: {
        ...training.stages.train,
        params: { train: { limit: 64 }, test: { limit: 64 }, epochs: 1, batchSize: 64 },
      },
    };
    const figures: Figure[] = [];
    for (const [name, stage] of Object.entries(kinds)) {
      const seconds: number[] = [];
      for (let start = 0; start < STARTS; start += 1) seconds.push(await this.start(stage));
      const spread = spreadOf(seconds);
      figures.push(figure(`dag.start.${name}`, quantile(seconds, 0.5), { unit: 's', spread }));
    }
    return figures;
  }

  private async start(stage: object): Promise<number> {
    const handle = await this.stack.submit({ version: 1, name: 'bench-start', stages: { only: stage } });
    const at = async (fits: (event: RunEvent) => boolean): Promise<number> =>
      Date.parse((await this.stack.seen(handle, fits)).at);
    await this.stack.end(handle);
    const began = await at((event) => event.type === 'stage' && event.state === 'running');
    return ((await at(({ type }) => type === 'attempt')) - began) / 1000;
  }

  private async run(
    { chains, length }: Shape,
    { count = 1, cache = false, seed = 0 } = {},
  ): Promise<{ seconds: number; views: RunView[] }> {
    const stages: Record<string, object> = {};
    for (let chain = 0; chain < chains; chain += 1)
      for (let step = 0; step < length; step += 1)
        stages[`chain-${chain}-${step}`] = {
          kind: 'noop',
          cache,
          inputs: step === 0 ? {} : { after: { previous: `chain-${chain}-${step - 1}.done` } },
        };
    this.runs += 1;
    const spec = { version: 1, name: `bench-dag-${this.runs}`, seed, stages };
    const handles = await Promise.all(Array.from({ length: count }, () => this.stack.submit(spec)));
    const ids = handles.map(({ project, runId }) => runWorkflowId(project, runId));
    // Asked of Temporal: to ask for views meanwhile would be a part of what is measured.
    await Promise.all(ids.map((id) => this.bare.client.workflow.getHandle(id).result()));
    const seconds = await this.bare.span(ids);
    const views = await Promise.all(handles.map((handle) => this.stack.view(handle)));
    const lost = views.find(({ status }) => status !== 'succeeded');
    if (lost) throw new Error(`run ${lost.runId} ended as ${lost.status}`);
    return { seconds, views };
  }
}

function overhead(name: string, value: number, peer: number): Figure {
  const ratio = value / peer;
  const bar = `at most ${MOST_RATIO} times Temporal alone`;
  return figure(name, value, { unit: 's', spread: 0, peer, ratio, bar, holds: ratio <= MOST_RATIO });
}
