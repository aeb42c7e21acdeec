import { html, type Html } from './html.js';
import type { EvaluationInput, ReportData } from './report-data.js';
import { formatBudget } from './text.js';

/** Evaluations whose attacks can be held against each other. */
export const checkedEvaluations = ({ evaluations }: ReportData): EvaluationInput[] =>
  evaluations.filter(({ evaluation }) => (evaluation.masking ?? []).length > 0);

/** Whether attacks behave as they do where gradients are not masked. */
export function maskingSection(data: ReportData): Html {
  const inputs = checkedEvaluations(data);
  const rows = inputs.flatMap(({ label, evaluation }) =>
    (evaluation.masking ?? []).map((check) => ({ label, ...check })),
  );
  const failed = rows.filter(({ holds }) => !holds).length;
  return html`<section id="masking" aria-labelledby="masking-title">
    <h2 id="masking-title">Signs of masked gradients</h2>
    ${
      failed > 0 &&
      html`<p>
        <span class="mark">Warning:</span> ${failed} of ${rows.length} checks do not hold. Accuracy under
        attacks that follow gradients may then say how hard a model is to attack by them, and not how robust
        it is.
      </p>`
    }
    <p class="note">
      After Athalye, Carlini and Wagner (ICML 2018): without a bound an attack succeeds always; answers alone
      do no more harm than gradients, one step no more than many, a small budget no more than a large one.
    </p>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="masking-title">
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">ε</th>
            <th scope="col">Expected</th>
            <th scope="col">Found</th>
            <th scope="col">Holds</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ label, epsilon, expected, found, holds }) =>
              html`<tr>
                <th scope="row">${label}</th>
                <td>${formatBudget(epsilon)}</td>
                <td>${expected}</td>
                <td>${found}</td>
                <td>${holds ? 'yes' : html`<span class="mark">no</span>`}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
