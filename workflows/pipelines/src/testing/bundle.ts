import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/** Bundles an entry as the build does; throws what the bundler refuses it for. */
export async function bundle(entry = '../index.ts'): Promise<{ readonly code: string }> {
  const said: string[] = [];
  const logger = new DefaultLogger('ERROR', ({ message }) => said.push(message));
  try {
    return await bundleWorkflowCode({
      workflowsPath: fileURLToPath(new URL(entry, import.meta.url)),
      logger,
    });
  } catch (cause) {
    throw new Error(`${entry} was not bundled:\n${said.join('\n')}`, { cause });
  }
}
