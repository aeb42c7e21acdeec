import { html, Html } from '../report/html.js';
import { STYLE } from '../report/style.js';
import { agreementTable, curveCharts, gateTable, scoreTables } from '../report/explanation-tables.js';
import { formatPercent, shortDigest } from '../report/text.js';
import type { ExplanationsArtifact } from './explanations-artifact.js';
import { captionOf, exampleCount } from './pictures.js';

/** A picture beside the page. */
export interface PictureFile {
  /** Number of the example. */
  readonly image: number;
  readonly what: 'image' | 'mask' | 'overlay' | 'kept' | 'votes';
  /** Empty of the image itself. */
  readonly method: string;
  readonly path: string;
}

const ABOUT = {
  overlay: 'mask over the image',
  mask: 'mask',
  kept: 'kept patches',
} as const;

/** All methods on the same images, from the files beside the page. It runs no script and asks for nothing else. */
export function explanationsPage(explanations: ExplanationsArtifact, files: readonly PictureFile[]): string {
  const { meta } = explanations;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>What the model looks at</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>What the model looks at</h1>
          <p class="headline">
            ${exampleCount(explanations)} pictures by ${meta.methods.length} methods. Bright patches matter to
            the predicted class; kept are those above one half of a mask of gates, and above the mean of any
            other map.
          </p>
        </header>
        <main>
          ${Array.from({ length: exampleCount(explanations) }, (_, image) => picture(explanations, image, files))}
          ${findings(explanations)}
        </main>
        <footer>
          <p>Made by Vitrine for the model <code>${shortDigest(meta.modelSha256)}</code>.</p>
        </footer>
      </body>
    </html> `;
  return page.markup;
}

function picture(explanations: ExplanationsArtifact, image: number, files: readonly PictureFile[]): Html {
  const { name, predicted, confidence } = captionOf({ explanations, image });
  const own = files.filter((file) => file.image === image);
  const address = (what: PictureFile['what'], method = ''): Html | undefined => {
    const file = own.find((known) => known.what === what && known.method === method);
    if (!file) return undefined;
    const alt = method === '' ? name : `${method}: ${what}`;
    return html`<img src="${encodeURI(file.path)}" alt="${alt}" loading="lazy" />`;
  };
  return html`<section aria-labelledby="picture-${image}">
    <h2 id="picture-${image}">${name}</h2>
    <p class="note">The model says ${predicted}, ${formatPercent(confidence)}.</p>
    <div class="compared">
      <figure>
        ${address('image')}
        <figcaption>image</figcaption>
      </figure>
      ${explanations.meta.methods.map(
        (method) =>
          html`<figure>
            ${Object.keys(ABOUT).map((what) => address(what as keyof typeof ABOUT, method))}
            <figcaption>${method}</figcaption>
          </figure>`,
      )}
    </div>
    <p class="note">Of each method from above: ${Object.values(ABOUT).join(', ')}.</p>
    ${explanations.meta.methods.map((method) => {
      const strip = address('votes', method);
      if (!strip) return html``;
      return html`<figure class="strip">
        ${strip}
        <figcaption>
          Votes of ${method}, from the patch embedding to behind the last block; below, all so far
        </figcaption>
      </figure>`;
    })}
  </section>`;
}

function findings(explanations: ExplanationsArtifact): Html {
  const label = 'these pictures';
  return html`<section id="findings" aria-labelledby="findings-title">
    <h2 id="findings-title">The methods compared</h2>
    ${gateTable(label, explanations)} ${scoreTables(label, explanations)} ${curveCharts(explanations)}
    ${agreementTable(label, explanations)}
  </section>`;
}
