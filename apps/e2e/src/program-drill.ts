import { readFileSync } from 'node:fs';
import { sleep, type LocalStack, type RunHandle } from './local-stack.js';
import { descendants, isAlive, stageProcess } from './processes.js';

/** The process of a stage's program, told by a word of its command line, once it has reported the step. */
export async function programAt(
  stack: LocalStack,
  handle: RunHandle,
  { word, step }: { readonly word: string; readonly step: number },
): Promise<number> {
  for await (const { event } of stack.events(handle)) {
    if (event.type !== 'progress' || event.progress.step < step) continue;
    const pid = descendants(await workerOf(stack)).find((candidate) => commandLine(candidate).includes(word));
    if (pid !== undefined) return pid;
  }
  throw new Error(`the program ended before step ${step}`);
}

/** SIGKILL to the program at the first step, and to the stage process that is its host at the second. */
export async function killProgramAndHost(
  stack: LocalStack,
  handle: RunHandle,
  { word, steps: [first, second] }: { readonly word: string; readonly steps: readonly [number, number] },
): Promise<void> {
  process.kill(await programAt(stack, handle, { word, step: first }), 'SIGKILL');
  const orphan = await programAt(stack, handle, { word, step: second });
  process.kill(stageProcess(await workerOf(stack)), 'SIGKILL');
  while (isAlive(orphan)) await sleep(20);
}

export function commandLine(pid: number | string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

export async function workerOf(stack: LocalStack): Promise<number> {
  const pid = (await stack.stackFile()).workers[0]?.pid;
  if (pid === undefined) throw new Error('the stack has no worker');
  return pid;
}
