import { fileURLToPath } from 'node:url';
import { runViewSchema, type RunView } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStack, type RunHandle } from '../src/local-stack.js';

const example = fileURLToPath(new URL('../../../infra/examples/fan-out/sweep.yaml', import.meta.url));
const change = [
  '--set',
  'parameters.images.default=256',
  '--set',
  'stages.judged.params.chunkImages=64',
  '--set',
  'parameters.strengths.default="[0.01, 7, 0.02]"',
  '--set',
  'stages.attacked.forEach.minSuccessRatio=0.6',
];

/** Two pools that compute alike on different numbers of slots. */
const CONFIG = 'pools: { default: { slots: 3, threads: 1 }, narrow: { slots: 1, threads: 1 } }';

describe('a pipeline with a fan-out, chunks and a sub-pipeline', () => {
  let stack: LocalStack;
  beforeAll(async () => {
    stack = await LocalStack.up({ config: CONFIG });
  });
  afterAll(() => stack.destroy());

  const start = async (...args: string[]): Promise<RunHandle> => {
    const answer = JSON.parse(
      await stack.vitrine('run', example, '--detach', '--json', ...change, ...args),
    ) as RunHandle;
    return answer;
  };
  const digests = ({ stages }: RunView, stage: string) =>
    Object.entries(stages[stage]?.outputs ?? {}).map(([name, { sha256 }]) => [name, sha256]);

  it('loses to a killed worker only the chunks in hand, and gives the same bytes on one slot as on three', async () => {
    const handle = await start();
    const attempts = new Map<string, number>();
    const doneBefore = new Set<string>();
    let killed = false;
    for await (const { event } of stack.events(handle)) {
      if (event.type === 'attempt') attempts.set(event.stage, (attempts.get(event.stage) ?? 0) + 1);
      if (!/^judged\.\d+$/.test(event.stage) || killed) continue;
      if (event.type !== 'stage' || event.state !== 'succeeded') continue;
      doneBefore.add(event.stage);
      killed = true;
      process.kill((await stack.stackFile()).workers[0]?.pid ?? 0, 'SIGKILL');
    }
    expect(killed).toBe(true);
    const view = runViewSchema.parse(await stack.view(handle));
    expect(view.status).toBe('succeeded');
    expect(view.stages['judged']?.elements).toMatchObject({ total: 4, succeeded: 4, failed: 0 });
    for (const chunk of doneBefore) expect(attempts.get(chunk), chunk).toBe(1);
    expect(view.stages['attacked']).toMatchObject({
      state: 'succeeded',
      elements: {
        total: 3,
        succeeded: 2,
        failed: 1,
        failures: [{ index: 1, item: '7', error: { code: 'InvalidSpec' } }],
      },
    });
    // Everything but the evaluation is found; that is computed anew, by one slot.
    const other = await stack.end(await start('--force', 'judged', '--set', 'stages.judged.pool=narrow'));
    expect(other.status).toBe('succeeded');
    expect(other.stages['judged']?.elements).toMatchObject({ total: 4, succeeded: 4, found: 0 });
    expect(digests(other, 'judged')).toEqual(digests(view, 'judged'));
    expect(digests(other, 'attacked')).toEqual(digests(view, 'attacked'));
  });
});
