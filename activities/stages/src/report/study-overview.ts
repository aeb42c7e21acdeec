import type { ArmComparison, Study, StudyRow } from '../evaluation/study.js';
import { html, type Html } from './html.js';
import { formatPoints } from './text.js';

type Outcome = 'better' | 'worse' | 'open';

const outcomeOf = ({ comparison: { low, high } }: StudyRow): Outcome =>
  low > 0 ? 'better' : high < 0 ? 'worse' : 'open';

/** All comparisons in one table, then of every arm that has several: which of its gains survives which of them. */
export function studyOverview({ comparisons }: Study): Html {
  if (comparisons.length < 2) return html``;
  const conditions = [...new Set(comparisons.flatMap(({ rows }) => rows.map(({ condition }) => condition)))];
  const arms = [...new Set(comparisons.map(({ arm }) => arm))];
  return html`<h3 id="study-overview">All comparisons</h3>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="study-overview">
      <table class="overview">
        <thead>
          <tr>
            <th scope="col">Arm, and what it is compared with</th>
            ${conditions.map((condition) => html`<th scope="col" class="number">${condition}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${comparisons.map(
            ({ arm, against, differsIn, rows }) =>
              html`<tr>
                <th scope="row">
                  ${arm} against
                  ${against}${differsIn !== undefined && html`<span class="differs">${differsIn}</span>`}
                </th>
                ${conditions.map((condition) => cell(rows.find((row) => row.condition === condition)))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${arms.map((arm) =>
      survival(
        arm,
        comparisons.filter((comparison) => comparison.arm === arm),
      ),
    )}`;
}

const OUTCOME_NAMES: Readonly<Record<Outcome, string>> = { better: 'helps', worse: 'harms', open: 'open' };

function cell(row: StudyRow | undefined): Html {
  if (!row) return html`<td class="number">–</td>`;
  const { difference, low, high } = row.comparison;
  const outcome = outcomeOf(row);
  return html`<td class="number">
    <span class="outcome ${outcome}">${OUTCOME_NAMES[outcome]}</span> ${formatPoints(difference)}
    <span class="differs">${formatPoints(low)} to ${formatPoints(high)}</span>
  </td>`;
}

/** Condition by condition, against what an arm is better, not told apart and worse. */
function survival(arm: string, comparisons: readonly ArmComparison[]): Html {
  if (comparisons.length < 2) return html``;
  const conditions = [...new Set(comparisons.flatMap(({ rows }) => rows.map(({ condition }) => condition)))];
  return html`<h3>Which gain of ${arm} survives which control</h3>
    <ul class="verdict">
      ${conditions.map((condition) => {
        const of = (wanted: Outcome): string =>
          comparisons
            .filter(({ rows }) =>
              rows.some((row) => row.condition === condition && outcomeOf(row) === wanted),
            )
            .map(({ against }) => against)
            .join(', ');
        const [better, open, worse] = [of('better'), of('open'), of('worse')];
        const parts = [
          better ? `better than ${better}` : 'better than none of them',
          open && `not told apart from ${open}`,
          worse && `worse than ${worse}`,
        ];
        return html`<li><strong>${condition}</strong>: ${parts.filter(Boolean).join('; ')}.</li>`;
      })}
    </ul>`;
}
