import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalStack } from '../src/local-stack.js';
import { trainAndKill, VICTIMS, type DrillOutcome } from '../src/kill-drill.js';

describe('a training that is disturbed by SIGKILL', () => {
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

  it.each(VICTIMS)('of the %s ends with the weights of the undisturbed one', async (victim) => {
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
  });
});
