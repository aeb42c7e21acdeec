import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { readConfig, readNativeFile } from '@vitrine/config';
import { METRICS } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { DASHBOARDS, lintDashboard, type LintContext } from './src/index.js';
import { knownLabels, knownMetrics } from './src/known-names.js';
import { metricsOf } from './src/promql.js';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');
const rulesDir = join(here, 'rules');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function rulesOf(file: string): Rule[] {
  const { groups } = parse(readFileSync(join(rulesDir, file), 'utf8')) as {
    groups: readonly { readonly rules: readonly Rule[] }[];
  };
  return groups.flatMap(({ rules }) => rules);
}

const recorded = rulesOf('recording.rules.yml');
const alerts = rulesOf('alerts.rules.yml');
const openApi = JSON.parse(readFileSync(join(root, 'apps/api/openapi.json'), 'utf8')) as { paths: object };
const context: LintContext = {
  metrics: new Set([...knownMetrics(), ...recorded.flatMap(({ record }) => record ?? [])]),
  labels: knownLabels(),
  uids: new Set(DASHBOARDS.map(({ uid }) => uid ?? '')),
  routes: new Set(Object.keys(openApi.paths)),
};

const promtool = (): string => {
  const found = readNativeFile(readConfig(process.env).stateDir)?.prometheus?.promtool;
  if (found) return found;
  throw new Error('Rules are tested by promtool, which the set-up fetches: run `npm start -- --setup-only`.');
};

describe('the boards', () => {
  it.each(DASHBOARDS.map((board) => [board.uid, board] as const))('%s has nothing wrong', (_uid, board) => {
    expect(lintDashboard(board, context)).toEqual([]);
  });

  it('have names of their own', () => {
    expect(context.uids.size).toBe(DASHBOARDS.length);
  });

  it('show every metric of the catalogue, but for those that only join', () => {
    const shown = new Set(JSON.stringify(DASHBOARDS).match(/vitrine[_:]\w+/g));
    const missing = Object.keys(METRICS).filter((name) =>
      ['', '_bucket', '_count'].every((ending) => !shown.has(`${name}${ending}`)),
    );
    expect(missing).toEqual([]);
  });
});

/** A board as the JSON that it is, for faults that its type forbids. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Planted = any;

/** Each fault that the lint is there for, put into a board that is right. */
const FAULTS: readonly [fault: string, complaint: RegExp, plant: (board: Planted, panel: Planted) => void][] =
  [
    ['a panel without a description', /has no description/, (_, panel) => delete panel.description],
    ['a panel without a unit', /has no unit/, (_, panel) => delete panel.fieldConfig.defaults.unit],
    ['a panel without a title', /has no title/, (_, panel) => delete panel.title],
    ['a panel that asks for nothing', /asks for nothing/, (_, panel) => (panel.targets = [])],
    ['a query that is empty', /empty query/, (_, panel) => (panel.targets[0].expr = '')],
    ['a query without a legend', /has no legend/, (_, panel) => delete panel.targets[0].legendFormat],
    [
      'a panel with a data source of its own',
      /its data source is not/,
      (_, panel) => (panel.datasource = { uid: 'mine' }),
    ],
    [
      'a query with one',
      /data source of a query is not/,
      (_, panel) => (panel.targets[0].datasource = { uid: 'mine' }),
    ],
    [
      'a metric that nobody emits',
      /vitrine_guess is no known metric/,
      (_, panel) => (panel.targets[0].expr = 'vitrine_guess'),
    ],
    [
      'a histogram without its ending',
      /vitrine_run_seconds is no known metric/,
      (_, panel) => (panel.targets[0].expr = 'rate(vitrine_run_seconds[5m])'),
    ],
    [
      'a curve by run',
      /run_id is no known label/,
      (_, panel) => (panel.targets[0].expr = 'sum by (run_id) (up)'),
    ],
    [
      'a legend by run',
      /run_id is no known label/,
      (_, panel) => (panel.targets[0].legendFormat = '{{run_id}}'),
    ],
    [
      'a variable that nothing uses',
      /variable idle is used nowhere/,
      (board) => board.templating.list.push({ name: 'idle', type: 'custom' }),
    ],
    [
      'a variable that is not there',
      /variable absent is used and not there/,
      (_, panel) => (panel.targets[0].expr = 'up{job="$absent"}'),
    ],
    [
      'no variable for the data source',
      /no variable for the data source/,
      (board) =>
        (board.templating.list = board.templating.list.filter(
          ({ name }: { name: string }) => name !== 'datasource',
        )),
    ],
    ['two panels of one name', /two panels are called/, (board, panel) => board.panels.push(panel)],
    [
      'a link to a board that is not there',
      /leads nowhere/,
      (board) => board.links.push({ url: '/d/no-such-board' }),
    ],
    [
      'a link to a route that is not there',
      /leads nowhere/,
      (_, panel) => (panel.fieldConfig.defaults.links = [{ url: '${api}/api/v1/nothing' }]),
    ],
    [
      'a mark with a data source of its own',
      /annotation "Failures": its data source/,
      (board) => (board.annotations.list.at(-1).datasource = { uid: 'mine' }),
    ],
    [
      'a mark of a metric that nobody emits',
      /annotation "Failures": nothing_at_all/,
      (board) => (board.annotations.list.at(-1).expr = 'nothing_at_all > 0'),
    ],
    ['a board without a description', /has no description/, (board) => delete board.description],
    ['a board without panels', /has no panels/, (board) => (board.panels = [])],
  ];

describe('the lint of boards', () => {
  it.each(FAULTS)('complains of %s', (_fault, complaint, plant) => {
    const board = JSON.parse(JSON.stringify(DASHBOARDS[0])) as Dashboard;
    plant(board, (board.panels ?? [])[0]);
    expect(lintDashboard(board, context).join('\n')).toMatch(complaint);
  });
});

describe('the rules', () => {
  it('pass their own cases', async () => {
    await promisify(execFile)(promtool(), ['test', 'rules', join(rulesDir, 'alerts.test.yml')]);
  });

  it.each([...recorded, ...alerts].map((rule) => [rule.alert ?? rule.record ?? '', rule] as const))(
    '%s reads metrics that somebody emits',
    (_name, { expr }) => {
      expect(metricsOf(expr).filter((name) => !context.metrics.has(name))).toEqual([]);
    },
  );

  it.each(alerts.map(({ alert = '' }) => alert))(
    '%s has a case that fires and one that does not',
    (alert) => {
      const { tests } = parse(readFileSync(join(rulesDir, 'alerts.test.yml'), 'utf8')) as {
        tests: readonly {
          readonly alert_rule_test: readonly {
            readonly alertname: string;
            readonly exp_alerts: readonly object[];
          }[];
        }[];
      };
      const cases = tests.map(({ alert_rule_test }) =>
        alert_rule_test.filter(({ alertname }) => alertname === alert),
      );
      expect(cases.some((looks) => looks.some(({ exp_alerts }) => exp_alerts.length > 0))).toBe(true);
      expect(
        cases.some((looks) => looks.length > 0 && looks.every(({ exp_alerts }) => exp_alerts.length === 0)),
      ).toBe(true);
    },
  );

  it.each(alerts.map((rule) => [rule.alert ?? '', rule.annotations ?? {}] as const))(
    '%s says what to do, in a page that is there',
    (alert, { summary, description, runbook = '' }) => {
      expect(summary).toBeTruthy();
      expect(description).toBeTruthy();
      const [file = '', anchor] = runbook.split('#');
      expect(anchor).toBe(alert.toLowerCase());
      expect(readFileSync(join(root, file), 'utf8')).toContain(`### ${alert}\n`);
    },
  );

  it('lie in the folder that Prometheus is given', () => {
    expect(readdirSync(rulesDir).filter((name) => name.endsWith('.rules.yml'))).toEqual([
      'alerts.rules.yml',
      'recording.rules.yml',
    ]);
  });
});
