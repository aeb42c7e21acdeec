import { html, type Html } from './html.js';
import type { EvaluationInput, ReportData } from './report-data.js';
import { corruptionName, formatPercent } from './text.js';

/** Evaluations that have corrupted images. */
export const corruptedEvaluations = ({ evaluations }: ReportData): EvaluationInput[] =>
  evaluations.filter(({ evaluation }) => evaluation.corruptions !== undefined);

/** Accuracy of every model under every corruption, the mean over the severities that were measured. */
export function corruptionSection(data: ReportData): Html {
  const inputs = corruptedEvaluations(data);
  const means = inputs.map(({ evaluation }) => meansOf(evaluation));
  const kinds = [...new Set(means.flatMap((mean) => [...mean.keys()]))];
  const cell = (accuracy: number | null | undefined): Html =>
    html`<td class="number">${accuracy == null ? '–' : formatPercent(accuracy)}</td>`;
  return html`<section id="corruptions" aria-labelledby="corruptions-title">
    <h2 id="corruptions-title">Corruptions</h2>
    <p class="note">
      Accuracy on images corrupted as by Hendrycks and Dietterich (ICLR 2019), generated here; means over the
      severities measured. The mean corruption error (mCE) weighs by AlexNet’s errors and is given for 1000
      classes alone.
    </p>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="corruptions-title">
      <table>
        <thead>
          <tr>
            <th scope="col">Corruption</th>
            ${inputs.map(({ label }) => html`<th scope="col" class="number">${label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${kinds.map(
            (kind) =>
              html`<tr>
                <th scope="row">${corruptionName(kind)}</th>
                ${means.map((mean) => cell(mean.get(kind)))}
              </tr>`,
          )}
          <tr>
            <th scope="row">Mean</th>
            ${inputs.map(({ evaluation }) => cell(1 - (evaluation.corruptions?.meanError ?? NaN)))}
          </tr>
          <tr>
            <th scope="row">Relative mCE, per cent of AlexNet</th>
            ${inputs.map(
              ({ evaluation }) =>
                html`<td class="number">
                  ${evaluation.corruptions?.relativeCorruptionError?.toFixed(1) ?? '–'}
                </td>`,
            )}
          </tr>
          <tr>
            <th scope="row">mCE, per cent of AlexNet</th>
            ${inputs.map(
              ({ evaluation }) =>
                html`<td class="number">
                  ${evaluation.corruptions?.meanCorruptionError?.toFixed(1) ?? '–'}
                </td>`,
            )}
          </tr>
        </tbody>
      </table>
    </div>
  </section>`;
}

function meansOf({ conditions }: EvaluationInput['evaluation']): Map<string, number> {
  const sums = new Map<string, { sum: number; count: number }>();
  for (const { condition, accuracy } of conditions) {
    if (condition.kind !== 'corruption') continue;
    const { sum, count } = sums.get(condition.corruption) ?? { sum: 0, count: 0 };
    sums.set(condition.corruption, { sum: sum + accuracy, count: count + 1 });
  }
  return new Map([...sums].map(([kind, { sum, count }]) => [kind, sum / count]));
}
