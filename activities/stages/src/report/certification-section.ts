import { certifiedAccuracy } from '@vitrine/ml-smoothing';
import { lineChart } from './chart.js';
import { html, type Html } from './html.js';
import { colourOf, type CertificationInput, type ReportData } from './report-data.js';
import { formatNumber, formatPercent, formatPercentTick } from './text.js';

const RADII = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5];

/** Share of images that are right with a certificate of at least each radius. */
export function certificationSection(data: ReportData): Html {
  const colour = colourOf(data);
  const { certifications } = data;
  return html`<section id="certification" aria-labelledby="certification-title">
    <h2 id="certification-title">Certified accuracy</h2>
    <p class="note">
      Share of all images that the smoothed classifier gets right at every point within an L2 radius, for
      pixels from 0 to 1; an abstention is never right. Each certificate is wrong with at most the probability
      alpha.
    </p>
    <div class="charts">
      ${lineChart({
        title: 'Certified accuracy',
        xLabel: 'radius',
        fromZero: true,
        formatY: formatPercentTick,
        series: certifications.map(({ label, certification }) => ({
          label,
          colour: colour(label),
          points: staircase(certification.curve),
        })),
      })}
    </div>
    ${radiusTable(certifications)} ${certifications.map(facts)}
  </section>`;
}

/** Accuracy stays as it is up to a radius, and falls right behind it. */
function staircase(curve: CertificationInput['certification']['curve']): (readonly [number, number])[] {
  return curve.flatMap(({ radius, accuracy }, i) => {
    const next = curve[i + 1];
    return next
      ? [[radius, accuracy] as const, [radius, next.accuracy] as const]
      : [[radius, accuracy] as const, [radius, 0] as const];
  });
}

function radiusTable(certifications: readonly CertificationInput[]): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="certification-title">
    <table>
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col" class="number">σ</th>
          ${RADII.map((radius) => html`<th scope="col" class="number">r = ${radius}</th>`)}
          <th scope="col" class="number">Abstained</th>
        </tr>
      </thead>
      <tbody>
        ${certifications.map(
          ({ label, certification: { sigma, examples } }) =>
            html`<tr>
              <th scope="row">${label}</th>
              <td class="number">${formatNumber(sigma)}</td>
              ${RADII.map(
                (radius) =>
                  html`<td class="number">${formatPercent(certifiedAccuracy(examples, radius))}</td>`,
              )}
              <td class="number">
                ${formatPercent(examples.filter(({ predict }) => predict < 0).length / examples.length)}
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function facts({ label, certification }: CertificationInput): Html {
  const { examples, alpha, selection, draws, step } = certification;
  const faithful = examples.flatMap(({ attention }) => (attention ? [attention.faithful] : []));
  const stability = examples.flatMap((example) => (example.stability ? [example.stability] : []));
  const entry = (name: string, value: string): Html =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<h3>${label}</h3>
    <dl class="facts">
      ${entry('Images', formatNumber(examples.length))} ${entry('Alpha', formatNumber(alpha))}
      ${entry('Draws that choose, and that bound', `${formatNumber(selection)}, ${formatNumber(draws)}`)}
      ${step !== undefined && entry("Step of the diffusion with sigma's noise", formatNumber(step))}
      ${faithful.length > 0 && entry('Mean radius in which prediction and attention stay', formatNumber(mean(faithful)))}
      ${
        stability.length > 0 && [
          entry(
            'Attention that stays under attack',
            formatPercent(mean(stability.map(({ plain }) => plain))),
          ),
          entry('With smoothing', formatPercent(mean(stability.map(({ smoothed }) => smoothed)))),
        ]
      }
    </dl>`;
}
