import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { statePaths } from '@vitrine/config';
import { VitrineError, errorViewSchema } from '@vitrine/contracts';
import { z } from 'zod';
import type { Context } from '../context.js';
import { logPath, logTail, openLog } from './log-file.js';
import { PART_NAMES } from './process-list.js';
import { interruptedStart, type StartProgress } from './supervisor.js';

/** The hidden command that a detached supervisor runs. */
export const SUPERVISE = '__supervise';

const progressSchema = z.object({
  part: z.enum(PART_NAMES),
  state: z.enum(['starting', 'up', 'stopped', 'leftover', 'absent']),
  address: z.string().optional(),
});

/** What a detached supervisor tells the command that started it, until the stack is up. */
export const supervisorMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), progress: progressSchema }),
  z.object({ type: z.literal('ready') }),
  z.object({ type: z.literal('busy') }),
  z.object({ type: z.literal('failed'), error: errorViewSchema }),
]);
export type SupervisorMessage = z.infer<typeof supervisorMessageSchema>;

interface DetachOptions {
  readonly monitoring: boolean;
  readonly tell: (progress: StartProgress) => void;
  readonly signal: AbortSignal;
}

/**
 * Starts a supervisor that outlives this command, and waits until its stack is up.
 * @returns `busy` when the state folder has a supervisor already
 * @throws VitrineError what the supervisor could not do; Cancelled when the signal ended it
 */
export async function startDetached(
  context: Context,
  { monitoring, tell, signal }: DetachOptions,
): Promise<'ready' | 'busy'> {
  const { logsDir } = statePaths(context.config().stateDir);
  const log = openLog(logsDir, 'supervisor');
  const args = [context.entry, SUPERVISE, ...(monitoring ? ['--monitoring'] : [])];
  const child = spawn(process.execPath, args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd, 'ipc'],
  });
  log.close();
  const ended = once(child, 'exit');
  const onAbort = (): void => void child.kill('SIGTERM');
  signal.addEventListener('abort', onAbort);
  try {
    const answer = await new Promise<SupervisorMessage | undefined>((resolve) => {
      child.on('message', (raw) => {
        const message = supervisorMessageSchema.safeParse(raw).data;
        if (message?.type === 'progress') tell(compact(message.progress));
        else if (message) resolve(message);
      });
      void ended.then(() => resolve(undefined));
    });
    if (answer?.type === 'ready' || answer?.type === 'busy') return answer.type;
    await ended;
    if (signal.aborted) throw interruptedStart();
    throw answer?.type === 'failed' ? failure(answer.error) : silentEnd(logsDir);
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function compact({ part, state, address }: z.infer<typeof progressSchema>): StartProgress {
  return { part, state, ...(address !== undefined && { address }) };
}

function failure({ code, message, ...details }: z.infer<typeof errorViewSchema>): VitrineError {
  const known = Object.entries(details).filter(([, value]) => value !== undefined);
  return new VitrineError(code, message, Object.fromEntries(known));
}

function silentEnd(logsDir: string): VitrineError {
  return new VitrineError('Internal', 'The supervisor of the stack ended without a word.', {
    where: logPath(logsDir, 'supervisor'),
    expected: 'a stack that is up',
    actual: logTail(logsDir, 'supervisor') || 'an empty log',
  });
}
