import type { ArmComparison, Study, StudyRow } from '../evaluation/study.js';
import { html, type Html } from './html.js';
import { rowsOf, type ReportData } from './report-data.js';
import { studyOverview } from './study-overview.js';
import { formatNumber, formatPercent, formatPoints } from './text.js';

/** The arms of a study against each other, and in words what that says. */
export function studySection(data: ReportData): Html {
  const { study } = data;
  if (!study) return html``;
  const { seeds, images, comparisons } = study;
  const rows = comparisons.reduce((sum, comparison) => sum + comparison.rows.length, 0);
  const over =
    seeds.length > 1
      ? html`over ${seeds.length} seeds and ${formatNumber(images)} test images, both taken as samples`
      : html`over ${formatNumber(images)} test images of one seed: another seed may say something else`;
  return html`<section id="study" aria-labelledby="study-title">
    <h2 id="study-title">Study</h2>
    <p class="note">
      Accuracy of one arm less that of another, in points, paired by seed and image; 95 % intervals ${over}.
      Of ${rows} such intervals ${(rows * 0.05).toFixed(1)} are expected to miss the truth. The smallest
      effect is the difference that this many seeds and images would have shown four times in five; what is
      open could not be told apart. ${scale(data, study)}
    </p>
    ${studyOverview(study)} ${comparisons.map(comparisonTable)}
  </section>`;
}

/** What the study is a study of: it says nothing of other sizes. */
function scale({ histories }: ReportData, { images }: Study): Html {
  const finetuned = histories.filter(({ provenance }) => provenance.kind === 'augmented-finetune');
  const [first] = finetuned;
  if (!first) return html``;
  const { model, parameters, train, test } = first.provenance;
  const steps = Math.max(...finetuned.map((input) => rowsOf(input, 'step').at(-1)?.step ?? 0));
  return html`All this is at one scale: ${formatNumber(parameters)}
  weights${model.family === 'vit' && html` (patch ${model.patchSize}, width ${model.width}, depth ${model.depth})`},
  finetuned for up to ${formatNumber(steps)} steps on ${formatNumber(train.images)} images of ${train.name},
  judged on ${formatNumber(images)} of ${test.name}; of larger models, other data and longer training it says
  nothing.`;
}

function comparisonTable({ arm, against, differsIn, rows }: ArmComparison): Html {
  const id = `study-${arm}-${against}`;
  return html`<h3 id="${id}">${arm} against ${against}${differsIn !== undefined && `: ${differsIn}`}</h3>
    ${verdict(arm, rows)}
    <div class="scroll" role="region" tabindex="0" aria-labelledby="${id}">
      <table>
        <thead>
          <tr>
            <th scope="col">Condition</th>
            <th scope="col" class="number">${arm}</th>
            <th scope="col" class="number">${against}</th>
            <th scope="col" class="number">Difference</th>
            <th scope="col" class="number">95 % interval</th>
            <th scope="col" class="number">Smallest effect</th>
            <th scope="col" class="number">McNemar’s p, seed by seed</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(studyRow)}
        </tbody>
      </table>
    </div>`;
}

function studyRow({ condition, accuracy, otherAccuracy, comparison, tests }: StudyRow): Html {
  const { difference, low, high, detectable } = comparison;
  return html`<tr>
    <th scope="row">${condition}</th>
    <td class="number">${formatPercent(accuracy)}</td>
    <td class="number">${formatPercent(otherAccuracy)}</td>
    <td class="number">${formatPoints(difference)}</td>
    <td class="number">${formatPoints(low)} to ${formatPoints(high)}</td>
    <td class="number">${(100 * detectable).toFixed(2)}</td>
    <td class="number">${tests.map(({ pValue }) => pValue.toPrecision(2)).join(', ') || '–'}</td>
  </tr>`;
}

/** Where the arm helps, where it does not, and what the study could not see. */
function verdict(arm: string, rows: readonly StudyRow[]): Html {
  const names = (those: readonly StudyRow[]): string =>
    those
      .map(({ condition, comparison }) => `${condition} (${formatPoints(comparison.difference)})`)
      .join('; ');
  const better = rows.filter(({ comparison }) => comparison.low > 0);
  const worse = rows.filter(({ comparison }) => comparison.high < 0);
  const open = rows.filter((row) => !better.includes(row) && !worse.includes(row));
  const unseen = open
    .map(({ condition, comparison }) => `${condition} (below ${(100 * comparison.detectable).toFixed(2)})`)
    .join('; ');
  return html`<ul class="verdict">
    <li>Where ${arm} helps: ${better.length > 0 ? names(better) : 'nowhere that this study can see'}.</li>
    <li>Where it harms: ${worse.length > 0 ? names(worse) : 'nowhere that this study can see'}.</li>
    ${open.length > 0 && html`<li>Not told apart, and an effect of the size in brackets may be there: ${unseen}.</li>`}
  </ul>`;
}
