import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { LocalStack, sleep } from '../src/local-stack.js';
import { PrometheusClient } from '../src/prometheus-client.js';
import { trainAndKill } from '../src/kill-drill.js';
import { smallTraining } from '../src/small-training.js';

const monitoring = fileURLToPath(new URL('../../../infra/monitoring', import.meta.url));

interface Board {
  readonly uid: string;
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const boards = readdirSync(join(monitoring, 'dashboards')).map(
  (name) => JSON.parse(readFileSync(join(monitoring, 'dashboards', name), 'utf8')) as Board,
);
const panels = boards.flatMap(({ uid, panels: of }) =>
  of.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ uid, title, expr }))),
);

/** As Grafana does: whoever looks at all projects, pools and kinds. */
const filled = (expr: string): string => expr.replaceAll(/\$(project|pool|kind)\b/g, '.*');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
}

const rules = ['recording.rules.yml', 'alerts.rules.yml'].flatMap((file) => {
  const { groups } = parse(readFileSync(join(monitoring, 'rules', file), 'utf8')) as {
    groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return groups.flatMap(({ rules: of }) => of);
});

/** What an alert looks at, whether it fires or not. */
const observed = (expr: string): string[] => [
  ...new Set(expr.match(/\b(?:vitrine[\w:]+|up|activity_timeout)(?:\{[^}]*\})?/g)),
];

describe('a stack that is watched', () => {
  let stack: LocalStack;
  let prometheus: PrometheusClient;

  beforeAll(async () => {
    stack = await LocalStack.up({ config: 'monitoring: { scrapeSeconds: 1 }\n', flags: ['--monitoring'] });
    prometheus = new PrometheusClient((await stack.stackFile()).prometheus?.url ?? '');
    // A run with a training and a judgement, and a lost attempt: what all curves are about.
    await trainAndKill(stack, 'worker');
    const { stages, ...spec } = smallTraining('watched') as { stages: { train: { params: object } } };
    const train = { ...stages.train, params: { ...stages.train.params, epochs: 4 } };
    const judge = { kind: 'evaluate', inputs: { model: 'train.model' }, params: { test: { limit: 64 } } };
    const view = await stack.end(await stack.submit({ ...spec, stages: { train, judge } }));
    expect(view.status).toBe('succeeded');
    // Two looks after the last event, for every rate to have what it takes.
    await sleep(3_000);
  });
  afterAll(() => stack.destroy());

  it('has every part scraped', async () => {
    expect(await prometheus.values('count by (job) (up == 1)')).toHaveLength(3);
  });

  it.each(panels.filter(({ uid }) => uid !== 'vitrine-gpus'))(
    '$uid, $title has data: $expr',
    async ({ expr }) => {
      // The server tells of its queues when it has looked at them.
      const finite = async () =>
        (await prometheus.values(filled(expr))).filter(({ value }) => Number.isFinite(value));
      await expect.poll(finite, { timeout: 90_000, interval: 1_000 }).not.toHaveLength(0);
    },
    100_000,
  );

  it.each(panels.filter(({ uid }) => uid === 'vitrine-gpus'))(
    '$uid, $title is a question: $expr',
    async ({ expr }) => {
      // Without a GPU there is nothing to answer; with one there is.
      const gpus = await prometheus.values('vitrine_gpu_pool_info');
      expect((await prometheus.values(filled(expr))).length).toBe(gpus.length);
    },
  );

  it.each(rules.flatMap((rule) => (rule.record === undefined ? [] : [{ ...rule, record: rule.record }])))(
    '$record is recorded',
    async ({ record }) => {
      expect(await prometheus.values(record)).not.toHaveLength(0);
    },
  );

  it.each(rules.flatMap(({ alert, expr }) => (alert === undefined ? [] : [{ alert, expr }])))(
    '$alert is a question, and what it looks at is there',
    async ({ expr }) => {
      await prometheus.values(expr);
      for (const selector of observed(expr)) {
        const seen = await prometheus.values(selector);
        expect(seen, selector).not.toHaveLength(0);
      }
    },
  );

  it('is stopped with the rest', async () => {
    const { prometheus: running } = await stack.stackFile();
    await stack.vitrine('down');
    expect(() => process.kill(running?.pid ?? 0, 0)).toThrow('ESRCH');
  });
});
