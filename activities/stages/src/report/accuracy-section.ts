import { html, type Html } from './html.js';
import { colourOf, type EvaluationInput, type ReportData } from './report-data.js';
import { conditionName, formatPercent } from './text.js';

type Result = EvaluationInput['evaluation']['conditions'][number];

interface Row {
  readonly label: string;
  readonly result: Result;
}

/** One card a model: accuracy on clean images, and the condition that hurts most. Not for each seed of a study. */
export function summaryCards(data: ReportData): Html {
  if (data.evaluations.length === 0 || data.study) return html``;
  const colour = colourOf(data);
  return html`<ul class="cards">
    ${data.evaluations.map(({ label, evaluation: { conditions } }) => {
      const clean = conditions.find(({ condition }) => condition.kind === 'clean');
      const worst = conditions.reduce((a, b) => (b.accuracy < a.accuracy ? b : a));
      const shown = clean ?? worst;
      return html`<li class="card">
        <h2><span class="key block s${colour(label) % 8}"></span>${label}</h2>
        <p class="figure">${formatPercent(shown.accuracy)}</p>
        <p>${conditionName(shown.condition)}, 95 % interval ${interval(shown)}</p>
        ${worst !== shown && html`<p>Lowest: ${formatPercent(worst.accuracy)}, ${conditionName(worst.condition)}</p>`}
      </li>`;
    })}
  </ul>`;
}

/** Accuracy of every model under every condition, as bars with intervals beside the numbers. */
export function accuracySection(data: ReportData): Html {
  const groups = new Map<string, Row[]>();
  for (const { label, evaluation } of data.evaluations)
    for (const result of evaluation.conditions) {
      // Corruptions have a table of their own.
      if (result.condition.kind === 'corruption') continue;
      const name = conditionName(result.condition);
      groups.set(name, [...(groups.get(name) ?? []), { label, result }]);
    }
  const colour = colourOf(data);
  return html`<section id="accuracy" aria-labelledby="accuracy-title">
    <h2 id="accuracy-title">Accuracy</h2>
    <p class="note">
      Share of test images classified right. The line over each bar is Wilson’s 95 % interval: two models
      whose intervals overlap widely are not told apart by this many images. The change is the mean L2 norm of
      what was done to the pixels, from 0 to 1 each: of DeepFool the smallest found that makes an image wrong,
      so more is better.
    </p>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="accuracy-title">
      <table class="accuracy">
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col" class="bars">
              <span class="axis" aria-hidden="true"><span>0</span><span>50</span><span>100 %</span></span>
              <span class="unseen">Bar</span>
            </th>
            <th scope="col" class="number">Accuracy</th>
            <th scope="col" class="number">95 % interval</th>
            <th scope="col" class="number">Right</th>
            <th scope="col" class="number">Change, L2</th>
          </tr>
        </thead>
        ${[...groups].map(
          ([name, rows]) =>
            html`<tbody>
              <tr>
                <th scope="rowgroup" colspan="6">${name}</th>
              </tr>
              ${rows.map((row) => accuracyRow(row, colour(row.label)))}
            </tbody>`,
        )}
      </table>
    </div>
  </section>`;
}

function accuracyRow({ label, result }: Row, colour: number): Html {
  const percent = (fraction: number): string => (100 * fraction).toFixed(2);
  return html`<tr>
    <th scope="row">${label}</th>
    <td class="bars">
      <span class="bar s${colour % 8}" aria-hidden="true">
        <span class="fill" style="width:${percent(result.accuracy)}%"></span>
        <span
          class="whisker"
          style="left:${percent(result.low)}%;width:${percent(result.high - result.low)}%"
        ></span>
      </span>
    </td>
    <td class="number">${formatPercent(result.accuracy)}</td>
    <td class="number">${interval(result)}</td>
    <td class="number">${result.correct} of ${result.images}</td>
    <td class="number">${result.distance === undefined ? '–' : result.distance.toFixed(2)}</td>
  </tr>`;
}

const interval = ({ low, high }: Result): string => `${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)}`;
