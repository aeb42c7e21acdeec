import type { Study, StudyArm, StudyRow } from '../evaluation/study.js';
import { html, type Html } from './html.js';
import { formatPercent } from './text.js';

/** Every arm of a study against its control, and in words what that says. */
export function studySection(study: Study | undefined): Html {
  if (!study) return html``;
  const { control, seeds, images, arms } = study;
  const rows = arms.reduce((sum, arm) => sum + arm.rows.length, 0);
  const over =
    seeds.length > 1
      ? html`over ${seeds.length} seeds and ${images} test images, both taken as samples`
      : html`over ${images} test images of one seed: another seed may say something else`;
  return html`<section id="study" aria-labelledby="study-title">
    <h2 id="study-title">Study</h2>
    <p class="note">
      Accuracy of each arm less that of ${control}, in points, paired by seed and image; 95 % intervals
      ${over}. Of ${rows} such intervals ${(rows * 0.05).toFixed(1)} are expected to miss the truth. The last
      column is the difference that this many seeds and images would have shown four times in five.
    </p>
    ${arms.map((arm) => armTable(arm, control))}
  </section>`;
}

function armTable({ arm, rows }: StudyArm, control: string): Html {
  const id = `study-${arm}`;
  return html`<h3 id="${id}">${arm} against ${control}</h3>
    ${verdict(arm, rows)}
    <div class="scroll" role="region" tabindex="0" aria-labelledby="${id}">
      <table>
        <thead>
          <tr>
            <th scope="col">Condition</th>
            <th scope="col" class="number">${arm}</th>
            <th scope="col" class="number">${control}</th>
            <th scope="col" class="number">Difference</th>
            <th scope="col" class="number">95 % interval</th>
            <th scope="col" class="number">McNemar’s p, seed by seed</th>
            <th scope="col" class="number">Smallest that could be seen</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(studyRow)}
        </tbody>
      </table>
    </div>`;
}

function studyRow({ condition, accuracy, controlAccuracy, comparison, tests }: StudyRow): Html {
  const { difference, low, high, detectable } = comparison;
  return html`<tr>
    <th scope="row">${condition}</th>
    <td class="number">${formatPercent(accuracy)}</td>
    <td class="number">${formatPercent(controlAccuracy)}</td>
    <td class="number">${points(difference)}</td>
    <td class="number">${points(low)} to ${points(high)}</td>
    <td class="number">${tests.map(({ pValue }) => pValue.toPrecision(2)).join(', ') || '–'}</td>
    <td class="number">${points(detectable)}</td>
  </tr>`;
}

/** Where the arm helps, where it does not, and what the study could not see. */
function verdict(arm: string, rows: readonly StudyRow[]): Html {
  const names = (those: readonly StudyRow[]): string =>
    those.map(({ condition, comparison }) => `${condition} (${points(comparison.difference)})`).join('; ');
  const better = rows.filter(({ comparison }) => comparison.low > 0);
  const worse = rows.filter(({ comparison }) => comparison.high < 0);
  const open = rows.filter((row) => !better.includes(row) && !worse.includes(row));
  const unseen = open
    .map(({ condition, comparison }) => `${condition} (below ${points(comparison.detectable)})`)
    .join('; ');
  return html`<ul class="verdict">
    <li>Where ${arm} helps: ${better.length > 0 ? names(better) : 'nowhere that this study can see'}.</li>
    <li>Where it harms: ${worse.length > 0 ? names(worse) : 'nowhere that this study can see'}.</li>
    ${open.length > 0 && html`<li>Not told apart, and an effect of the size in brackets may be there: ${unseen}.</li>`}
  </ul>`;
}

/** A difference of accuracies in points, with its sign. */
const points = (difference: number): string =>
  `${difference < 0 ? '−' : '+'}${Math.abs(100 * difference).toFixed(2)}`;
