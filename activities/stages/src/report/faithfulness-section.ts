import { PERTURBED_SHARES } from '@vitrine/ml-smoothing';
import { lineChart, type Series } from './chart.js';
import { html, type Html } from './html.js';
import type { FaithfulnessInput, ReportData } from './report-data.js';
import { formatBudget, formatNumber, formatPercent, formatPercentTick } from './text.js';

type Figures = FaithfulnessInput['faithfulness']['figures'];

const SIDES = [
  { side: 'plain', name: 'classifier alone' },
  { side: 'smoothed', name: 'smoothed' },
] as const;

/** What stays of attention's top, and what its order says of the answers. */
export function faithfulnessSection({ faithfulness }: ReportData): Html {
  return html`<section id="faithfulness" aria-labelledby="faithfulness-title">
    <h2 id="faithfulness-title">Attention</h2>
    <p class="note">
      Overlap: the share of the k tokens with the most attention that stays. Positive test: pixels turn black,
      those with the most attention first, and accuracy should fall; negative: those with the least first, and
      it should stay. Under attack the map is of the attacked image, and the clean one is blackened.
    </p>
    ${faithfulness.map(({ label, faithfulness: of }) => {
      const { k, epsilon, steps, sigma, draws, figures } = of;
      return html`<h3>${label}</h3>
        <p class="note">
          ${formatNumber(figures.images)} images; k = ${k}, ε = ${formatBudget(epsilon)} in L∞, ${steps}
          steps; σ = ${formatNumber(sigma)}, ${formatNumber(draws)} draws.
        </p>
        ${table(label, figures)}
        <div class="charts">${testChart(figures, 'positive')} ${testChart(figures, 'negative')}</div>`;
    })}
  </section>`;
}

function table(label: string, { overlap, sensitivity, perturbation, segmentation }: Figures): Html {
  type Side = (typeof SIDES)[number]['side'];
  const row = (name: string, of: (side: Side) => string): Html =>
    html`<tr>
      <th scope="row">${name}</th>
      ${SIDES.map(({ side }) => html`<td class="number">${of(side)}</td>`)}
    </tr>`;
  const area = (condition: 'clean' | 'attacked', order: 'positive' | 'negative') => (side: Side) =>
    formatPercent(perturbation[condition][side][order].area);
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Attention of ${label}">
    <table>
      <thead>
        <tr>
          <th scope="col">Measure</th>
          ${SIDES.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${row('Overlap under random perturbations', (side) => formatPercent(overlap.perturbed[side]))}
        ${row('Overlap under PGD on the classifier', (side) => formatPercent(overlap.transferred[side]))}
        ${row('Overlap under PGD on the map itself', (side) => formatPercent(overlap.adaptive[side]))}
        ${row('Largest relative change under perturbations', (side) => formatNumber(sensitivity[side]))}
        ${row('Positive test, area (lower is better)', area('clean', 'positive'))}
        ${row('Negative test, area (higher is better)', area('clean', 'negative'))}
        ${row('Positive test under attack', area('attacked', 'positive'))}
        ${row('Negative test under attack', area('attacked', 'negative'))}
        ${
          segmentation && [
            row('Pixel accuracy', (side) => formatPercent(segmentation[side].pixelAccuracy)),
            row('Mean intersection over union', (side) =>
              formatPercent(segmentation[side].meanIntersectionOverUnion),
            ),
            row('Mean average precision', (side) => formatPercent(segmentation[side].meanAveragePrecision)),
          ]
        }
      </tbody>
    </table>
  </div>`;
}

function testChart({ perturbation }: Figures, order: 'positive' | 'negative'): Html {
  const series = SIDES.flatMap(({ side, name }, colour): Series[] =>
    (['clean', 'attacked'] as const).map((condition) => ({
      label: condition === 'clean' ? name : `${name}, attacked`,
      colour,
      dashed: condition === 'attacked',
      points: perturbation[condition][side][order].accuracies.map(
        (accuracy, i) => [PERTURBED_SHARES[i] ?? NaN, accuracy] as const,
      ),
    })),
  );
  return lineChart({
    title: order === 'positive' ? 'Accuracy, most attention first' : 'Accuracy, least attention first',
    xLabel: 'share of black pixels',
    continuous: true,
    told: 'first',
    fromZero: true,
    formatY: formatPercentTick,
    series,
  });
}
