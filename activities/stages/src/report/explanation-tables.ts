/** What is found out about the methods, as tables and charts; for the report and for the page beside exported pictures. */
import type { ExplanationsArtifact } from '../explain/explanations-artifact.js';
import { curveWidth, meanCurve, type CurveName, type CurveShape } from '../explain/score-maps.js';
import type { ExplanationScores } from '../explain/score-methods.js';
import { lineChart, type Series } from './chart.js';
import { html, type Html } from './html.js';

const figure = (value: number | undefined, digits = 3): string =>
  value === undefined ? '–' : value.toFixed(digits).replace('-', '−');

interface Column {
  readonly name: string;
  readonly of: (scores: ExplanationScores) => number | undefined;
}

function table(caption: string, rows: readonly ExplanationScores[], columns: readonly Column[]): Html {
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${caption}">
    <table>
      <thead>
        <tr>
          <th scope="col">Method</th>
          ${columns.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (scores) =>
            html`<tr>
              <th scope="row">${scores.method}</th>
              ${columns.map(({ of }) => html`<td class="number">${figure(of(scores))}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

/** Areas under the curves, what random weights leave of the maps, and regions where they are known. */
export function scoreTables(label: string, { meta }: ExplanationsArtifact): Html {
  const curved = meta.scores.filter(({ curves }) => curves);
  const released: Column[] = [
    { name: 'Pos. KL ↑', of: ({ curves }) => curves?.released.positiveSurprise },
    { name: 'Neg. KL ↓', of: ({ curves }) => curves?.released.negativeSurprise },
    { name: 'Pos. prob. ↓', of: ({ curves }) => curves?.released.positive },
    { name: 'Neg. prob. ↑', of: ({ curves }) => curves?.released.negative },
  ];
  const own: Column[] = [
    { name: 'Positive ↓', of: ({ curves }) => curves?.normalised.positive },
    { name: 'Negative ↑', of: ({ curves }) => curves?.normalised.negative },
    { name: 'Deletion ↓', of: ({ curves }) => curves?.deletion },
    { name: 'Insertion ↑', of: ({ curves }) => curves?.insertion },
    { name: 'Divergence ↓', of: ({ curves }) => curves?.divergence },
    { name: 'Random weights', of: ({ randomised }) => randomised },
  ];
  const regions: Column[] = [
    { name: 'Pointing ↑', of: ({ region }) => region?.pointing },
    { name: 'Accuracy ↑', of: ({ region }) => region?.accuracy },
    { name: 'IoU ↑', of: ({ region }) => region?.iou },
    { name: 'AUC ↑', of: ({ region }) => region?.auc },
    { name: 'Exact match ↑', of: ({ region }) => region?.exactMatch },
  ];
  const located = meta.scores.filter(({ region }) => region);
  return html`${
    curved.length > 0 &&
    html`<h4>By the procedure of the released code: 28 shares of pixels become noise, areas as they are</h4>
      ${table(`Scores as released, ${label}`, curved, released)}`
  }
  ${
    (curved.length > 0 || meta.scores.some(({ randomised }) => randomised !== undefined)) &&
    html`<h4>By whole patches, areas from 0 to 1</h4>
      <p class="note">
        Divergence is the mean over all kept shares of the KL, in nats, to what is answered when the rest
        becomes the mean. Random weights: rank correlation with the maps of the same model before it has
        learned anything; a method near 1 shows the image, not the model.
      </p>
      ${table(`Scores by whole patches, ${label}`, meta.scores, own)}`
  }
  ${
    located.length > 0 &&
    html`<h4>Against the patches that are known to matter</h4>
      ${table(`Scores by regions, ${label}`, located, regions)}`
  }`;
}

/** Gates side by side: how each was trained, and what its masks do to the answers. */
export function gateTable(label: string, { meta }: ExplanationsArtifact): Html {
  const rows = meta.scores.flatMap(({ method, masks, region }) =>
    masks ? [{ method, masks, region, settings: meta.gates[method] }] : [],
  );
  if (rows.length === 0) return html``;
  const heads = ['Update of the multiplier', 'Tolerance', 'Divergence', 'of the cut mask', 'Kept', 'Binary'];
  return html`<h4>Gates side by side</h4>
    <div class="scroll" role="region" tabindex="0" aria-label="Gates, ${label}">
      <table>
        <thead>
          <tr>
            <th scope="col">Gates</th>
            ${[...heads, 'Same class', 'Exact match'].map((name, i) => html`<th scope="col" class="${i === 0 ? '' : 'number'}">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(({ method, masks, region, settings }) => {
            const met = settings !== undefined && masks.divergence <= settings.tolerance;
            const figures = [masks.divergenceOfCut, masks.kept, masks.binary, masks.agreement];
            return html`<tr>
              <th scope="row">${method}</th>
              <td>${settings?.multiplierUpdate ?? '–'}</td>
              <td class="number">${figure(settings?.tolerance, 2)}</td>
              <td class="number">
                ${figure(masks.divergence, 4)} ${!met && html`<span class="mark">above tolerance</span>`}
              </td>
              ${figures.map((value) => html`<td class="number">${figure(value)}</td>`)}
              <td class="number">${figure(region?.exactMatch)}</td>
            </tr>`;
          })}
        </tbody>
      </table>
    </div>`;
}

/** How alike the maps of each two methods are. */
export function agreementTable(label: string, { meta }: ExplanationsArtifact): Html {
  if (meta.agreement.length === 0) return html``;
  const found = (a: string, b: string) =>
    meta.agreement.find(({ methods }) => methods.includes(a) && methods.includes(b) && a !== b);
  return html`<h4>Agreement</h4>
    <p class="note">
      Rank correlation of the maps of each two methods, or of two seeds of one, and below it the overlap of
      what lies above their means.
    </p>
    <div class="scroll" role="region" tabindex="0" aria-label="Agreement of the methods, ${label}">
      <table class="agreement">
        <thead>
          <tr>
            <th scope="col">Method</th>
            ${meta.methods.map((name) => html`<th scope="col" class="number">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${meta.methods.map(
            (a) =>
              html`<tr>
                <th scope="row">${a}</th>
                ${meta.methods.map((b) => {
                  const pair = found(a, b);
                  if (!pair) return html`<td class="number">–</td>`;
                  return html`<td class="number">
                    ${figure(pair.rankCorrelation, 2)}<br /><span class="share"
                      >${figure(pair.overlap, 2)}</span
                    >
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

/** Means over the images of the curves by whole patches. */
export function curveCharts({ arrays, meta }: ExplanationsArtifact): Html {
  const N = (meta.model.imageSize / meta.model.patchSize) ** 2;
  const shape: CurveShape = { patches: N, shares: meta.curveShares };
  const methods = meta.methods.filter((method) => arrays[`curves.${method}`]);
  if (methods.length === 0) return html``;
  const series = (name: CurveName, fromEnd = false): Series[] =>
    methods.map((method) => {
      const rows = arrays[`curves.${method}`]?.data as Float32Array;
      const curve = meanCurve({ rows, shape }, name);
      const last = curve.length - 1;
      const points = curve.map((value, i) => [(100 * i) / last, value] as const);
      return {
        ...{ label: method, colour: meta.methods.indexOf(method) },
        dashed: meta.methods.indexOf(method) >= 8,
        points: fromEnd ? points.map(([x, y]) => [100 - x, y] as const).reverse() : points,
      };
    });
  const chart = (title: string, xLabel: string, drawn: readonly Series[]): Html =>
    lineChart({ title, xLabel, series: drawn, fromZero: true });
  const images = (arrays[`curves.${methods[0]}`]?.data.length ?? 0) / curveWidth(shape);
  return html`<h4>Curves over ${images} images</h4>
    <div class="charts">
      ${chart('Positive perturbation: probability', '% of patches hidden by noise', series('positive'))}
      ${chart('Negative perturbation: probability', '% of patches hidden by noise', series('negative'))}
      ${chart('Deletion: probability', '% of patches hidden by the mean', series('deletion'))}
      ${chart('Insertion: probability', '% of patches shown', series('insertion', true))}
      ${chart('Sparsity against divergence, nats', '% of patches kept', series('divergence', true))}
    </div>`;
}
