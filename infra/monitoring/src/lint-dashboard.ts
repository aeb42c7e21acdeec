import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { metricsOf, variablesOf } from './promql.js';

export interface LintContext {
  /** Names that expressions may read, with the endings of histograms. */
  readonly metrics: ReadonlySet<string>;
  /** Labels that must not be asked for or drawn: they are none of ours. */
  readonly labels: ReadonlySet<string>;
  /** Ids of all boards. */
  readonly uids: ReadonlySet<string>;
  /** Paths that the API answers, as its description has them. */
  readonly routes: ReadonlySet<string>;
}

interface Target {
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly datasource?: { readonly uid?: string };
}

interface Panel {
  readonly title?: string;
  readonly description?: string;
  readonly datasource?: { readonly uid?: string };
  readonly targets?: readonly Target[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string; readonly links?: readonly { readonly url?: string }[] };
  };
}

const SOURCE = '${datasource}';

/** What is wrong with a board, a line each. */
export function lintDashboard(dashboard: Dashboard, context: LintContext): string[] {
  const panels = (dashboard.panels ?? []) as readonly Panel[];
  return [
    ...(dashboard.description ? [] : [`${dashboard.uid}: has no description`]),
    ...(panels.length > 0 ? [] : [`${dashboard.uid}: has no panels`]),
    ...duplicates(panels.map(({ title }) => title ?? '')).map((title) => `two panels are called "${title}"`),
    ...panels.flatMap((panel) => lintPanel(panel, context)),
    ...lintVariables(dashboard),
    ...lintMarks(dashboard, context),
    ...lintLinks(dashboard, panels, context),
  ];
}

function lintPanel(panel: Panel, context: LintContext): string[] {
  const { title = '', description, datasource, targets = [], fieldConfig } = panel;
  const at = `panel "${title}"`;
  return [
    ...(title ? [] : ['a panel has no title']),
    ...(description ? [] : [`${at}: has no description`]),
    ...(fieldConfig?.defaults.unit ? [] : [`${at}: has no unit`]),
    ...(datasource?.uid === SOURCE ? [] : [`${at}: its data source is not ${SOURCE}`]),
    ...(targets.length > 0 ? [] : [`${at}: asks for nothing`]),
    ...targets.flatMap((target) => lintTarget(target, at, context)),
  ];
}

function lintTarget(
  { expr = '', legendFormat, datasource }: Target,
  at: string,
  context: LintContext,
): string[] {
  return [
    ...(expr
      ? unknownMetrics(expr, context).map((name) => `${at}: ${name} is no known metric`)
      : [`${at}: has an empty query`]),
    ...(legendFormat ? [] : [`${at}: a query has no legend`]),
    ...(datasource?.uid === SOURCE ? [] : [`${at}: the data source of a query is not ${SOURCE}`]),
    ...labelsOf(`${expr} ${legendFormat}`, context).map((label) => `${at}: ${label} is no known label`),
  ];
}

function unknownMetrics(expr: string, { metrics }: LintContext): string[] {
  return metricsOf(expr).filter((name) => !metrics.has(name));
}

/** Labels that are grouped by, selected or drawn. */
function labelsOf(text: string, { labels }: LintContext): string[] {
  const grouped = [...text.matchAll(/\b(?:by|on|group_left)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(','),
  );
  const selected = [...text.matchAll(/([a-zA-Z_]\w*)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label = '']) => label);
  const drawnLabels = [...text.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label = '']) => label);
  const all = [...grouped, ...selected, ...drawnLabels].map((label) => label.trim());
  return [...new Set(all)].filter((label) => label !== '' && !labels.has(label));
}

function lintVariables(dashboard: Dashboard): string[] {
  const variables = dashboard.templating?.list ?? [];
  const names = variables.map(({ name }) => name);
  const body = JSON.stringify({ ...dashboard, templating: undefined });
  const used = new Set([
    ...variablesOf(body),
    ...variables.flatMap((each) => variablesOf(JSON.stringify(each))),
  ]);
  return [
    ...(names.includes('datasource') ? [] : ['there is no variable for the data source']),
    ...names.filter((name) => !used.has(name)).map((name) => `variable ${name} is used nowhere`),
    ...[...used]
      .filter((name) => !names.includes(name))
      .map((name) => `variable ${name} is used and not there`),
  ];
}

function lintMarks(dashboard: Dashboard, context: LintContext): string[] {
  return (dashboard.annotations?.list ?? []).flatMap(({ name, expr = '', datasource }) => [
    ...(datasource.uid === SOURCE ? [] : [`annotation "${name}": its data source is not ${SOURCE}`]),
    ...unknownMetrics(expr, context).map((metric) => `annotation "${name}": ${metric} is no known metric`),
  ]);
}

function lintLinks(dashboard: Dashboard, panels: readonly Panel[], context: LintContext): string[] {
  const urls = [
    ...(dashboard.links ?? []).flatMap(({ url }) => url ?? []),
    ...panels.flatMap(({ fieldConfig }) =>
      (fieldConfig?.defaults.links ?? []).flatMap(({ url }) => url ?? []),
    ),
  ].filter((url) => url !== '');
  return [...new Set(urls)]
    .filter((url) => !resolves(url, context))
    .map((url) => `the link ${url} leads nowhere`);
}

function resolves(url: string, { uids, routes }: LintContext): boolean {
  const [, board] = /^\/d\/([\w-]+)/.exec(url) ?? [];
  if (board !== undefined) return uids.has(board);
  const [, path] = /^\$\{api\}(\/[^?]*)/.exec(url) ?? [];
  return path !== undefined && routes.has(path);
}

function duplicates(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
}
