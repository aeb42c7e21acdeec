import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';

const module = new URL('stoppable.mjs', import.meta.url).href;

/** Runs a program that, once it is told to stop, takes a moment; sends the signals when it is up. */
function program(
  work: string,
  ...signals: NodeJS.Signals[]
): Promise<{ code: number | null; output: string }> {
  const script = `
    import { stoppable } from '${module}';
    await stoppable(${work}, (error) => console.log('told ' + error.message));
    console.log('left');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script]);
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
    if (output === 'up\n') for (const signal of signals) child.kill(signal);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}

describe('a program that can be stopped', () => {
  it('leaves with the code of its work', async () => {
    expect(await program('async () => 4')).toEqual({ code: 4, output: 'left\n' });
  });

  it('tells a failure and leaves with 1', async () => {
    expect(await program("async () => { throw new Error('broken') }")).toEqual({
      code: 1,
      output: 'told broken\nleft\n',
    });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('winds up on %s, even when it comes twice, and leaves with %i', async (signal, code) => {
    const work = `async (signal) => {
      console.log('up');
      const hold = setInterval(() => {}, 1000);
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      await new Promise((resolve) => setTimeout(resolve, 100));
      clearInterval(hold);
      console.log('wound up');
      throw signal.reason;
    }`;
    expect(await program(work, signal, signal)).toEqual({ code, output: 'up\nwound up\nleft\n' });
  });
});
