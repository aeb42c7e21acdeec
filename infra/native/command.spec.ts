import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ask, run } from './command.mjs';
import { describeProblem } from './problem.mjs';

const node = process.execPath;

/** Waits until a process is gone; one that has ended and that nobody has buried yet is. */
async function isGone(pid: number): Promise<boolean> {
  for (;;) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat === undefined || /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2))) return true;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a command', () => {
  it('gives its output, and its errors line by line', async () => {
    const lines: string[] = [];
    const script = "process.stdout.write('out'); console.error('one\\ntwo')";
    expect(await run(node, ['-e', script], { fix: '', onLine: (line) => void lines.push(line) })).toBe('out');
    expect(lines).toEqual(['one', 'two']);
  });

  it('that fails is told with what it said and what to do', async () => {
    const script = "console.log('found nothing'); console.error('because'); process.exitCode = 3";
    const text = await run(node, ['-e', script], { fix: 'look there' }).catch(describeProblem);
    expect(text).toContain('expected: exit status 0');
    expect(text).toContain('actual:   exit status 3');
    expect(text).toContain('found nothing');
    expect(text).toContain('because');
    expect(text).toContain('to do:    look there');
  });

  it('that says much is told with how it began and how it ended', async () => {
    const script = "for (let i = 1; i <= 500; i += 1) console.error('line ' + i); process.exitCode = 1";
    const text = String(await run(node, ['-e', script], { fix: '' }).catch(describeProblem));
    expect(text).toMatch(/line 1\n(.*\n)+ +\[\.\.\.\]\n(.*\n)+ +line 500\n/);
    expect(text.split('\n').length).toBeLessThan(70);
  });

  it('that a signal ended is told so', async () => {
    const text = await run(node, ['-e', "process.kill(process.pid, 'SIGKILL')"], { fix: '' }).catch(
      describeProblem,
    );
    expect(text).toContain('ended by SIGKILL');
  });

  it('that is not there is told with what to do', async () => {
    const text = await run('no-such-program', [], { fix: 'install it' }).catch(describeProblem);
    expect(text).toContain('no-such-program could not be started');
    expect(text).toContain('actual:   not found');
    expect(text).toContain('to do:    install it');
    expect(await ask('no-such-program', [])).toBeUndefined();
  });

  it('is ended with all that it started', async () => {
    const stop = new AbortController();
    const grandchild = `setInterval(() => {}, 1000); console.error(process.pid)`;
    const child = `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(grandchild)}], { stdio: 'inherit' })`;
    let pid = 0;
    const running = run(node, ['-e', child], {
      signal: stop.signal,
      fix: '',
      onLine: (line) => {
        pid = Number(line);
        stop.abort(new Error('stopped'));
      },
    });
    await expect(running).rejects.toThrow('stopped');
    expect(pid).toBeGreaterThan(0);
    expect(await isGone(pid)).toBe(true);
  });
});
