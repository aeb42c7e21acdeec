import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { VitrineError, type AnswerMessage } from '@vitrine/contracts';
import type { z } from 'zod';
import type { Context } from '../context.js';

export interface ProgramQuestion<A> {
  /** Of the built stages. */
  readonly program: string;
  readonly job: unknown;
  readonly messages: z.ZodType<AnswerMessage<A>>;
  /** For people: `The process that <does> ended without an answer.` */
  readonly does: string;
}

/**
 * Starts a program of the stages for something that computes, shows how far it is, and gives its answer.
 * @throws VitrineError as the program says, InvalidConfig when it is not built, StageFailed when it ends without a word
 */
export async function askProgram<A>(
  context: Context,
  { program, job, messages, does }: ProgramQuestion<A>,
): Promise<A> {
  const entry = join(context.config().workspace ?? '.', 'activities/stages/dist', program);
  if (!existsSync(entry))
    throw new VitrineError('InvalidConfig', 'The project is not built.', {
      where: entry,
      expected: 'a build',
      hint: 'Set up again with `npm start -- --setup-only`.',
    });
  const child = spawn(process.execPath, [entry, JSON.stringify(job)], {
    env: context.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said = `${said}${text.toString()}`.slice(-4000)));
  let answer: { readonly is: A } | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const message = messages.parse(JSON.parse(line));
    if ('error' in message) throw VitrineError.of(message.error);
    if ('answer' in message) answer = { is: message.answer };
    else if (context.terminal.live) {
      const { phase, step, total } = message.progress;
      context.terminal.screen.draw([`  ${phase}  ${step}/${total}`.slice(0, context.terminal.width)]);
    }
  }
  await ended;
  context.terminal.screen.leave();
  if (answer) return answer.is;
  throw new VitrineError('StageFailed', `The process that ${does} ended without an answer.`, {
    where: entry,
    expected: 'an answer',
    actual: said.trim() || `exit code ${child.exitCode ?? child.signalCode ?? 'unknown'}`,
    hint: 'See what is missing with `npx vitrine doctor`.',
  });
}
