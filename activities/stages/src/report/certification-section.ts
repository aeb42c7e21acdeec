import { accuracyCorrection, certifiedAccuracy, largestRadius, outerEnvelope } from '@vitrine/ml-smoothing';
import { radiiOf } from '../certification/radii.js';
import { lineChart } from './chart.js';
import { html, type Html } from './html.js';
import { publishedFor } from './published-certificates.js';
import { colourOf, type CertificationInput, type ReportData } from './report-data.js';
import { formatNumber, formatPercent, formatPercentTick } from './text.js';

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
        continuous: true,
        told: 'first',
        fromZero: true,
        formatY: formatPercentTick,
        series: certifications.map(({ label, certification }) => ({
          label,
          colour: colour(label),
          dashed: certification.origin.kind === 'imported',
          points: staircase(certification.curve),
        })),
      })}
    </div>
    ${radiusTable(certifications)} ${publishedTable(certifications)} ${certifications.map(facts)}
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
  const radii = radiiOf(certifications.flatMap(({ certification }) => certification.examples));
  return html`<div class="scroll" role="region" tabindex="0" aria-labelledby="certification-title">
    <table>
      <thead>
        <tr>
          <th scope="col">Model</th>
          <th scope="col" class="number">σ</th>
          ${radii.map((radius) => html`<th scope="col" class="number">r = ${radius}</th>`)}
          <th scope="col" class="number">Abstained</th>
        </tr>
      </thead>
      <tbody>
        ${certifications.map(
          ({ label, certification: { sigma, examples } }) =>
            html`<tr>
              <th scope="row">${label}</th>
              <td class="number">${sigma === undefined ? '–' : formatNumber(sigma)}</td>
              ${radii.map(
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

/** Our figures at the radii of published ones, and those with their sources; nothing for data that nobody has published on. */
function publishedTable(certifications: readonly CertificationInput[]): Html {
  const computed = certifications.flatMap((input) => {
    const { origin } = input.certification;
    return origin.kind === 'computed' ? [{ ...input, rows: publishedFor(origin.dataset) }] : [];
  });
  const published = [...new Set(computed.flatMap(({ rows }) => rows))];
  if (published.length === 0) return html``;
  const radii = [...new Set(published.flatMap(({ certified }) => certified.map(([radius]) => radius)))].sort(
    (a, b) => a - b,
  );
  const cells = (at: (radius: number) => number | undefined): Html[] =>
    radii.map((radius) => {
      const accuracy = at(radius);
      return html`<td class="number">${accuracy === undefined ? '' : formatPercent(accuracy)}</td>`;
    });
  return html`<h3 id="published-certificates-title">Beside published figures</h3>
    <p class="note">
      Published rows take the best of several noise levels at each radius, on other models and other images of
      the same data.
      ${published.some(({ recalled }) => recalled) && 'Rows marked † are from memory of the source and were not compared with it.'}
    </p>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="published-certificates-title">
      <table class="quoted">
        <thead>
          <tr>
            <th scope="col">Model</th>
            ${radii.map((radius) => html`<th scope="col" class="number">r = ${radius}</th>`)}
            <th scope="col">Source</th>
          </tr>
        </thead>
        <tbody>
          ${computed.map(
            ({ label, certification: { examples } }) =>
              html`<tr>
                <th scope="row">${label}</th>
                ${cells((radius) => certifiedAccuracy(examples, radius))}
                <td>this run, ${formatNumber(examples.length)} images</td>
              </tr>`,
          )}
          ${levelsOf(computed).map(
            ({ labels, levels }) =>
              html`<tr>
                <th scope="row">${labels}, the best of them</th>
                ${cells((radius) => outerEnvelope(levels, radius).accuracy)}
                <td>this run</td>
              </tr>`,
          )}
          ${published.map(
            ({ method, source, recalled, certified }) =>
              html`<tr>
                <th scope="row">${method}${recalled && ' †'}</th>
                ${cells((radius) => {
                  const percent = certified.find(([at]) => at === radius)?.[1];
                  return percent === undefined ? undefined : percent / 100;
                })}
                <td class="source">${source}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** Certifications of the same model at several noise levels, which published rows take the best of. */
function levelsOf(
  inputs: readonly CertificationInput[],
): { labels: string; levels: CertificationInput['certification']['examples'][] }[] {
  const groups = new Map<string, CertificationInput[]>();
  for (const input of inputs) {
    const { origin } = input.certification;
    if (origin.kind !== 'computed') continue;
    const of = `${origin.modelSha256} ${origin.denoiserSha256 ?? ''} ${origin.datasetSha256}`;
    groups.set(of, [...(groups.get(of) ?? []), input]);
  }
  return [...groups.values()]
    .filter((group) => new Set(group.map(({ certification }) => certification.sigma)).size > 1)
    .map((group) => ({
      labels: group.map(({ label }) => label).join(', '),
      levels: group.map(({ certification }) => certification.examples),
    }));
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function facts({ label, certification }: CertificationInput): Html {
  const { examples, origin, sigma } = certification;
  const halved = examples.some(({ attention }) => attention) ? 2 : 1;
  const faithful = examples.flatMap(({ attention }) => attention ?? []);
  const inside = (l2: number, linf: number): string => `${formatNumber(l2)}, ${formatNumber(linf)}`;
  const entry = (name: string, value: string): Html =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<h3>${label}</h3>
    <dl class="facts">
      ${entry('Images', formatNumber(examples.length))}
      ${
        origin.kind === 'computed'
          ? [
              entry('Alpha', formatNumber(origin.alpha)),
              entry(
                'Draws that choose, and that bound',
                `${formatNumber(origin.selection)}, ${formatNumber(origin.draws)}`,
              ),
              sigma !== undefined &&
                entry(
                  'Largest radius that so many draws can certify',
                  formatNumber(largestRadius(origin.draws, { sigma, alpha: origin.alpha / halved })),
                ),
              entry(
                'Mean certified radius, L2 and L∞',
                inside(
                  mean(examples.map(({ radius }) => radius)),
                  mean(examples.map(({ linf = 0 }) => linf)),
                ),
              ),
              entry(
                "The same by Rényi's divergence, L2",
                formatNumber(mean(examples.map(({ renyi = 0 }) => renyi))),
              ),
              entry(
                'What wrong certificates may take from an accuracy, at 99.9 %',
                formatPercent(accuracyCorrection(examples.length, origin.alpha, 0.001)),
              ),
              origin.step !== undefined &&
                entry("Step of the diffusion with sigma's noise", formatNumber(origin.step)),
            ]
          : entry('Read from', origin.source.split('/').at(-1) ?? '')
      }
      ${
        faithful.length > 0 &&
        entry(
          'Mean radius in which prediction and attention stay, L2 and L∞',
          inside(
            mean(faithful.map((region) => region.faithful)),
            mean(faithful.map((region) => region.faithfulLinf)),
          ),
        )
      }
    </dl>`;
}
