import { MockActivityEnvironment } from '@temporalio/testing';
import { createMemoryStores } from '@vitrine/artifact-store';
import {
  forEachSchema,
  listSchema,
  MOST_ELEMENTS,
  type ElementsToPlan,
  type EndedElement,
  type StageJob,
  type StageResult,
} from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { createElementControl } from './element-activities.js';
import { spreadLists } from './lists.js';

const stores = createMemoryStores();
const artifacts = stores.artifacts('default');
const control = createElementControl(stores);
const json = (document: unknown) => new TextEncoder().encode(JSON.stringify(document));
const document = (value: unknown) => artifacts.put('document', json(value));

const job: StageJob = {
  project: 'default',
  runId: 'run-1',
  stage: 'many',
  kind: 'noop',
  pool: 'default',
  seed: 7,
  params: { steps: 0 },
  inputs: {},
  resources: { devices: 1 },
  failures: [],
  timeouts: { attemptSeconds: 10, stallSeconds: 10 },
  codeVersion: 'code',
};

/** As the server would call it: with heartbeats. */
const run = <A extends unknown[], R>(activity: (...args: A) => Promise<R>, ...args: A): Promise<R> =>
  new MockActivityEnvironment().run(activity as never, ...args) as Promise<R>;

const planned = (elements: ElementsToPlan) => run(control.planElements, elements);
const overDocument = async (items: unknown): Promise<ElementsToPlan> => ({
  job,
  source: {
    type: 'list',
    forEach: forEachSchema.parse({ over: 'list.done', params: { steps: 'item' } }),
    over: await document(items),
  },
});

async function entries(elements: ElementsToPlan) {
  const { pages } = await planned(elements);
  const found = [];
  for (const page of pages) found.push(...(await run(control.readElements, 'default', page)));
  return found;
}

const result = (outputs: StageResult['outputs']): StageResult => ({
  outputs,
  summary: { steps: 1 },
  epoch: 1,
  resumedFromStep: 0,
  profile: { build: 'none', device: 'none', threads: 1, precision: 'float32', execution: 'eager' },
  startedAt: '2026-01-01T00:00:00.000Z',
  endedAt: '2026-01-01T00:00:01.000Z',
});

describe('the elements of a list', () => {
  it('are written in pages that travel, in their order, with seeds of their own', async () => {
    const elements = await overDocument([...Array(1000).keys()]);
    expect((await planned(elements)).pages.length).toBeGreaterThanOrEqual(5);
    const found = await entries(elements);
    expect(found.map(({ item }) => item)).toEqual([...Array(1000).keys()]);
    expect(new Set(found.map(({ seed }) => seed)).size).toBe(1000);
    expect(new Set(found.map(({ recipe }) => recipe)).size).toBe(1000);
  });

  it.each([
    ['no list', { a: 1 }, 'expected a JSON array, got object'],
    ['too long', Array(MOST_ELEMENTS + 1).fill(0), `expected at most ${MOST_ELEMENTS} elements`],
    ['of items that are too long', ['x', 'y'.repeat(5000)], 'got a longer one at 1'],
  ])('are refused by their field when it is %s', async (_, items, actual) => {
    await expect(planned(await overDocument(items))).rejects.toMatchObject({
      type: 'InvalidSpec',
      nonRetryable: true,
      details: [{ where: 'stages.many.forEach', actual: expect.stringContaining(actual) }],
    });
  });

  it('keep what an earlier run made of them, while all its bytes are there', async () => {
    const elements = await overDocument([1, 2, 3]);
    const before = await entries(elements);
    const [good, lost] = [await document('good'), await document('lost')];
    const ended: EndedElement[] = before.map(({ index, item, recipe }) => ({
      index,
      item,
      recipe,
      ...(index < 2
        ? { result: result({ done: index === 0 ? good : { ...lost, uri: `${lost.uri}-gone` } }) }
        : {}),
    }));
    const record = await run(control.storeElements, 'default', ended);
    const status = { elements: { record } };
    const keeper = createElementControl({
      ...stores,
      runs: { getSealed: () => Promise.resolve({ stages: { many: status } } as never) },
    });
    const again = {
      ...elements,
      job: { ...job, codeVersion: 'newer' },
      earlier: { runId: 'run-0', stage: 'many' },
    };
    const { pages } = await run(keeper.planElements, again);
    const [page] = pages;
    const found = page ? await run(keeper.readElements, 'default', page) : [];
    expect(found.map(({ kept }) => kept?.cache)).toEqual([
      { outcome: 'kept', from: { runId: 'run-0', stage: 'many.0' } },
      undefined,
      undefined,
    ]);
  });

  it('become a list of each output, the same whatever order they ended in', async () => {
    const made = await Promise.all([0, 1, 2].map((index) => document(`made ${index}`)));
    const ended = made.map((done, index): EndedElement => ({ index, item: index, result: result({ done }) }));
    const collect = async (order: EndedElement[][]) => {
      const pages = [];
      for (const page of order) pages.push(await run(control.storeElements, 'default', page));
      return run(control.collectElements, {
        job,
        of: 'list',
        pages,
        lists: true,
      });
    };
    const [a, b, c] = ended as [EndedElement, EndedElement, EndedElement];
    const one = await collect([[a, b], [c]]);
    expect(await collect([[c, a], [b]])).toEqual(one);
    const done = one.outputs['done'];
    const list = done && listSchema.parse(JSON.parse(new TextDecoder().decode(await artifacts.get(done))));
    expect(list).toEqual({
      format: 1,
      of: 'document',
      elements: made.map((artifact, index) => ({ index, item: index, artifact })),
    });
    const spread = await spreadLists(artifacts, { after: { sweep: done as never, other: made[0] as never } });
    expect(Object.keys(spread['after'] ?? {})).toEqual(['sweep-0', 'sweep-1', 'sweep-2', 'other']);
  });
});
