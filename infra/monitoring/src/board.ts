import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardLinkBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
  type Dashboard,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimeseriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

/** Everything goes through the variable: whoever imports a board chooses a data source of his own. */
const SOURCE = { type: 'prometheus', uid: '${datasource}' };

/** Names that Grafana gives to units; those of the catalogue have one each. */
export type Unit =
  's' | 'bytes' | 'Bps' | 'percentunit' | 'short' | 'none' | 'ops' | 'celsius' | 'watt' | 'cps';

export interface Line {
  readonly expr: string;
  readonly legend: string;
}

export interface PanelPlan {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  readonly lines: readonly Line[];
  /** One figure instead of curves. */
  readonly stat?: true;
  /** A link to the runs of the project that a curve is of. */
  readonly toRuns?: true;
  /** Of 24 columns. */
  readonly span?: number;
}

/** Variables a board may have, with where their values come from. */
const VARIABLES = {
  project: 'label_values(vitrine_runs_submitted_total, project)',
  pool: 'label_values(vitrine_pool_slots, pool)',
  kind: 'label_values(vitrine_stages_running, kind)',
} as const;

export interface BoardPlan {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly (keyof typeof VARIABLES)[];
  readonly panels: readonly PanelPlan[];
}

/** Where the runs of a project are listed, and each leads to its own page. */
const RUNS = '${api}/api/v1/runs?project=${__field.labels.project}';

/** The board of a plan, as Grafana takes it. */
export function board({ uid, title, description, variables, panels }: BoardPlan): Dashboard {
  const builder = new DashboardBuilder(`Vitrine: ${title}`)
    .uid(uid)
    .description(description)
    .tags(['vitrine'])
    .timezone('browser')
    .refresh('10s')
    .time({ from: 'now-1h', to: 'now' })
    .readonly()
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  if (panels.some(({ toRuns }) => toRuns))
    builder.withVariable(
      new TextBoxVariableBuilder('api').label('API').defaultValue('http://127.0.0.1:7080'),
    );
  for (const name of variables)
    builder.withVariable(
      new QueryVariableBuilder(name)
        .label(name)
        .datasource(SOURCE)
        .query({ query: VARIABLES[name], refId: name })
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .sort(VariableSort.AlphabeticalAsc)
        .multi(true)
        .includeAll(true)
        .allValue('.*'),
    );
  for (const { name, expr, color } of MARKS)
    builder.annotation(
      new AnnotationQueryBuilder().name(name).datasource(SOURCE).enable(true).iconColor(color).expr(expr),
    );
  builder.link(
    new DashboardLinkBuilder('Vitrine').tags(['vitrine']).asDropdown(true).keepTime(true).includeVars(true),
  );
  for (const panel of panels) builder.withPanel(drawn(panel));
  return builder.build();
}

/** What happened, drawn over every curve. */
const MARKS = [
  {
    name: 'Deployments',
    expr: 'changes(process_start_time_seconds{job=~"vitrine-api|vitrine-worker"}[1m]) > 0',
    color: 'blue',
  },
  {
    name: 'Failures',
    expr: 'sum by (kind, outcome) (increase(vitrine_stage_attempts_total{outcome!~"succeeded|Cancelled"}[1m])) > 0',
    color: 'red',
  },
] as const;

function drawn({
  title,
  description,
  unit,
  lines,
  stat,
  toRuns,
  span,
}: PanelPlan): StatBuilder | TimeseriesBuilder {
  const builder = stat ? new StatBuilder() : new TimeseriesBuilder();
  builder
    .title(title)
    .description(description)
    .datasource(SOURCE)
    .unit(unit)
    .span(span ?? (stat ? 6 : 12))
    .height(stat ? 5 : 8);
  lines.forEach(({ expr, legend }, index) =>
    builder.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode(65 + index))
        .datasource(SOURCE)
        .expr(expr)
        .legendFormat(legend)
        .range(),
    ),
  );
  if (toRuns)
    builder.dataLinks([new DashboardLinkBuilder('Runs of this project').url(RUNS).targetBlank(true)]);
  return builder;
}
