import { html, type Html } from './html.js';
import { colourOf, type EvaluationInput, type ReportData } from './report-data.js';

/** What each model takes clean images for. */
export function confusionSection(data: ReportData): Html {
  const colour = colourOf(data);
  return html`<section id="confusion" aria-labelledby="confusion-title">
    <h2 id="confusion-title">Confusion</h2>
    <p class="note">
      Clean test images. Rows are the true class, columns the prediction; a stronger colour is more of the
      row.
    </p>
    <div class="matrices">
      ${data.evaluations.map((input, index) => matrix(input, { colour: colour(input.label), index }))}
    </div>
  </section>`;
}

function matrix(
  { label, evaluation: { classNames, confusion } }: EvaluationInput,
  { colour, index }: { colour: number; index: number },
): Html {
  const id = `confusion-${index}`;
  return html`<div class="matrix">
    <h3 id="${id}"><span class="key block s${colour % 8}"></span>${label}</h3>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="${id}">
      <table class="confusion">
        <thead>
          <tr>
            <th scope="col"><span class="unseen">True class</span></th>
            ${classNames.map((name) => html`<th scope="col"><span>${name}</span></th>`)}
          </tr>
        </thead>
        <tbody>
          ${confusion.map((row, k) => {
            const total = row.reduce((sum, count) => sum + count, 0);
            return html`<tr>
              <th scope="row">${classNames[k] ?? k}</th>
              ${row.map(
                (count, predicted) =>
                  html`<td
                    class="${predicted === k ? 'right' : ''}"
                    style="--share:${total === 0 ? 0 : (count / total).toFixed(3)}"
                  >
                    ${count === 0 ? html`<span class="zero">0</span>` : count}
                  </td>`,
              )}
            </tr>`;
          })}
        </tbody>
      </table>
    </div>
  </div>`;
}
