import { figure, type Figure } from '@vitrine/bench/figure';
import { LocalStack, trainAndKill, VICTIMS } from '@vitrine/e2e';

/** SIGKILL of each part in the middle of training: seconds lost, and whether the weights are those of the undisturbed run. */
export async function kill(): Promise<Figure[]> {
  const stack = await LocalStack.up();
  try {
    const undisturbed = await trainAndKill(stack);
    const figures: Figure[] = [];
    for (const victim of VICTIMS) {
      const outcome = await trainAndKill(stack, victim);
      const holds = outcome.weightsSha256 === undisturbed.weightsSha256;
      figures.push(
        figure(`kill.${victim}.lost`, outcome.seconds - undisturbed.seconds, {
          unit: 's',
          spread: 0,
          peer: undisturbed.seconds,
          ratio: outcome.seconds / undisturbed.seconds,
          bar: 'equal weights',
          holds,
        }),
      );
    }
    return figures;
  } finally {
    await stack.destroy();
  }
}
