import { describeError, type ElementsView, type RunView } from '@vitrine/contracts';
import { formatDuration } from '../progress/format.js';
import { resultsTable } from '../progress/results-table.js';
import { stagesInOrder } from '../progress/run-board.js';
import { paint, printable } from '../progress/style.js';
import type { Terminal } from '../terminal.js';

/** What a closed run comes to: its figures, or its errors in full. */
export function printOutcome(terminal: Terminal, view: RunView): void {
  const took = Date.parse(view.endedAt ?? view.submittedAt) - Date.parse(view.submittedAt);
  const tone = view.status === 'succeeded' ? 'good' : view.status === 'failed' ? 'bad' : 'warn';
  terminal.line();
  terminal.line(
    `${view.runId} ${paint(view.status, tone, terminal.style)} after ${formatDuration(took / 1000)}`,
  );
  for (const [name, { error, state, elements }] of stagesInOrder(view)) {
    if (state === 'succeeded') printFailures(terminal, name, elements);
    if (!error || state === 'cancelled') continue;
    terminal.line();
    terminal.line(paint(`stage ${name}`, 'bold', terminal.style));
    terminal.line(printable(describeError(error)));
  }
  const table = resultsTable(view);
  if (table.length > 0) {
    terminal.line();
    terminal.line('Accuracy with its 95 % interval:');
    for (const row of table) terminal.line(`  ${row}`);
  }
}

/** A stage that succeeded may have elements that did not. */
function printFailures(terminal: Terminal, name: string, elements: ElementsView | undefined): void {
  if (!elements || elements.failed === 0) return;
  terminal.line();
  terminal.line(
    `stage ${paint(name, 'bold', terminal.style)}: ${elements.failed} of ${elements.total ?? '?'} elements failed`,
  );
  for (const { index, item, error } of elements.failures)
    terminal.line(printable(`  element ${index}, ${item}: ${error.code}: ${error.message}`));
}
