import { lineChart, type Series } from './chart.js';
import { html, type Html } from './html.js';
import { colourOf, rowsOf, type HistoryInput, type ReportData } from './report-data.js';

/** Histories of searches for a noise. */
export const noiseSearches = ({ histories }: ReportData): HistoryInput[] =>
  histories.filter(({ provenance }) => provenance.kind === 'nullspace-noise');

/** The spectrum of the patch embedding, and how the encoder noise was found. */
export function nullSpaceCharts(data: ReportData): Html {
  const colour = colourOf(data);
  const searches = noiseSearches(data);
  const ofSearch = (field: 'mseProbs' | 'norm'): Series[] =>
    searches.flatMap((input) => {
      const rows = rowsOf(input, 'synthesis');
      const noises = [...new Set(rows.map(({ round }) => round))];
      return noises.map((noise) => ({
        label: noises.length === 1 ? input.label : `${input.label} ${noise + 1}`,
        colour: colour(input.label) + noise,
        points: rows.filter(({ round }) => round === noise).map((row) => [row.step, row[field]] as const),
      }));
    });
  const [tolerance] = searches.map(toleranceOf);
  return html`<div class="charts">
    ${lineChart({
      title: 'Singular values of the patch embedding',
      xLabel: 'number',
      logarithmic: true,
      series: data.noises.map(({ label, noise }) => ({
        label,
        colour: colour(label),
        points: noise.meta.singularValues.flatMap((value, i) => (value > 0 ? [[i + 1, value] as const] : [])),
      })),
      ...(data.noises[0] && {
        threshold: { value: data.noises[0].noise.meta.tolerance, label: 'counts as 0 below' },
      }),
    })}
    ${lineChart({
      title: 'Encoder noise: squared distance of the probabilities',
      xLabel: 'step',
      logarithmic: true,
      series: ofSearch('mseProbs'),
      ...(tolerance !== undefined && { threshold: { value: tolerance, label: 'tolerance' } }),
    })}
    ${lineChart({ title: 'Encoder noise: norm', xLabel: 'step', fromZero: true, series: ofSearch('norm') })}
  </div>`;
}

function toleranceOf({ provenance }: HistoryInput): number | undefined {
  const synthesis = provenance.params['synthesis'] as { epsilon?: number } | undefined;
  return synthesis?.epsilon;
}
