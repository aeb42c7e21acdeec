import { html, type Html } from './html.js';
import { PUBLISHED, type PublishedColumn, type PublishedTable } from './published-tables.js';
import type { EvaluationInput, ReportData } from './report-data.js';
import { conditionName, formatNumber } from './text.js';

/** Published tables with our figures beside the rows that they repeat. */
export function publishedSection(data: ReportData): Html {
  return html`<section id="published" aria-labelledby="published-title">
    <h2 id="published-title">Published figures beside ours</h2>
    <p class="note">
      Published figures are of ImageNet and one run each; ours are of the data set, model and attack of this
      run, so heights do not compare. What compares is how a row stands to the first of its table: that
      difference is in brackets. ${notRun(data)}
    </p>
    ${data.published.map(({ table, rows }) => tableOf(PUBLISHED[table], rows, data))}
  </section>`;
}

const IMAGENET = { classes: 1000, images: 50_000 };

/** What of the paper's protocol this run leaves out. */
function notRun({ evaluations: [first] }: ReportData): Html {
  if (!first) return html`No model was judged here.`;
  const { dataset, labels, classNames } = first.evaluation;
  const whole = classNames.length === IMAGENET.classes && labels.length >= IMAGENET.images;
  return html`A dash is what was not run here:
  ${!whole && html`<strong>ImageNet at full size</strong> (ours are ${formatNumber(labels.length)} images of ${dataset}, ${formatNumber(classNames.length)} classes), `}its
  shifted sets, DamageNet, CW and PatchFool.`;
}

function tableOf(table: PublishedTable, mapped: Readonly<Record<string, string>>, data: ReportData): Html {
  const evaluationOf = (method: string): EvaluationInput | undefined =>
    data.evaluations.find(({ label }) => label === mapped[method]);
  const [first] = table.rows;
  const ourFirst = table.rows.map(({ method }) => evaluationOf(method)).find((each) => each);
  const shownConditions = [
    ...new Set(table.columns.flatMap((column) => conditionOf(ourFirst, column) ?? [])),
  ];
  return html`<h3>${table.title}</h3>
    <p class="note">
      Source: ${table.source}. ${table.note}
      ${shownConditions.length > 0 && html`Our columns: ${shownConditions.join('; ')}.`}
    </p>
    <div class="scroll" role="region" tabindex="0" aria-label="${table.title}">
      <table>
        <thead>
          <tr>
            <th scope="col">Method</th>
            ${table.columns.map(({ name, lowerIsBetter }) => html`<th scope="col" class="number">${name}${lowerIsBetter && ' ↓'}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${table.rows.map(({ method, values }) => {
            const ours = evaluationOf(method);
            return html`<tr>
                <th scope="row">${method}, published</th>
                ${values.map((value, at) => cell(value, first?.values[at] ?? null, method === first?.method))}
              </tr>
              ${ours && ourRow(ours, table, ourFirst)}`;
          })}
        </tbody>
      </table>
    </div>`;
}

function ourRow(ours: EvaluationInput, table: PublishedTable, first: EvaluationInput | undefined): Html {
  return html`<tr>
    <th scope="row">${ours.label}, ours</th>
    ${table.columns.map((column) =>
      cell(percentOf(ours, column), first ? percentOf(first, column) : null, ours === first),
    )}
  </tr>`;
}

/** A value with its difference from the first row's. */
function cell(value: number | null, first: number | null, isFirst: boolean): Html {
  if (value === null) return html`<td class="number">–</td>`;
  const difference = first === null || isFirst ? undefined : value - first;
  return html`<td class="number">
    ${value.toFixed(2)}${difference !== undefined && html` <span class="share">(${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(2)})</span>`}
  </td>`;
}

/** The first result of a kind, or all of the corruptions. */
function resultsOf(input: EvaluationInput | undefined, { ours }: PublishedColumn) {
  const found = input?.evaluation.conditions.filter(({ condition }) => condition.kind === ours) ?? [];
  return ours === 'corruption' ? found : found.slice(0, 1);
}

function percentOf(input: EvaluationInput, column: PublishedColumn): number | null {
  const results = resultsOf(input, column);
  if (results.length === 0) return null;
  const accuracy = results.reduce((sum, result) => sum + result.accuracy, 0) / results.length;
  return 100 * (column.ours === 'corruption' ? 1 - accuracy : accuracy);
}

function conditionOf(input: EvaluationInput | undefined, column: PublishedColumn): string | undefined {
  const results = resultsOf(input, column);
  const [first] = results;
  if (!first) return undefined;
  return column.ours === 'corruption'
    ? `${column.name}: mean error under ${results.length} corruptions and severities, not a share of AlexNet’s`
    : `${column.name}: ${conditionName(first.condition)}`;
}
