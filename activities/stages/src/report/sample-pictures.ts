import { html, type Html } from './html.js';
import type { Picture } from './report-data.js';
import { formatNumber } from './text.js';

/** Grids of samples side by side, in the order in which they were made. */
export function samplePictures(label: string, pictures: readonly Picture[]): Html {
  if (pictures.length === 0) return html``;
  return html`<ol class="samples" aria-label="Samples, ${label}">
    ${pictures.map(
      ({ step, address }) =>
        html`<li>
          <figure>
            <img src="${address}" alt="images made up after ${step} steps" width="192" height="192" />
            <figcaption>${label}, after ${formatNumber(step)} steps</figcaption>
          </figure>
        </li>`,
    )}
  </ol>`;
}
