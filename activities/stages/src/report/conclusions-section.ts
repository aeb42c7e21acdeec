import { html, type Html } from './html.js';
import { rowsOf, type ReportData } from './report-data.js';
import { formatNumber, formatPercent } from './text.js';

interface Conclusion {
  readonly claim: string;
  readonly seen: string;
  /** Null where this run does not measure it. */
  readonly holds: boolean | null;
}

/** Conclusions of Liu et al. (CPAL 2025) that a run can test, with what it found. */
export function conclusionsSection(data: ReportData): Html {
  const conclusions = [
    exact(data),
    direction(data),
    learned(data),
    shrunken(data),
    convex(data),
    growth(data),
  ];
  return html`<section id="conclusions" aria-labelledby="conclusions-title">
    <h2 id="conclusions-title">Conclusions of the paper, here</h2>
    <p class="note">
      Liu, Singh, Li, Wang, “Approximate Nullspace Augmented Finetuning for Robust Vision Transformers”, CPAL
      2025. Whether finetuning with such noise makes a model more robust is not read off this table: it takes
      the accuracies above, beside those of the same finetuning without noise and with random noise.
    </p>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="conclusions-title">
      <table>
        <thead>
          <tr>
            <th scope="col">What the paper says</th>
            <th scope="col">What is seen here</th>
            <th scope="col">Holds</th>
          </tr>
        </thead>
        <tbody>
          ${conclusions.map(
            ({ claim, seen, holds }) =>
              html`<tr>
                <th scope="row">${claim}</th>
                <td>${seen}</td>
                <td>
                  ${holds === null ? 'not measured' : holds ? 'yes' : html`<span class="mark">no</span>`}
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}

const studied = ({ influences }: ReportData) =>
  influences.flatMap(({ study }) => study.noises.map((noise) => ({ ...noise, images: study.images })));
const ownLearned = (data: ReportData) => studied(data).filter(({ own, mode }) => own && mode === 'learned');

function exact({ noises }: ReportData): Conclusion {
  const rows = noises.flatMap(({ noise }) => noise.meta.pixelNoise);
  const [unbounded, clipped] = (['unbounded', 'clipped'] as const).map((limit) =>
    rows.filter((row) => row.limit === limit).map(({ match }) => match),
  ) as [number[], number[]];
  return {
    claim: 'Pixel noise of the patch embedding’s null space does not change a prediction',
    seen:
      unbounded.length === 0
        ? 'No patch embedding here has a null space.'
        : `${formatPercent(Math.min(...unbounded))} stay; once clipped to a picture ${formatPercent(Math.min(...clipped))}.`,
    holds: unbounded.length === 0 ? null : unbounded.every((match) => match === 1),
  };
}

function direction(data: ReportData): Conclusion {
  const noises = ownLearned(data);
  const gains = noises.map(({ atOne, images }) => ({
    gain: atOne.noise.match - atOne.permuted.match,
    // Twice the standard error of a difference of two shares, at its largest.
    unsure: 2 * Math.sqrt(0.5 / images),
  }));
  return {
    claim: 'Learned noise keeps more predictions than its own entries permuted',
    seen: gains.map(({ gain }) => `${gain < 0 ? '−' : '+'}${formatPercent(Math.abs(gain))}`).join(', '),
    holds: gains.length === 0 ? null : gains.every(({ gain, unsure }) => gain > unsure),
  };
}

function learned(data: ReportData): Conclusion {
  const noises = ownLearned(data);
  return {
    claim: 'and more than Gaussian noise of its norm',
    seen: noises
      .map(({ atOne }) => `${formatPercent(atOne.noise.match)} against ${formatPercent(atOne.random.match)}`)
      .join(', '),
    holds:
      noises.length === 0
        ? null
        : noises.every(
            ({ atOne, images }) => atOne.noise.match - atOne.random.match > 2 * Math.sqrt(0.5 / images),
          ),
  };
}

function shrunken(data: ReportData): Conclusion {
  const ratios = ownLearned(data).flatMap(({ norm, shrunk }) =>
    shrunk && shrunk.norm > 0 ? [norm / shrunk.norm] : [],
  );
  return {
    claim: 'Learning finds larger noise than shrinking does, at equal influence',
    seen: ratios.map((ratio) => `${formatNumber(ratio)} times as large`).join(', '),
    holds: ratios.length === 0 ? null : ratios.every((ratio) => ratio > 1),
  };
}

function convex({ influences }: ReportData): Conclusion {
  const means = influences.flatMap(({ study }) => {
    const [a, b] = study.noises.filter(({ own }) => own);
    const mean = study.points.find(({ treatment, scale }) => treatment === 'mean' && scale === 1);
    if (!a || !b || !mean) return [];
    const most = Math.max(a.atOne.noise.mseProbs, b.atOne.noise.mseProbs);
    return [{ q: mean.influence.mseProbs, most }];
  });
  return {
    claim: 'The set of such noises is about closed under convex combination',
    seen: means
      .map(({ q, most }) => `q ${formatNumber(q)} of the mean, ${formatNumber(most)} of the worse of two`)
      .join(', '),
    holds: means.length === 0 ? null : means.every(({ q, most }) => q <= most),
  };
}

/** Of members of the set alone: a noise whose budget ran out may be none. */
function growth({ histories }: ReportData): Conclusion {
  const runs = histories.flatMap((input) => {
    if (input.provenance.kind !== 'augmented-finetune') return [];
    const norms = rowsOf(input, 'round')
      .filter(({ converged }) => converged)
      .map(({ norm }) => norm);
    const [first, last] = [norms[0], norms.at(-1)];
    return norms.length < 3 || first === undefined || last === undefined
      ? []
      : [{ label: input.label, first, last }];
  });
  return {
    claim: 'The noise that a model tolerates grows while it is finetuned with it',
    seen: runs
      .map(({ label, first, last }) => `${label}: norm ${formatNumber(first)} → ${formatNumber(last)}`)
      .join(', '),
    holds: runs.length === 0 ? null : runs.every(({ first, last }) => last > first),
  };
}
