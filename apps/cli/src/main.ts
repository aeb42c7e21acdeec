import { fileURLToPath } from 'node:url';
import { processEnvironment, readConfig } from '@vitrine/config';
import { describeError, toVitrineError } from '@vitrine/contracts';
import packageJson from '../package.json' with { type: 'json' };
import { exitCodeOfError } from './exit-codes.js';
import { runProgram } from './program.js';
import { paint } from './progress/style.js';
import { Terminal } from './terminal.js';

const env = processEnvironment();
const terminal = new Terminal(process.stdout, process.stderr, env);

// Node and libraries warn developers; people who run pipelines cannot do anything about it.
process.removeAllListeners('warning');
process.on('warning', ({ message }) => {
  if (env['VITRINE_DEBUG']) terminal.aside(message);
});

// A reader that has seen enough, such as `head`, closes the pipe: that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

try {
  process.exitCode = await runProgram(
    {
      env,
      terminal,
      entry: fileURLToPath(import.meta.url),
      version: packageJson.version,
      config: () => readConfig(env),
    },
    process.argv.slice(2),
  );
} catch (thrown) {
  const error = toVitrineError(thrown);
  const [first = '', ...rest] = describeError(error.toView()).split('\n');
  terminal.aside([paint(first, 'bad', terminal.errorStyle), ...rest].join('\n'));
  if (env['VITRINE_DEBUG'])
    terminal.aside(String(error.cause instanceof Error ? error.cause.stack : error.stack));
  process.exitCode = exitCodeOfError(error.code);
}
