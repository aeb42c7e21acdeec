import type { ExplanationsArtifact } from '../explain/explanations-artifact.js';
import { html, type Html } from './html.js';
import { pictureAddress } from './png.js';
import type { ExplanationsInput, ReportData } from './report-data.js';

/** All methods on the same images, what gates say layer by layer, and the scores of the methods. */
export function explanationSection(data: ReportData): Html {
  return html`<section id="explanations" aria-labelledby="explanations-title">
    <h2 id="explanations-title">Explanations</h2>
    <p class="note">
      Bright patches matter to the predicted class by the method named; each map is scaled to its own range.
      Of gates, the kept patches and the votes of each layer stand beside the mask.
    </p>
    ${data.explanations.map((input) => [html`<h3>${input.label}</h3>`, scores(input), examples(input)])}
  </section>`;
}

function scores({ label, explanations: { meta } }: ExplanationsInput): Html {
  const figure = (value: number): string => value.toFixed(3);
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Scores of the methods, ${label}">
    <table>
      <thead>
        <tr>
          <th scope="col">Method</th>
          ${['Pos. KL ↑', 'Neg. KL ↓', 'Pos. prob. ↓', 'Neg. prob. ↑'].map((name) => html`<th scope="col" class="number">${name}, as released</th>`)}
          ${['Positive ↓', 'Negative ↑', 'Deletion ↓', 'Insertion ↑'].map((name) => html`<th scope="col" class="number">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${meta.scores.map(
          ({ method, released, normalised, deletion, insertion }) =>
            html`<tr>
              <th scope="row">${method}</th>
              ${[
                ...[
                  released.positiveSurprise,
                  released.negativeSurprise,
                  released.positive,
                  released.negative,
                ],
                ...[normalised.positive, normalised.negative, deletion, insertion],
              ].map((value) => html`<td class="number">${figure(value)}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** `length` numbers of an array, the `index`-th run of them. */
const rowOf = (
  { arrays }: ExplanationsArtifact,
  name: string,
  { index, length }: { readonly index: number; readonly length: number },
): Float32Array => (arrays[name]?.data as Float32Array).slice(index * length, (index + 1) * length);

function examples({ explanations }: ExplanationsInput): Html {
  const { arrays, meta } = explanations;
  const { imageSize: S, channels } = meta.model;
  const E = arrays['examples.labels']?.data.length ?? 0;
  const picture = (values: Float32Array, size: number, name: string): Html =>
    html`<figure>
      <img src="${pictureAddress(values, size)}" alt="${name}" />
      <figcaption>${name}</figcaption>
    </figure>`;
  return html`<ul class="explained">
    ${Array.from({ length: E }, (_, image) => {
      const length = channels * S * S;
      const pixels = rowOf(explanations, 'examples.pixels', { index: image, length });
      const predicted = meta.classNames[arrays['targets']?.data[image] ?? 0] ?? '';
      const actual = meta.classNames[arrays['examples.labels']?.data[image] ?? 0] ?? '';
      return html`<li>
        <p class="truth">${actual}, predicted ${predicted}</p>
        <div class="pictures">
          ${picture(pixels, S, 'image')}
          ${meta.methods.flatMap((method) => methodPictures(explanations, { method, image, pixels }).map((shown) => picture(shown.values, shown.size, shown.name)))}
        </div>
      </li>`;
    })}
  </ul>`;
}

interface Shown {
  readonly values: Float32Array;
  readonly size: number;
  readonly name: string;
}

/** The map of a method; of gates also the image where the mask keeps it, and the mask of each layer. */
function methodPictures(
  explanations: ExplanationsArtifact,
  {
    method,
    image,
    pixels,
  }: { readonly method: string; readonly image: number; readonly pixels: Float32Array },
): Shown[] {
  const { arrays, meta } = explanations;
  const { imageSize: S, patchSize: r } = meta.model;
  const side = S / r;
  const N = side * side;
  const map = rowOf(explanations, `maps.${method}`, { index: image, length: N });
  const votes = arrays[`votes.${method}`];
  if (!votes) return [{ values: scaled(map), size: side, name: method }];
  const patchOf = (pixel: number): number =>
    Math.floor(Math.floor((pixel % (S * S)) / S) / r) * side + Math.floor((pixel % S) / r);
  const kept = pixels.map((value, pixel) => ((map[patchOf(pixel)] ?? 0) > 0.5 ? value : 0.5));
  const [G = 0, E = 0] = votes.shape;
  const layers = Array.from({ length: G }, (_, gate): Shown => {
    const index = gate * E + image;
    return {
      values: rowOf(explanations, `votes.${method}`, { index, length: N }).map(Math.exp),
      size: side,
      name: `gate ${gate}`,
    };
  });
  return [
    { values: map, size: side, name: `${method}: mask` },
    { values: kept, size: S, name: 'kept' },
    ...layers,
  ];
}

/** To [0, 1] by its own range; what is the same everywhere is grey. */
function scaled(map: Float32Array): Float32Array {
  const [low, high] = [Math.min(...map), Math.max(...map)];
  return map.map((value) => (high > low ? (value - low) / (high - low) : 0.5));
}
