import type { ArtifactRef } from '@vitrine/contracts';
import { html, type Html } from './html.js';
import type { HistoryInput, ReportData } from './report-data.js';
import { formatNumber, shortDigest } from './text.js';

/** Where every number comes from. */
export function provenanceSection(data: ReportData): Html {
  return html`<section id="provenance" aria-labelledby="provenance-title">
    <h2 id="provenance-title">Where the numbers come from</h2>
    <p class="note">
      Equal seed, data, code and numerics give equal bytes: run the pipeline again and compare the digests.
      Digests are SHA-256, here their first twelve digits; the whole ones are the titles.
    </p>
    ${stages(data.histories)} ${artifacts(data)} ${data.histories.map(parameters)}
  </section>`;
}

function stages(histories: readonly HistoryInput[]): Html {
  if (histories.length === 0) return html``;
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Stages">
    <table>
      <thead>
        <tr>
          <th scope="col">Stage</th>
          <th scope="col">Kind</th>
          <th scope="col" class="number">Seed</th>
          <th scope="col" class="number">Weights</th>
          <th scope="col">Training data</th>
          <th scope="col">Test data</th>
          <th scope="col">Numerics</th>
          <th scope="col">Code</th>
        </tr>
      </thead>
      <tbody>
        ${histories.map(
          ({ provenance: { stage, kind, seed, parameters: weights, train, test, profile, codeVersion } }) => {
            const dataCell = ({ name, images, sha256 }: typeof train): Html =>
              html`${name}, ${formatNumber(images)} images ${digest(sha256)}`;
            return html`<tr>
              <th scope="row">${stage}</th>
              <td>${kind}</td>
              <td class="number"><code>${seed}</code></td>
              <td class="number">${formatNumber(weights)}</td>
              <td>${dataCell(train)}</td>
              <td>${dataCell(test)}</td>
              <td>
                ${profile.device}, ${profile.threads} threads, ${profile.precision}, ${profile.execution};
                TensorFlow ${profile.build}
              </td>
              <td>${digest(codeVersion)}</td>
            </tr>`;
          },
        )}
      </tbody>
    </table>
  </div>`;
}

function artifacts({
  histories,
  evaluations,
  noises,
  influences,
  certifications,
  faithfulness,
}: ReportData): Html {
  const rows: { label: string; what: string; ref: ArtifactRef; model?: string }[] = [
    ...histories.map(({ label, ref }) => ({ label, what: 'history', ref })),
    ...evaluations.map(({ label, ref, evaluation }) => ({
      label,
      what: 'evaluation',
      ref,
      model: evaluation.modelSha256,
    })),
    ...certifications.map(({ label, ref, certification }) => ({
      label,
      what: 'certification',
      ref,
      ...(certification.origin.kind === 'computed' && { model: certification.origin.modelSha256 }),
    })),
    ...influences.map(({ label, ref, study }) => ({
      label,
      what: 'influence',
      ref,
      model: study.modelSha256,
    })),
    ...faithfulness.map(({ label, ref, faithfulness: of }) => ({
      label,
      what: 'attention',
      ref,
      model: of.modelSha256,
    })),
    ...noises.map(({ label, ref, noise }) => ({ label, what: 'noise', ref, model: noise.meta.modelSha256 })),
  ];
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Artifacts">
    <table>
      <thead>
        <tr>
          <th scope="col">Label</th>
          <th scope="col">Artifact</th>
          <th scope="col">Digest</th>
          <th scope="col">Of the model</th>
          <th scope="col" class="number">Bytes</th>
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ({ label, what, ref, model }) =>
            html`<tr>
              <th scope="row">${label}</th>
              <td>${what}</td>
              <td>${digest(ref.sha256)}</td>
              <td>${model === undefined ? '' : digest(model)}</td>
              <td class="number">${formatNumber(ref.bytes)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function parameters({ label, provenance }: HistoryInput): Html {
  return html`<details>
    <summary>Parameters of ${provenance.stage} (${label})</summary>
    <pre tabindex="0">${JSON.stringify({ model: provenance.model, ...provenance.params }, null, 2)}</pre>
  </details>`;
}

const digest = (sha256: string): Html => html`<code title="${sha256}">${shortDigest(sha256)}</code>`;
