import { html, type Html } from './html.js';
import { noiseArray, type ExampleTreatment, type NoiseArtifact } from '../noise-artifact.js';
import { toPixelUnits } from '@vitrine/ml-nullspace';
import { nullSpaceCharts } from './null-space-charts.js';
import { pictureAddress } from './png.js';
import type { NoiseInput, ReportData } from './report-data.js';
import { formatNumber, formatPercent } from './text.js';

/** What the noises are, and example images beside them. */
export function noiseSection(data: ReportData): Html {
  return html`<section id="noise" aria-labelledby="noise-title">
    <h2 id="noise-title">Null space</h2>
    ${data.noises.map((input) => [facts(input), examples(input)])} ${nullSpaceCharts(data)}
  </section>`;
}

function facts({ label, noise: { meta } }: NoiseInput): Html {
  const { rank, nullity, ranks, noises } = meta;
  return html`<h3>${label}</h3>
    <dl class="facts">
      <div>
        <dt>Rank of the patch embedding, by SciPy’s rule and the strict one</dt>
        <dd>${rank} <span class="share">${ranks.scipy}, ${ranks.strict}</span></dd>
      </div>
      <div>
        <dt>Dimension of its null space, per patch</dt>
        <dd>${nullity}</dd>
      </div>
      <div>
        <dt>‖Wv‖ / ‖W‖‖v‖ of the pixel noise</dt>
        <dd>${formatNumber(meta.relativeResidual)}</dd>
      </div>
      ${noises.map((each, m) => {
        const of = noises.length === 1 ? 'the encoder noise' : `encoder noise ${m + 1}`;
        return html`<div>
            <dt>Norm of ${of}, from the start; without what LayerNorm takes out</dt>
            <dd>
              ${formatNumber(each.normAtStart)} → ${formatNumber(each.norm)}
              <span class="share">${formatNumber(each.normSeen)}</span>
            </dd>
          </div>
          <div>
            <dt>Predictions that stay with ${of}; with its entries permuted</dt>
            <dd>
              ${formatPercent(each.learned.match)}
              <span class="share">${formatPercent(each.permuted.match)}</span>
            </dd>
          </div>`;
      })}
    </dl>
    ${pixelTable(label, meta)} ${noiseAsPixelsTable(label, meta)}`;
}

const LIMIT_NAMES = {
  unbounded: 'as numbers without bounds',
  clipped: 'clipped to [0, 1]',
  '8-bit': 'clipped and rounded to 8 bits',
};

/** What a picture can hold of the pixel noise. */
function pixelTable(label: string, { pixelNoise }: NoiseArtifact['meta']): Html {
  if (pixelNoise.length === 0) return html``;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Pixel noise within limits, ${label}">
    <table>
      <thead>
        <tr>
          <th scope="col">Image and pixel noise</th>
          <th scope="col" class="number">‖Wv‖ / ‖W‖‖v‖ of what is left</th>
          <th scope="col" class="number">Numbers changed</th>
          <th scope="col" class="number">Predictions that stay</th>
        </tr>
      </thead>
      <tbody>
        ${pixelNoise.map(
          (row) =>
            html`<tr>
              <th scope="row">${LIMIT_NAMES[row.limit]}</th>
              <td class="number">${formatNumber(row.relativeResidual)}</td>
              <td class="number">${formatPercent(row.changed)}</td>
              <td class="number">${formatPercent(row.match)} of ${row.images}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** What pixels can bring about of the encoder noise. */
function noiseAsPixelsTable(label: string, { noiseAsPixels }: NoiseArtifact['meta']): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Encoder noise as pixels, ${label}">
    <table>
      <thead>
        <tr>
          <th scope="col">Encoder noise δ brought about by pixels p</th>
          <th scope="col" class="number">‖Wp − δ‖ / ‖δ‖ left over</th>
          <th scope="col" class="number">Predictions that stay</th>
        </tr>
      </thead>
      <tbody>
        ${noiseAsPixels.map(
          (row) =>
            html`<tr>
              <th scope="row">
                ${row.limit === 'unbounded' ? LIMIT_NAMES.unbounded : 'within a picture, from 0 to 1'}
              </th>
              <td class="number">${formatNumber(row.relativeResidual)}</td>
              <td class="number">${formatPercent(row.match)} of ${row.images}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function examples({ label, noise }: NoiseInput): Html {
  const { meta } = noise;
  if (meta.nullity === 0)
    return html`<p class="note">
      The patch embedding has full column rank, so there is no pixel noise it does not see. The encoder noise
      above is what such a model has.
    </p>`;
  const pictures = examplePictures(noise);
  return html`<p class="note">
      Beside each image the same pixel noise from the null space of the patch embedding, of norm
      ${formatNumber(meta.pixelNorm)} in normalised pixels. The model is given image plus noise as numbers
      without bounds, and its answer does not change. A screen can only show values from 0 to 1: clipped to
      them, as in the third picture, the noise is no longer in the null space, and the answer may.
    </p>
    <ol class="examples" aria-label="Examples, ${label}">
      ${pictures.map(
        (example) =>
          html`<li class="example">
            <div class="pictures">
              <figure>
                <img src="${example.image}" alt="${example.name}" width="96" height="96" />
                <figcaption>image</figcaption>
              </figure>
              <figure>
                <img src="${example.noise}" alt="the noise, scaled to be seen" width="96" height="96" />
                <figcaption>noise, scaled</figcaption>
              </figure>
              <figure>
                <img
                  src="${example.noisy}"
                  alt="${example.name} with noise, clipped"
                  width="96"
                  height="96"
                />
                <figcaption>sum, clipped</figcaption>
              </figure>
              ${example.visible.map(
                ({ name, picture }) =>
                  html`<figure>
                    <img
                      src="${picture}"
                      alt="${example.name} with the most visible noise, ${name}"
                      width="96"
                      height="96"
                    />
                    <figcaption>${name}</figcaption>
                  </figure>`,
              )}
            </div>
            <p class="truth">${example.name}</p>
            <dl class="answers">
              ${example.answers.map(
                ({ what, name, share, changed }) =>
                  html`<div${changed ? html` class="changed"` : ''}>
                    <dt>${what}</dt>
                    <dd>${name} <span class="share">${formatPercent(share)}</span>${changed && html` <span class="mark">changed</span>`}</dd>
                  </div>`,
              )}
            </dl>
          </li>`,
      )}
    </ol>`;
}

interface Answer {
  readonly what: string;
  readonly name: string;
  readonly share: number;
  readonly changed: boolean;
}

interface Example {
  readonly name: string;
  readonly image: string;
  readonly noise: string;
  readonly noisy: string;
  /** With the most visible noise that leaves a picture. */
  readonly visible: readonly { readonly name: string; readonly picture: string }[];
  readonly answers: readonly Answer[];
}

const ANSWERS: readonly (readonly [ExampleTreatment, string])[] = [
  ['clean', 'clean'],
  ['pixelNoise', 'pixel noise'],
  ['clippedPixelNoise', 'clipped'],
  ['encoderNoise', 'encoder noise'],
];

function examplePictures(artifact: NoiseArtifact): Example[] {
  const { model, classNames, visible } = artifact.meta;
  const pixels = noiseArray(artifact, 'examples.pixels').data as Float32Array;
  const noise = toPixelUnits(noiseArray(artifact, 'pixelNoise').data as Float32Array, model.std);
  const strongest = Math.max(...noise.map(Math.abs));
  const seen = pictureAddress(
    noise.map((value) => 0.5 + value / (2 * strongest)),
    model.imageSize,
  );
  return [...noiseArray(artifact, 'examples.labels').data].map((label, index) => {
    const image = pixels.slice(index * noise.length, (index + 1) * noise.length);
    const predictions = [...ANSWERS, ...visible.map((name) => [name, name] as const)].map(
      ([treatment, what]) => ({
        what,
        ...prediction(
          noiseArray(artifact, `examples.logits.${treatment}`).data as Float32Array,
          index,
          model.classes,
        ),
      }),
    );
    return {
      name: classNames[label] ?? String(label),
      image: pictureAddress(image, model.imageSize),
      noise: seen,
      noisy: pictureAddress(
        image.map((value, i) => value + (noise[i] ?? 0)),
        model.imageSize,
      ),
      visible: visible.map((name) => ({
        name,
        picture: pictureAddress(
          (noiseArray(artifact, `examples.visible.${name}`).data as Float32Array).slice(
            index * noise.length,
            (index + 1) * noise.length,
          ),
          model.imageSize,
        ),
      })),
      answers: predictions.map(({ what, best, share }) => ({
        what,
        name: classNames[best] ?? String(best),
        share,
        changed: best !== predictions[0]?.best,
      })),
    };
  });
}

/** The class of the largest logit and its probability. */
function prediction(logits: Float32Array, index: number, classes: number): { best: number; share: number } {
  const row = logits.subarray(index * classes, (index + 1) * classes);
  const largest = Math.max(...row);
  const total = row.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
  return { best: row.indexOf(largest), share: 1 / total };
}
