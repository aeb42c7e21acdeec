import { lineChart, smooth, type Series } from './chart.js';
import { html, type Html } from './html.js';
import { colourOf, rowsOf, type HistoryInput, type ReportData } from './report-data.js';
import { robustnessCurves } from './robustness-curves.js';
import { samplePictures } from './sample-pictures.js';
import { formatPercentTick } from './text.js';

/** Curves of what was trained, one row of charts for each kind of stage, because their steps do not compare. */
export function curvesSection(data: ReportData): Html {
  const of = (kind: string): HistoryInput[] =>
    data.histories.filter(({ provenance }) => provenance.kind === kind);
  const colour = colourOf(data);
  return html`<section id="curves" aria-labelledby="curves-title">
    <h2 id="curves-title">Curves</h2>
    ${learningCharts('Training', of('train'), colour)}
    ${learningCharts('Finetuning', of('augmented-finetune'), colour)}
    ${robustnessCurves(of('augmented-finetune'))} ${denoisingCharts(data, colour)}
    ${gateCharts(of('train-diffmask'), colour)}
  </section>`;
}

type Colour = (label: string) => number;

function learningCharts(heading: string, inputs: readonly HistoryInput[], colour: Colour): Html {
  if (inputs.length === 0) return html``;
  const seriesOf = (make: (input: HistoryInput) => Omit<Series, 'label' | 'colour'>): Series[] =>
    inputs.map((input) => ({ label: input.label, colour: colour(input.label), ...make(input) }));
  const steps = (input: HistoryInput, field: 'loss' | 'learningRate'): [number, number][] =>
    rowsOf(input, 'step').map((row) => [row.step, row[field]]);
  const withNoise = inputs.some((input) => rowsOf(input, 'round').length > 0);
  return html`<h3>${heading}</h3>
    ${
      withNoise &&
      html`<p class="note">
        With a noise the loss is the sum of two cross-entropies, on clean and on noisy embeddings; without one
        it is the first alone, so those two loss curves lie on different heights by nature.
      </p>`
    }
    <div class="charts">
      ${lineChart({
        title: 'Loss, smoothed over about 20 steps',
        xLabel: 'step',
        series: seriesOf((input) => ({ points: smooth(steps(input, 'loss')), raw: steps(input, 'loss') })),
      })}
      ${lineChart({
        title: 'Accuracy on the test images',
        xLabel: 'step',
        formatY: formatPercentTick,
        series: seriesOf((input) => ({
          points: rowsOf(input, 'evaluation').map((row) => [row.step, row.accuracy]),
        })),
      })}
      ${
        withNoise
          ? roundChart(inputs, colour)
          : lineChart({
              title: 'Learning rate',
              xLabel: 'step',
              fromZero: true,
              series: seriesOf((input) => ({ points: steps(input, 'learningRate') })),
            })
      }
    </div>`;
}

/** Losses of denoisers, and what they made up on the way. */
function denoisingCharts(data: ReportData, colour: Colour): Html {
  const inputs = data.histories.filter(({ provenance }) => provenance.kind === 'train-denoiser');
  if (inputs.length === 0) return html``;
  return html`<h3>Denoising</h3>
    <div class="charts">
      ${lineChart({
        title: 'Loss of the denoiser, smoothed over about 20 steps',
        xLabel: 'step',
        series: inputs.map((input) => {
          const points = rowsOf(input, 'step').map(({ step, loss }) => [step, loss] as const);
          return { label: input.label, colour: colour(input.label), points: smooth(points), raw: points };
        }),
      })}
      ${lineChart({
        title: 'Loss on test images, by the mean weights',
        xLabel: 'step',
        series: inputs.map((input) => ({
          label: input.label,
          colour: colour(input.label),
          points: rowsOf(input, 'denoising').map(({ step, loss }) => [step, loss] as const),
        })),
      })}
    </div>
    ${inputs.map((input) => samplePictures(input.label, data.pictures[input.label] ?? []))}`;
}

/** How gates learned: what their masks cost, what they keep, and the multiplier between the two. */
function gateCharts(inputs: readonly HistoryInput[], colour: Colour): Html {
  if (inputs.length === 0) return html``;
  const chart = (title: string, field: 'divergence' | 'kept' | 'multiplier'): Html =>
    lineChart({
      title,
      xLabel: 'step',
      fromZero: true,
      series: inputs.map((input) => {
        const raw = rowsOf(input, 'gates').map((row) => [row.step, row[field]] as const);
        return { label: input.label, colour: colour(input.label), points: smooth(raw), raw };
      }),
    });
  return html`<h3>Gates</h3>
    <div class="charts">
      ${chart('Divergence of the masked answer, nats', 'divergence')}
      ${chart('Kept share of the sampled masks', 'kept')} ${chart('Multiplier of the step', 'multiplier')}
    </div>`;
}

/** The norm of each round's noise, where it starts and where it ends. */
function roundChart(inputs: readonly HistoryInput[], colour: Colour): Html {
  const series = inputs.flatMap((input): Series[] => {
    const rounds = rowsOf(input, 'round');
    if (rounds.length === 0) return [];
    const common = { colour: colour(input.label) };
    return [
      { ...common, label: `${input.label}, found`, points: rounds.map((row) => [row.round + 1, row.norm]) },
      {
        ...common,
        label: `${input.label}, start`,
        points: rounds.map((row) => [row.round + 1, row.normAtStart]),
        dashed: true,
      },
    ];
  });
  return lineChart({ title: 'Norm of the noise of each round', xLabel: 'round', fromZero: true, series });
}
