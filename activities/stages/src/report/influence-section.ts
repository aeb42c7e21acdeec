import { lineChart, type Series } from './chart.js';
import { html, type Html } from './html.js';
import { rowsOf, type InfluenceInput, type ReportData } from './report-data.js';
import { formatNumber, formatPercent, formatPercentTick } from './text.js';

type Study = InfluenceInput['study'];
type Studied = Study['noises'][number];
type Point = Study['points'][number];

/** What noises do to the outputs: over scales, tolerances and barriers, beside their controls. */
export function influenceSection(data: ReportData): Html {
  return html`<section id="influence" aria-labelledby="influence-title">
    <h2 id="influence-title">Influence of noises</h2>
    <p class="note">
      Outputs with a noise on the patch embeddings against those without; no label enters. The controls have
      the norm of the noise: its own entries permuted, and Gaussian ones. Shrunk noise is random noise of the
      norm at which it changes probabilities as much as the noise does, on the same images.
    </p>
    ${data.influences.map((input) => [noiseTable(input), charts(input)])} ${finetuningChart(data)}
  </section>`;
}

function noiseTable({ label, study }: InfluenceInput): Html {
  return html`<h3>${label}, ${formatNumber(study.images)} images of ${study.dataset}</h3>
    <div class="scroll" role="region" tabindex="0" aria-label="Noises of ${label}">
      <table>
        <thead>
          <tr>
            <th scope="col">Noise</th>
            <th scope="col">Found for</th>
            ${['Norm', 'Seen by LayerNorm', 'q', 'Match', 'Permuted: match', 'Random: match', 'Shrunk random: norm', 'Norm ÷ shrunk'].map((name) => html`<th scope="col" class="number">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${study.noises.map(
            (noise) =>
              html`<tr>
                <th scope="row">${noise.label}</th>
                <td>${noise.own ? 'this model' : 'another model'}</td>
                ${[
                  formatNumber(noise.norm),
                  formatNumber(noise.normSeen),
                  formatNumber(noise.atOne.noise.mseProbs),
                  formatPercent(noise.atOne.noise.match),
                  formatPercent(noise.atOne.permuted.match),
                  formatPercent(noise.atOne.random.match),
                  ...shrunkCells(noise),
                ].map((cell) => html`<td class="number">${cell}</td>`)}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** The norm of the shrunk random noise and how much longer the noise is; both bounds where random noise does not do as much. */
function shrunkCells({ norm, shrunk }: Studied): [string, string] {
  if (!shrunk || shrunk.norm === 0) return [shrunk ? '0' : '', ''];
  const bound = (sign: string): string => (shrunk.reached ? '' : `${sign} `);
  return [`${bound('>')}${formatNumber(shrunk.norm)}`, `${bound('<')}${formatNumber(norm / shrunk.norm)}`];
}

function charts({ study }: InfluenceInput): Html {
  return html`<div class="charts">
    ${scaleCharts(study)} ${barrierCharts(study)} ${toleranceChart(study)}
  </div>`;
}

const DASHED = new Set<Point['treatment']>(['permuted', 'random']);
const TREATMENT_NAMES: Record<Point['treatment'], string> = {
  noise: 'as found',
  permuted: 'permuted',
  random: 'random',
  sum: 'sum',
  mean: 'mean of two',
};

/** The first noise with its controls, one that is transferred, and sum and mean of two. */
function scaleCharts(study: Study): Html {
  const [first] = study.noises;
  const other = study.noises.find(({ own }) => !own);
  const shown = (point: Point): boolean =>
    point.label === first?.label ||
    ['sum', 'mean'].includes(point.treatment) ||
    (point.label === other?.label && point.treatment === 'noise');
  const groups = new Map<string, Point[]>();
  for (const point of study.points.filter(shown)) {
    const name = `${point.label} ${TREATMENT_NAMES[point.treatment]}`;
    groups.set(name, [...(groups.get(name) ?? []), point]);
  }
  const series = (of: (point: Point) => number): Series[] =>
    [...groups].map(([label, points], colour) => ({
      ...{ label, colour, dashed: DASHED.has(points[0]?.treatment ?? 'noise') },
      points: points.map((point) => [point.scale, of(point)]),
    }));
  const common = { xLabel: 'scale of the noise', continuous: true } as const;
  return html`${lineChart({
    ...{ ...common, title: 'Predictions that stay, by scale', formatY: formatPercentTick },
    series: series(({ influence }) => influence.match),
  })}
  ${lineChart({
    ...{ ...common, title: 'Squared distance of probabilities, by scale' },
    series: series(({ influence }) => influence.mseProbs),
  })}`;
}

/** Noises found with different barriers −λ log‖noise‖. */
function barrierCharts(study: Study): Html {
  const noises = ofThisModel(study, ({ logBarrier }) => logBarrier).filter(
    ({ logBarrier }) => logBarrier > 0,
  );
  if (noises.length < 2) return html``;
  const series = (of: (noise: Studied, treatment: 'noise' | 'permuted') => number): Series[] =>
    (['noise', 'permuted'] as const).map((treatment, colour) => ({
      ...{ label: TREATMENT_NAMES[treatment], colour, dashed: treatment === 'permuted' },
      points: noises.map((noise) => [noise.logBarrier, of(noise, treatment)]),
    }));
  const common = { xLabel: 'λ', continuous: true } as const;
  return html`${lineChart({
    ...{ ...common, title: 'Predictions that stay, by λ', formatY: formatPercentTick },
    series: series((noise, treatment) => noise.atOne[treatment].match),
  })}
  ${lineChart({
    ...{ ...common, title: 'Squared change of confidence, by λ' },
    series: series((noise, treatment) => noise.atOne[treatment].mseConfidence),
  })}
  ${lineChart({
    ...{ ...common, title: 'Norm of the noise, by λ', fromZero: true },
    series: [
      { label: 'as found', colour: 0, points: noises.map(({ logBarrier, norm }) => [logBarrier, norm]) },
    ],
  })}`;
}

/** What learning reaches beside what shrinking reaches, at equal influence. */
function toleranceChart(study: Study): Html {
  const noises = ofThisModel(study, ({ epsilon }) => epsilon).filter(
    ({ logBarrier, shrunk }) => logBarrier === 0 && shrunk,
  );
  if (new Set(noises.map(({ epsilon }) => epsilon)).size < 2) return html``;
  return lineChart({
    title: 'Norm at equal influence, by tolerance',
    xLabel: 'ε',
    continuous: true,
    fromZero: true,
    series: [
      { label: 'learned', colour: 0, points: noises.map(({ epsilon, norm }) => [epsilon, norm]) },
      {
        ...{ label: 'random, shrunk to the same', colour: 1, dashed: true },
        points: noises.map(({ epsilon, shrunk }) => [epsilon, shrunk?.norm ?? 0]),
      },
    ],
  });
}

const ofThisModel = ({ noises }: Study, order: (noise: Studied) => number): Studied[] =>
  noises.filter(({ own, mode }) => own && mode === 'learned').sort((a, b) => order(a) - order(b));

/** Norm of the noise and accuracy over finetuning, as shares of their first values. */
function finetuningChart({ histories }: ReportData): Html {
  const series = histories.flatMap((input, at): Series[] => {
    const rounds = rowsOf(input, 'round');
    const stepsPerRound = Number(input.provenance.params['stepsPerRound']);
    const [first] = rounds;
    if (!first || !(stepsPerRound > 0) || first.norm === 0) return [];
    const accuracies = rowsOf(input, 'evaluation');
    const [start] = accuracies;
    return [
      {
        ...{ label: `${input.label}, norm of the noise`, colour: 2 * at },
        points: rounds.map(({ round, norm }) => [round * stepsPerRound, norm / first.norm]),
      },
      {
        ...{ label: `${input.label}, clean accuracy`, colour: 2 * at + 1, dashed: true },
        points:
          start && start.accuracy > 0
            ? accuracies.map(({ step, accuracy }) => [step, accuracy / start.accuracy])
            : [],
      },
    ];
  });
  if (series.length === 0) return html``;
  return html`<div class="charts">
    ${lineChart({ title: 'Finetuning: values over their first', xLabel: 'step', series: series.slice(0, 8) })}
  </div>`;
}
