// `npm test`: from a fresh clone to a verdict. Sets up what is missing, then runs everything the gate needs.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

try {
  execFileSync(process.execPath, ['infra/local/start.mjs', '--setup-only'], { cwd: root, stdio: 'inherit' });
} catch {
  // The set-up has said what is wrong; without it no test can run, and that is a failure.
  process.stdout.write('\nThe set-up failed, so no test was run.\n0 passed, 1 failed\n');
  process.exit(1);
}

// Imported late: the steps are run by packages that the set-up installs.
const { checks, runSteps, tests } = await import('./steps.mjs');
await runSteps([...checks, tests('unit'), tests('ml'), tests('services'), tests('e2e')]);
