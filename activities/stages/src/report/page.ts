import type { Provenance } from '@vitrine/contracts';
import { accuracySection, summaryCards } from './accuracy-section.js';
import { calibratedEvaluations, calibrationSection } from './calibration-section.js';
import { certificationSection } from './certification-section.js';
import { confusionSection } from './confusion-section.js';
import { corruptedEvaluations, corruptionSection } from './corruption-section.js';
import { curvesSection } from './curves-section.js';
import { conclusionsSection } from './conclusions-section.js';
import { explanationSection } from './explanation-section.js';
import { faithfulnessSection } from './faithfulness-section.js';
import { html, Html } from './html.js';
import { influenceSection } from './influence-section.js';
import { noiseSection } from './noise-section.js';
import { checkedEvaluations, maskingSection } from './masking-section.js';
import { noiseSearches } from './null-space-charts.js';
import { publishedSection } from './published-section.js';
import { provenanceSection } from './provenance-section.js';
import type { ReportData } from './report-data.js';
import { studySection } from './study-section.js';
import { STYLE } from './style.js';
import { formatNumber, shortDigest } from './text.js';

/** The whole report as one HTML document that asks for nothing else and runs no script. Equal data, equal bytes. */
export function reportPage(data: ReportData): string {
  const parts = sections(data);
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        />
        <title>${data.title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${data.title}</h1>
          <p class="run">Run <code>${data.identity.runId}</code> of project ${data.identity.project}</p>
          ${headline(data)} ${summaryCards(data)}
          <nav aria-label="Sections">${parts.map(({ id, name }) => html`<a href="#${id}">${name}</a>`)}</nav>
        </header>
        <main>${parts.map(({ content }) => content)}</main>
        <footer>
          <p>
            Made by Vitrine, stage ${data.identity.stage}, code
            <code title="${data.identity.codeVersion}">${shortDigest(data.identity.codeVersion)}</code>.
          </p>
        </footer>
      </body>
    </html> `;
  return page.markup;
}

interface Section {
  readonly id: string;
  readonly name: string;
  readonly content: Html;
}

const MOST_MATRICES = 12;

/** Those for which there is something to show. */
function sections(data: ReportData): Section[] {
  const { histories, evaluations, noises, certifications } = data;
  const all: (Section & { shown: boolean })[] = [
    { id: 'study', name: 'Study', content: studySection(data), shown: data.study !== undefined },
    { id: 'accuracy', name: 'Accuracy', content: accuracySection(data), shown: evaluations.length > 0 },
    {
      id: 'masking',
      name: 'Masking',
      content: maskingSection(data),
      shown: checkedEvaluations(data).length > 0,
    },
    {
      id: 'calibration',
      name: 'Calibration',
      content: calibrationSection(data),
      shown: calibratedEvaluations(data).length > 0 && !data.study,
    },
    {
      id: 'corruptions',
      name: 'Corruptions',
      content: corruptionSection(data),
      shown: corruptedEvaluations(data).length > 0,
    },
    {
      id: 'certification',
      name: 'Certified',
      content: certificationSection(data),
      shown: certifications.length > 0,
    },
    { id: 'curves', name: 'Curves', content: curvesSection(data), shown: histories.length > 0 },
    {
      id: 'noise',
      name: 'Null space',
      content: noiseSection(data),
      shown: noises.length + noiseSearches(data).length > 0,
    },
    {
      id: 'influence',
      name: 'Influence',
      content: influenceSection(data),
      shown: data.influences.length > 0,
    },
    {
      id: 'published',
      name: 'Published',
      content: publishedSection(data),
      shown: data.published.length > 0,
    },
    {
      id: 'conclusions',
      name: 'Conclusions',
      content: conclusionsSection(data),
      shown: data.influences.length > 0,
    },
    {
      id: 'explanations',
      name: 'Explanations',
      content: explanationSection(data),
      shown: data.explanations.length > 0,
    },
    {
      id: 'faithfulness',
      name: 'Attention',
      content: faithfulnessSection(data),
      shown: data.faithfulness.length > 0,
    },
    {
      id: 'confusion',
      name: 'Confusion',
      content: confusionSection(data),
      // Of the many models of a study nobody compares matrices.
      shown: evaluations.length > 0 && evaluations.length <= MOST_MATRICES,
    },
    { id: 'provenance', name: 'Provenance', content: provenanceSection(data), shown: true },
  ];
  return all.filter(({ shown }) => shown);
}

/** What was done, in one sentence. */
function headline({ histories, evaluations, certifications }: ReportData): Html {
  const [history] = histories;
  const [first] = evaluations;
  const model =
    history &&
    html`${modelName(history.provenance.model)} of ${formatNumber(history.provenance.parameters)} weights,
    trained on ${formatNumber(history.provenance.train.images)} images of ${history.provenance.train.name}.`;
  const judged =
    first &&
    html`${evaluations.length === 1 ? 'One model' : `${evaluations.length} models`} judged on
    ${formatNumber(first.evaluation.labels.length)} test images under ${first.evaluation.conditions.length}
    conditions.`;
  const [certified] = certifications;
  const certificates =
    certified &&
    html`${formatNumber(certified.certification.examples.length)} images
    certified${certifications.length > 1 && html`, in ${certifications.length} ways`}.`;
  return html`<p class="headline">${model} ${judged} ${certificates}</p>`;
}

const modelName = (model: Provenance['model']): Html =>
  model.family === 'vit'
    ? html`A vision transformer (patch ${model.patchSize}, width ${model.width}, depth ${model.depth})`
    : html`A denoising U-Net (width ${model.width}, levels ${model.multipliers.join(', ')},
      ${model.diffusion.steps} ${model.diffusion.schedule} steps)`;
