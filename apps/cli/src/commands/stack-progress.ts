import type { PartName } from '../stack/process-list.js';
import type { StartProgress } from '../stack/supervisor.js';
import { paint } from '../progress/style.js';
import type { Terminal } from '../terminal.js';

const TITLES: Readonly<Record<PartName, string>> = {
  s3: 'S3 server',
  temporal: 'Temporal',
  api: 'API',
  worker: 'Worker',
};

/** Prints how the parts come up and go down, a line each. */
export function tellStack(terminal: Terminal): (progress: StartProgress) => void {
  return ({ part, state, address }) => {
    const title = TITLES[part].padEnd(10);
    if (state === 'up') terminal.line(`  ${paint(title, 'bold', terminal.style)}  ${address ?? 'up'}`);
    else if (state === 'leftover')
      terminal.line(`  ${title}  was left behind by a stack that was killed; ending it`);
    else if (state === 'stopped') terminal.line(`  ${title}  stopped`);
  };
}
