import { lineChart } from './chart.js';
import { html, type Html } from './html.js';
import { colourOf, type EvaluationInput, type ReportData } from './report-data.js';
import { conditionName, formatPercent, formatPercentTick } from './text.js';

type Calibration = NonNullable<NonNullable<EvaluationInput['evaluation']['calibration']>[number]>;

interface Row {
  readonly label: string;
  readonly name: string;
  readonly clean: boolean;
  readonly calibration: Calibration;
}

/** Evaluations that say how far probabilities mean what they say. */
export const calibratedEvaluations = ({ evaluations }: ReportData): EvaluationInput[] =>
  evaluations.filter(({ evaluation }) => evaluation.calibration !== undefined);

/** Of every model under every condition but corruptions, which are many; and the reliability diagram of clean images. */
export function calibrationSection(data: ReportData): Html {
  const rows = calibratedEvaluations(data).flatMap(({ label, evaluation }) =>
    evaluation.conditions.flatMap(({ condition }, at): Row[] => {
      const calibration = evaluation.calibration?.[at];
      if (!calibration || condition.kind === 'corruption') return [];
      return [{ label, name: conditionName(condition), clean: condition.kind === 'clean', calibration }];
    }),
  );
  const colour = colourOf(data);
  const score = ({ mean, low, high }: Calibration['brier']): string =>
    `${mean.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return html`<section id="calibration" aria-labelledby="calibration-title">
    <h2 id="calibration-title">Calibration</h2>
    <p class="note">
      The expected calibration error is the mean difference of accuracy and confidence over 15 equal bins of
      confidence (Guo et al., ICML 2017); Brier’s score is the squared error of the probabilities, summed over
      the classes. In brackets 95 % intervals.
    </p>
    <div class="scroll" role="region" tabindex="0" aria-labelledby="calibration-title">
      <table>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Condition</th>
            <th scope="col" class="number">Calibration error</th>
            <th scope="col" class="number">Brier</th>
            <th scope="col" class="number">Log loss, nats</th>
            <th scope="col" class="number">Top 5</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ({ label, name, calibration }) =>
              html`<tr>
                <th scope="row">${label}</th>
                <td>${name}</td>
                <td class="number">${formatPercent(calibration.expectedError)}</td>
                <td class="number">${score(calibration.brier)}</td>
                <td class="number">${score(calibration.logLoss)}</td>
                <td class="number">${formatPercent(calibration.topFive)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <div class="charts">
      ${lineChart({
        title: 'Accuracy over confidence, clean images',
        xLabel: 'confidence',
        continuous: true,
        fromZero: true,
        formatY: formatPercentTick,
        series: rows
          .filter(({ clean }) => clean)
          .map(({ label, calibration }) => ({
            ...{ label, colour: colour(label) },
            points: calibration.bins
              .filter(({ images }) => images > 0)
              .map(({ confidence, accuracy }) => [confidence, accuracy] as const),
          })),
      })}
    </div>
  </section>`;
}
