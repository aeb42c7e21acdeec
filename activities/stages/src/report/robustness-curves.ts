import type { HistoryRow } from '@vitrine/contracts';
import { lineChart, type Series } from './chart.js';
import { html, type Html } from './html.js';
import { rowsOf, type HistoryInput } from './report-data.js';

type Look = Extract<HistoryRow, { event: 'robustness' }>;
type Kind = Look['condition']['kind'];

const ATTACKS: readonly Kind[] = ['fgsm', 'pgd', 'deepfool', 'carlini-wagner', 'autoattack'];

/** Means over conditions, as the paper groups its test sets. */
const GROUPS: readonly { readonly name: string; readonly kinds: readonly Kind[] }[] = [
  { name: 'clean images', kinds: ['clean'] },
  { name: 'under attack', kinds: ATTACKS },
  { name: 'corrupted', kinds: ['corruption', 'gaussian'] },
  { name: 'mean of these', kinds: ['clean', ...ATTACKS, 'corruption', 'gaussian'] },
];

/** Of every finetuning that was watched: norm of the noise and accuracies over its steps, as shares of their first values. */
export function robustnessCurves(inputs: readonly HistoryInput[]): Html {
  const watched = inputs.filter((input) => rowsOf(input, 'robustness').length > 0);
  if (watched.length === 0) return html``;
  return html`<p class="note">
      Over their values before the first step: accuracies on the first
      ${Math.max(...watched.flatMap((input) => rowsOf(input, 'robustness').map(({ images }) => images)))} test
      images, and the norm of the noise of each round over that of the first.
    </p>
    <div class="charts">
      ${watched.map((input) =>
        lineChart({
          title: `${input.label}: values over their first`,
          xLabel: 'step',
          series: [...noiseSeries(input), ...accuracySeries(input)],
        }),
      )}
    </div>`;
}

function noiseSeries(input: HistoryInput): Series[] {
  const rounds = rowsOf(input, 'round');
  const first = rounds[0]?.norm ?? 0;
  if (first === 0) return [];
  const steps = rowsOf(input, 'step').length / rounds.length;
  const points = rounds.map(({ round, norm }) => [round * steps, norm / first] as const);
  return [{ label: 'norm of the noise', colour: 0, dashed: true, points }];
}

function accuracySeries(input: HistoryInput): Series[] {
  const looks = rowsOf(input, 'robustness');
  return GROUPS.flatMap(({ name, kinds }, at): Series[] => {
    const points = [...new Set(looks.map(({ step }) => step))].flatMap((step) => {
      const accuracies = looks
        .filter((look) => look.step === step && kinds.includes(look.condition.kind))
        .map(({ accuracy }) => accuracy);
      const sum = accuracies.reduce((total, accuracy) => total + accuracy, 0);
      return accuracies.length > 0 ? [[step, sum / accuracies.length] as const] : [];
    });
    const start = points[0]?.[1] ?? 0;
    if (start === 0) return [];
    return [{ label: name, colour: at + 1, points: points.map(([step, value]) => [step, value / start]) }];
  });
}
