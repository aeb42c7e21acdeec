import { z } from 'zod';

/** @typedef {typeof import('@vitrine/contracts')} Contracts */

const HEAD = '<!-- Written by `npm run docs` from the contracts; do not edit. -->\n\n';

/** @param {string} text */
function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
function table(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`);
  return `${lines.join('\n')}\n`;
}

/**
 * Leaves of a JSON Schema as rows `path, type, default`.
 * @param {Record<string, any>} schema
 * @param {string} path
 * @returns {string[][]}
 */
function parameterRows(schema, path = '') {
  if (schema.type === 'object' && schema.properties) {
    return Object.entries(schema.properties).flatMap(([name, inner]) =>
      parameterRows(inner, path ? `${path}.${name}` : name),
    );
  }
  const range = [
    schema.minimum ?? (schema.exclusiveMinimum === undefined ? undefined : `> ${schema.exclusiveMinimum}`),
    schema.maximum,
  ];
  const bounds = range.some(
    (bound) => bound !== undefined && Math.abs(Number(bound)) !== Number.MAX_SAFE_INTEGER,
  )
    ? ` (${range.map((bound) => (bound === undefined || Math.abs(Number(bound)) === Number.MAX_SAFE_INTEGER ? '' : bound)).join(' .. ')})`
    : '';
  const type = schema.enum ? schema.enum.join(', ') : (schema.type ?? 'one of several forms');
  const fallback = schema.default === undefined ? '' : `\`${JSON.stringify(schema.default)}\``;
  return [[`\`${path}\``, `${type}${bounds}`, fallback]];
}

/**
 * Ports that a stage's own parameters declare have no table.
 * @param {object | Function} ports
 * @param {readonly string[]} head
 * @param {(entry: [string, any]) => string[]} row
 */
function portTable(ports, head, row) {
  if (typeof ports === 'function') return `The ${head[0]}s are declared in \`params.${head[0]}s\`.`;
  const entries = Object.entries(ports);
  return entries.length > 0 && table(head, entries.map(row));
}

/**
 * What every stage may say beside its inputs and parameters.
 * @param {Contracts['stageSpecSchemaByKind']['train']} anyKind
 */
function commonSection(anyKind) {
  /** @type {Record<string, any>} */
  const schema = z.toJSONSchema(anyKind, { io: 'output' });
  const { kind: _kind, inputs: _inputs, params: _params, ...common } = schema.properties;
  const demands =
    'A demand of `when` names a `stage`, a `field` of its summary such as `conditions.0.accuracy`, and at least one of `equals`, `differsFrom`, `atLeast`, `above`, `atMost`, `below`. A stage whose demand is not met is skipped.';
  return [
    '## Every stage',
    table(['field', 'type', 'default'], parameterRows({ type: 'object', properties: common })),
    demands,
  ].join('\n\n');
}

/** @param {Contracts} contracts */
export function stagesPage({ STAGES, stageSpecSchemaByKind }) {
  const sections = Object.values(STAGES).map((stage) => {
    /** @type {Record<string, any>} */
    const schema = z.toJSONSchema(stage.params, { io: 'output' });
    const inputs = portTable(stage.inputs, ['input', 'type', 'required', 'what'], ([name, port]) => [
      `\`${name}\``,
      port.arity === 'many' ? `map of ${port.type}` : port.type,
      port.required ? 'yes' : 'no',
      port.description,
    ]);
    const outputs = portTable(stage.outputs, ['output', 'type', 'what'], ([name, port]) => [
      `\`${name}\``,
      port.type,
      port.description,
    ]);
    return [
      `## ${stage.kind}`,
      stage.description,
      ...(stage.cache === false ? ['Results are kept only where a pipeline says `cache: true`.'] : []),
      inputs || 'No inputs.',
      outputs || 'No outputs.',
      table(['parameter', 'type', 'default'], parameterRows(schema)),
    ].join('\n\n');
  });
  return `${HEAD}# Stage kinds\n\n${commonSection(stageSpecSchemaByKind.train)}\n\n${sections.join('\n\n')}\n`;
}

/** @param {Contracts} contracts */
export function errorsPage({ ERRORS }) {
  const rows = Object.entries(ERRORS).map(([code, facts]) => [
    `\`${code}\``,
    'elsewhere' in facts ? `${facts.retry}, elsewhere` : facts.retry,
    String(facts.http),
    facts.hint,
  ]);
  return `${HEAD}# Errors\n\nThe closed list. \`retry\` names the budget an attempt is counted against; \`elsewhere\`: the next attempt is for another worker.\n\n${table(['code', 'retry', 'HTTP', 'what to do'], rows)}`;
}

/** @param {Contracts} contracts */
export function failureRulesPage({ DEFAULT_FAILURE_RULES }) {
  const rows = DEFAULT_FAILURE_RULES.map((rule) => {
    const { then, because, ...fits } = rule;
    const [[what = '', value] = []] = Object.entries(fits);
    return [what, `\`${Array.isArray(value) ? value.join(', ') : value}\``, `\`${then}\``, because];
  });
  return [
    `${HEAD}# Failure rules that ship`,
    'The first rule that fits counts: those of the stage (`failures`), then those of `vitrine.yaml` (`failures`), then these.',
    table(['fits', 'which', 'then', 'because'], rows),
  ].join('\n\n');
}

/** @param {Contracts} contracts */
export function metricsPage({ METRICS, METRIC_LABELS }) {
  const rows = Object.entries(METRICS).map(([name, metric]) => [
    `\`${name}\``,
    metric.type,
    metric.unit,
    metric.labels.join(', '),
    metric.help,
    'buckets' in metric ? metric.buckets.join(', ') : '',
  ]);
  const labels = Object.entries(METRIC_LABELS).map(([name, domain]) => [`\`${name}\``, domain]);
  return [
    `${HEAD}# Metrics`,
    'What API and worker expose at `/metrics`. Dashboards and alerts: [monitoring](../monitoring.md).',
    table(['name', 'type', 'unit', 'labels', 'help', 'buckets'], rows),
    '## Labels\n\nThe values of each label are bounded by what is named; ids of runs are never among them.',
    table(['label', 'values'], labels),
  ].join('\n\n');
}
