import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { poolViewSchema, type PoolView, type RunView } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStack, sleep, type RunHandle } from '../src/local-stack.js';
import { smallTraining } from '../src/small-training.js';

const CONFIG = 'pools: { default: { slots: 1, threads: 1 } }';
const POLICY = `
preemption: { minimumRunSeconds: 0 }
projects:
  vision: { weight: 2, limit: 1 }
`;

let stack: LocalStack;
beforeAll(async () => {
  stack = await LocalStack.up({ config: CONFIG });
});
afterAll(() => stack.destroy());

const training = (priority: string, epochs: number): object => {
  const { stages, ...head } = smallTraining(`pools-${priority}`) as {
    stages: { train: { params: object } };
  };
  const { train } = stages;
  return { ...head, priority, stages: { train: { ...train, params: { ...train.params, epochs } } } };
};

async function until(holds: (pool: PoolView) => boolean): Promise<PoolView> {
  for (;;) {
    const pool = poolViewSchema.parse(JSON.parse(await stack.vitrine('pools', 'show', 'default', '--json')));
    if (holds(pool)) return pool;
    await sleep(200);
  }
}

async function untilStep(run: RunHandle, step: number): Promise<void> {
  for await (const { event } of stack.events(run))
    if (event.type === 'progress' && event.progress.step >= step) return;
}

const weights = ({ stages }: RunView): unknown => stages['train']?.summary?.['weightsSha256'];

describe('a pool with a policy, on the real stack', () => {
  it('takes the device of a low class for a high one, and both trainings come to the weights of undisturbed ones', async () => {
    const alone = await stack.end(await stack.submit(training('low', 40)));
    expect(alone.status).toBe('succeeded');
    const file = join(stack.stateDir, 'policy.yaml');
    await writeFile(file, POLICY);
    await stack.vitrine('pools', 'set', 'default', file);
    await until(({ workers }) => workers.length === 1);

    const low = await stack.submit(training('low', 40));
    await untilStep(low, 60);
    const high = await stack.submit(training('high', 2));
    const taken = await until(({ held }) => held[0]?.yielding === true || held[0]?.runId === high.runId);
    expect(taken.held).toHaveLength(1);
    expect(await stack.end(high)).toMatchObject({ status: 'succeeded' });
    const ended = await stack.end(low);
    expect(ended.stages['train']).toMatchObject({ state: 'succeeded', epoch: 2 });
    expect(ended.stages['train']?.resumedFromStep).toBeGreaterThanOrEqual(60);
    expect(weights(ended)).toEqual(weights(alone));
    expect((await until(({ held }) => held.length === 0)).waiting).toEqual([]);
  });

  it('says why a stage waits: who holds the device, and that a worker drains', async () => {
    const first = await stack.submit(training('normal', 400));
    await untilStep(first, 1);
    const second = await stack.submit(training('normal', 2));
    await until(({ waiting }) => waiting.length === 1);
    const busy = await stack.vitrine('why', second.runId);
    expect(busy).toContain('It wants a device, and none is free.');
    expect(busy).toContain(`1 held by default/${first.runId} train`);
    const [worker] = (await until(() => true)).workers;
    await stack.vitrine('pools', 'drain', 'default', worker?.worker ?? '');
    expect(await stack.vitrine('why', second.runId)).toContain(
      'No worker serves the pool, or all of them drain.',
    );
    await stack.vitrine('cancel', first.runId);
    await stack.end(first);
    await stack.vitrine('pools', 'drain', 'default', worker?.worker ?? '', '--undo');
    expect(await stack.end(second)).toMatchObject({ status: 'succeeded' });
  });

  it('refuses a class that the policy does not have, and more devices than a project may hold', async () => {
    await expect(stack.submit(training('urgent', 1))).rejects.toThrow(/one of low, normal, high/);
    const { stages, ...head } = training('normal', 1) as { stages: { train: object } };
    const gang = { ...stages.train, resources: { devices: 1 } };
    const refused = { ...head, project: 'tiny', stages: { train: gang } };
    const file = join(stack.stateDir, 'tight.yaml');
    await writeFile(file, 'projects: { tiny: { limit: 0 } }');
    await stack.vitrine('pools', 'set', 'default', file);
    await expect(stack.submit(refused)).rejects.toThrow(/the limit of project tiny in pool default/);
  });

  it('serves who comes first once its policy is taken away', async () => {
    await stack.vitrine('pools', 'unset', 'default');
    expect(await stack.end(await stack.submit(training('normal', 1)))).toMatchObject({ status: 'succeeded' });
    await expect(stack.vitrine('pools', 'show', 'default')).rejects.toThrow(/serves who comes first/);
  });
});
