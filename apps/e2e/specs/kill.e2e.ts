import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStack } from '../src/local-stack.js';
import { smoothAndKill, trainAndKill, VICTIMS, type DrillOutcome } from '../src/kill-drill.js';

describe('a stage that is disturbed by SIGKILL', () => {
  let stack: LocalStack;
  let undisturbed: DrillOutcome;

  beforeAll(async () => {
    stack = await LocalStack.up();
    undisturbed = await trainAndKill(stack);
  });

  afterAll(async () => {
    await stack.destroy();
  });

  it('is started once when nobody disturbs it', () => {
    expect(undisturbed.epoch).toBe(1);
  });

  it.each(VICTIMS)(
    'regression for PrefectHQ/prefect#15945: of the %s ends with the weights of the undisturbed one',
    async (victim) => {
      const outcome = await trainAndKill(stack, victim);
      const lost = (outcome.seconds - undisturbed.seconds).toFixed(1);
      process.stdout.write(
        `kill ${victim} at step ${outcome.killedAtStep}: ${lost} s lost, attempt ${outcome.epoch} from step ${outcome.resumedFromStep}\n`,
      );
      expect(outcome.weightsSha256).toBe(undisturbed.weightsSha256);
      if (victim === 'child' || victim === 'worker') {
        expect(outcome.epoch).toBeGreaterThan(1);
        expect(outcome.resumedFromStep).toBeGreaterThan(0);
      }
    },
  );

  it('of the worker in mid denoiser training and in mid certification ends with the bytes of undisturbed ones', async () => {
    const calm = await smoothAndKill(stack, false);
    const { view, digests, attempts } = await smoothAndKill(stack, true);
    expect(Object.keys(calm.digests)).toHaveLength(2 + 4);
    expect(digests).toEqual(calm.digests);
    expect(view.stages['denoiser']?.epoch).toBeGreaterThan(1);
    expect(view.stages['denoiser']?.resumedFromStep).toBeGreaterThan(0);
    // Of the certification only the chunk in hand was lost.
    expect(attempts).toMatchObject({ 'certificates.0': 1, 'certificates.2': 1 });
    expect(attempts['certificates.1']).toBeGreaterThan(1);
  });
});
