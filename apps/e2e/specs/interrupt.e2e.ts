import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { StageSummary } from '@vitrine/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trainAndKill } from '../src/kill-drill.js';
import { LocalStack, sleep } from '../src/local-stack.js';
import { descendants, isAlive } from '../src/processes.js';
import { smallTraining } from '../src/small-training.js';

const executable = fileURLToPath(new URL('../../cli/bin/vitrine.mjs', import.meta.url));

describe('Ctrl-C', () => {
  let stack: LocalStack;

  beforeAll(async () => {
    stack = await LocalStack.up();
  });

  afterAll(async () => {
    await stack.destroy();
  });

  function upInForeground(): ChildProcess {
    return spawn(process.execPath, [executable, 'up', '--foreground'], {
      env: { ...process.env, VITRINE_STATE_DIR: stack.stateDir },
      stdio: 'ignore',
    });
  }

  async function untilUp(): Promise<void> {
    for (;;) {
      const ready = await stack.fetch('/ready').catch(() => undefined);
      if (ready?.ok) return;
      await sleep(200);
    }
  }

  it('stops everything that was started, and the next start goes on with the same run', async () => {
    const undisturbed = await trainAndKill(stack);
    await stack.vitrine('down');

    const foreground = upInForeground();
    await untilUp();
    const handle = await stack.submit(smallTraining('interrupted'));
    for await (const { event } of stack.events(handle)) {
      if (event.type === 'progress' && event.progress.step > 100) break;
    }
    const started = descendants(foreground.pid ?? 0);
    expect(started.length).toBeGreaterThanOrEqual(5); // Temporal, S3, API, worker, stage
    foreground.kill('SIGINT');
    await once(foreground, 'exit');
    expect(started.filter(isAlive)).toEqual([]);

    await stack.vitrine('up');
    const view = await stack.end(handle);
    const summary = view.stages.train?.summary as StageSummary<'train'>;
    expect(summary.weightsSha256).toBe(undisturbed.weightsSha256);
    expect(view.stages.train?.epoch).toBeGreaterThan(1);
  });
});
