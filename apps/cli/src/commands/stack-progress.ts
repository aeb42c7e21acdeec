import { paint } from '../progress/style.js';
import type { PartName } from '../stack/process-list.js';
import type { StartProgress } from '../stack/supervisor.js';
import type { Terminal } from '../terminal.js';

const TITLES: Readonly<Record<PartName, string>> = {
  s3: 'S3 server',
  temporal: 'Temporal',
  api: 'API',
  worker: 'Worker',
  prometheus: 'Prometheus',
  grafana: 'Grafana',
};

/** Prints how the parts come up and go down, a line each; below them, on a terminal, what is waited for. */
export function tellStack(terminal: Terminal): (progress: StartProgress) => void {
  const starting = new Set<PartName>();
  const print = (part: PartName, text: string): void => {
    const line = `  ${paint(TITLES[part].padEnd(10), 'bold', terminal.style)}  ${text}`;
    if (!terminal.live) terminal.line(line);
    else terminal.screen.above(line);
  };
  return ({ part, state, address }) => {
    if (state === 'starting') starting.add(part);
    else starting.delete(part);
    if (state === 'up') print(part, address ?? 'up');
    if (state === 'absent') print(part, `not started: ${address ?? ''}`);
    if (state === 'stopped') print(part, 'stopped');
    if (state === 'leftover') print(part, 'was left behind by a stack that was killed; ending it');
    if (!terminal.live) return;
    const waiting = [...starting].map((name) => TITLES[name]).join(', ');
    terminal.screen.draw(waiting === '' ? [] : [paint(`  starting ${waiting}`, 'dim', terminal.style)]);
  };
}
