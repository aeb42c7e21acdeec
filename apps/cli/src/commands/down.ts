import type { Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { stopStack } from '../stack/stop-stack.js';

/** `vitrine down`. */
export async function down(context: Context): Promise<number> {
  const { terminal } = context;
  const { stateDir } = context.config();
  const stopped = await stopStack(stateDir, (line) => terminal.line(line));
  terminal.line(
    stopped ? 'The stack is down. What was running goes on after `npx vitrine up`.' : 'No stack is running.',
  );
  return EXIT.ok;
}
