import type { RunEvent, RunView } from '@vitrine/contracts';
import { figure, quantile, spreadOf, type Figure } from '@vitrine/bench/figure';
import { smallTraining } from '@vitrine/e2e';
import type { DrillOptions } from '../drill-options.js';
import { doneTwice, lostSeconds } from './audit.js';
import { scheduleOf } from './schedule.js';
import { World } from './world.js';

const SCHEDULES = 20;
/** Each kind of fault once. */
const SCHEDULES_QUICK = 7;
const OUTAGE_SECONDS = { full: 120, quick: 15 } as const;
const RUN_MILLISECONDS = 30 * 60_000;

interface Outcome {
  readonly seconds: number;
  readonly digests: string;
  readonly twice: readonly string[];
  readonly lostPerKill: number;
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Random faults in the middle of a pipeline in chunks: what is lost, whether anything is computed twice, and what comes out. */
export async function* kills({ quick, from }: DrillOptions): AsyncGenerator<Figure> {
  const world = await World.start({ outageSeconds: quick ? OUTAGE_SECONDS.quick : OUTAGE_SECONDS.full, say });
  try {
    const undisturbed = await outcomeOf(world, 'undisturbed');
    const outcomes: Outcome[] = [];
    for (let seed = from; seed <= (quick ? SCHEDULES_QUICK : SCHEDULES); seed += 1) {
      const outcome = await outcomeOf(world, `kills-${seed}`, seed);
      outcomes.push(outcome);
      for (const line of outcome.twice) say(`  computed twice: ${line}`);
      yield figure(`kills.${seed}.lost`, outcome.lostPerKill, {
        unit: 'device-s per kill',
        spread: 0,
        peer: undisturbed.seconds,
        ratio: outcome.seconds / undisturbed.seconds,
        bar: 'equal digests, nothing durable computed twice',
        holds: outcome.digests === undisturbed.digests && outcome.twice.length === 0,
      });
    }
    const lost = outcomes.map(({ lostPerKill }) => lostPerKill);
    yield figure('kills.lost.p50', quantile(lost, 0.5), {
      unit: 'device-s per kill',
      spread: spreadOf(lost),
    });
  } finally {
    await world.stop();
  }
}

/** Each in a project of its own: results of one are not found by the next. */
async function outcomeOf(world: World, project: string, seed?: number): Promise<Outcome> {
  const faults = seed === undefined ? [] : scheduleOf(seed);
  say(`${project}: ${faults.map(({ kind, after }) => `${kind} after ${after}`).join(', ') || 'no faults'}`);
  const started = Date.now();
  const handle = await world.product.submit({ ...(pipeline() as object), project });
  const events: RunEvent[] = [];
  const struck: number[] = [];
  const left = [...faults];
  for await (const { event } of world.product.events(handle)) {
    events.push(event);
    const [next] = left;
    if (!next || events.length < next.after) continue;
    left.shift();
    struck.push(Date.now());
    await world.strike(next.kind);
  }
  const view = await world.product.end(handle, RUN_MILLISECONDS);
  const seconds = (Date.now() - started) / 1000;
  if (view.status !== 'succeeded') throw new Error(`${project} ended badly: ${JSON.stringify(view)}`);
  if (left.length > 0) say(`  it ended before ${left.map(({ kind }) => kind).join(', ')} could strike`);
  const lostPerKill = lostSeconds(events, struck) / Math.max(1, struck.length);
  say(`  ${seconds.toFixed(0)} s, ${lostPerKill.toFixed(1)} device-seconds lost per kill`);
  return {
    seconds,
    digests: digestsOf(view),
    twice: doneTwice(events, await world.kept(project)),
    lostPerKill,
  };
}

/** Of what comes out; lists name the project, which each run has for itself. */
function digestsOf({ stages }: RunView): string {
  const model = stages['train']?.outputs?.['model']?.sha256;
  const judged = Object.entries(stages['judged']?.outputs ?? {}).map(([name, { sha256 }]) => [name, sha256]);
  const attacked = stages['attacked']?.elements?.succeeded;
  return JSON.stringify({ model, judged, attacked });
}

function pipeline(): unknown {
  const { stages } = smallTraining('kills') as { stages: { train: { params: object } } };
  const data = { test: { limit: 256 }, batchSize: 64 };
  return {
    version: 1,
    name: 'kills',
    seed: 20_260_101,
    stages: {
      train: {
        kind: 'train',
        params: { ...stages.train.params, epochs: 12, checkpoint: { everySteps: 8 } },
      },
      judged: {
        kind: 'evaluate',
        inputs: { model: 'train.model' },
        params: {
          ...data,
          chunkImages: 64,
          conditions: [{ kind: 'clean' }, { kind: 'fgsm', epsilon: 0.02 }],
        },
      },
      attacked: {
        kind: 'evaluate',
        inputs: { model: 'train.model' },
        forEach: { items: [0.01, 0.02], params: { 'conditions.0.epsilon': 'item' } },
        params: { ...data, test: { limit: 64 }, conditions: [{ kind: 'fgsm', epsilon: 0.5 }] },
      },
    },
  };
}
