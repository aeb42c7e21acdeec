/** Selects the stages that a board's variables name. */
export const STAGES = 'project=~"$project", pool=~"$pool", kind=~"$kind"';

/** A quantile of a histogram over the last minutes. */
export function quantile(
  q: number,
  metric: string,
  { by = [], select = '' }: { readonly by?: readonly string[]; readonly select?: string } = {},
): string {
  const labels = ['le', ...by].join(', ');
  return `histogram_quantile(${q}, sum by (${labels}) (rate(${metric}_bucket${braces(select)}[5m])))`;
}

/** Median and the slow end, for people. */
export function spread(
  metric: string,
  options: { readonly by?: readonly string[]; readonly select?: string } = {},
): { readonly expr: string; readonly legend: string }[] {
  const of = (options.by ?? []).map((label) => `{{${label}}}`).join(' ');
  return [0.5, 0.95].map((q) => ({
    expr: quantile(q, metric, options),
    legend: `${of} p${q * 100}`.trim(),
  }));
}

const braces = (select: string): string => (select === '' ? '' : `{${select}}`);

const KEYWORDS = new Set([
  ...['and', 'or', 'unless', 'by', 'without', 'on', 'ignoring', 'group_left', 'group_right'],
  ...['offset', 'bool', 'inf', 'nan'],
]);

/** The metrics that an expression reads. */
export function metricsOf(expr: string): string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '')
    .replaceAll(/\{[^}]*\}/g, '')
    .replaceAll(/\[[^\]]*\]/g, '')
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, '')
    .replaceAll(/\$\w+|\$\{\w+\}/g, '')
    .replaceAll(/\boffset\s+\d+\w/g, '')
    .replaceAll(/\b\d[\w.]*/g, '');
  const names = [...bare.matchAll(/[a-zA-Z_:][\w:]*(?!\w)(?!\s*\()/g)].map(([name]) => name);
  return [...new Set(names.filter((name) => !KEYWORDS.has(name.toLowerCase())))];
}

/** The variables of Grafana's that a text uses, its own such as `$__interval` aside. */
export function variablesOf(text: string): string[] {
  const found = [...text.matchAll(/\$(?:\{(\w+)[^}]*\}|(\w+))/g)].map(
    ([, braced, plain]) => braced ?? plain ?? '',
  );
  return [...new Set(found.filter((name) => !name.startsWith('__')))];
}
