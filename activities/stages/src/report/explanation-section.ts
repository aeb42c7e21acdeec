import {
  captionOf,
  exampleCount,
  hasVotes,
  imageOf,
  keptOf,
  maskOf,
  stripOf,
  type Drawing,
  type Example,
} from '../explain/pictures.js';
import { agreementTable, curveCharts, gateTable, scoreTables } from './explanation-tables.js';
import { html, type Html } from './html.js';
import { drawPng, pngAddress } from './png.js';
import type { ExplanationsInput, ReportData } from './report-data.js';
import { formatPercent } from './text.js';

/** All methods on the same images, what gates say layer by layer, and the scores of the methods. */
export function explanationSection(data: ReportData): Html {
  return html`<section id="explanations" aria-labelledby="explanations-title">
    <h2 id="explanations-title">Explanations</h2>
    <p class="note">
      Bright patches matter to the predicted class by the method named; each map is scaled to its own range,
      masks of gates are shown as they are. Of gates, the kept patches stand beside the mask, and below it the
      votes of each layer with all so far.
    </p>
    ${data.explanations.map((input) => part(input))}
  </section>`;
}

function part({ label, explanations }: ExplanationsInput): Html {
  return html`<h3>${label}</h3>
    ${gateTable(label, explanations)} ${scoreTables(label, explanations)} ${curveCharts(explanations)}
    ${agreementTable(label, explanations)}
    <h4>Examples</h4>
    <ul class="explained">
      ${Array.from({ length: exampleCount(explanations) }, (_, image) => example({ explanations, image }))}
    </ul>`;
}

function picture({ values, width }: Drawing, name: string, channels: 1 | 3): Html {
  const height = values.length / channels / width;
  const address = pngAddress(drawPng(values, { width, height }));
  return html`<figure>
    <img src="${address}" alt="${name}" />
    <figcaption>${name}</figcaption>
  </figure>`;
}

function example(shown: Example): Html {
  const { name, predicted, confidence } = captionOf(shown);
  const { methods } = shown.explanations.meta;
  return html`<li>
    <p class="truth">
      ${name}, predicted ${predicted} <span class="share">${formatPercent(confidence)}</span>
    </p>
    <div class="pictures">
      ${picture(imageOf(shown), 'image', 3)}
      ${methods.map((method) => [
        picture(maskOf(shown, method), method, 1),
        ...(hasVotes(shown, method) ? [picture(keptOf(shown, method), `kept by ${method}`, 3)] : []),
      ])}
    </div>
    ${methods.map((method) => {
      const strip = stripOf(shown, method);
      if (!strip) return html``;
      return html`<div class="strip">
        ${picture(strip, `votes of ${method}, layer by layer; below, all so far`, 1)}
      </div>`;
    })}
  </li>`;
}
