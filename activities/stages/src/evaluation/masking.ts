/**
 * Signs that a model is not robust but hard to attack by its gradients: Athalye, Carlini & Wagner, "Obfuscated Gradients Give a
 * False Sense of Security", ICML 2018, section 3.1; Carlini et al., "On Evaluating Adversarial Robustness", 2019, section 3.
 */
import type { conditionResultSchema, maskingCheckSchema } from '@vitrine/contracts';
import type { z } from 'zod';

type Result = z.infer<typeof conditionResultSchema>;
type Check = z.infer<typeof maskingCheckSchema>;

/** From this budget on any picture can be made any other, or grey. */
const UNBOUNDED = 0.5;

/** Every check that the conditions allow, those that fail among them. */
export function maskingChecks(results: readonly Result[]): Check[] {
  const attacks = results.flatMap((result) => {
    const found = attackOf(result);
    return found ? [found] : [];
  });
  const pairs = attacks.flatMap((one) => attacks.map((other) => [one, other] as const));
  return [
    ...attacks
      .filter(({ sees, epsilon, steps }) => sees === 'gradients' && steps > 1 && epsilon >= UNBOUNDED)
      .map(({ name, epsilon, correct, images }): Check => {
        const expected = 'no image right without a bound';
        return {
          check: 'unbounded',
          epsilon,
          expected,
          found: `${name}: ${correct} of ${images}`,
          holds: correct === 0,
        };
      }),
    ...pairs
      .filter(
        ([blind, seeing]) => blind.sees === 'answers' && seeing.sees === 'gradients' && seeing.steps > 1,
      )
      .filter(([blind, seeing]) => blind.epsilon === seeing.epsilon)
      .map(([blind, seeing]) =>
        compared('black-box', 'no more wrong without gradients than with them', [seeing, blind]),
      ),
    ...pairs
      .filter(([once, often]) => once.steps === 1 && often.steps > 1 && often.sees === 'gradients')
      .filter(([once, often]) => once.epsilon === often.epsilon)
      .map(([once, often]) =>
        compared('one-step', 'no more wrong after one step than after many', [often, once]),
      ),
    ...pairs
      .filter(([small, large]) => small.sort === large.sort && small.epsilon < large.epsilon)
      .map(([small, large]) => compared('budget', 'no more wrong with less', [large, small])),
  ];
}

interface Attack {
  readonly name: string;
  /** All that it does but its budget. */
  readonly sort: string;
  readonly sees: 'gradients' | 'answers';
  readonly epsilon: number;
  readonly steps: number;
  readonly correct: number;
  readonly images: number;
}

/** Of attacks with a budget. */
function attackOf({ condition, correct, images }: Result): Attack | undefined {
  if (condition.kind !== 'fgsm' && condition.kind !== 'pgd' && condition.kind !== 'autoattack')
    return undefined;
  const { epsilon, kind } = condition;
  const attacks = condition.kind === 'autoattack' ? condition.attacks : [kind];
  // A step of PGD is chosen for its budget, so that it belongs to it.
  const { epsilon: _, stepSize: __, ...rest } = { stepSize: 0, ...condition };
  return {
    name: attacks.join('+'),
    sort: JSON.stringify(rest),
    sees: attacks.every((attack) => attack === 'square') ? 'answers' : 'gradients',
    ...{ epsilon, correct, images },
    steps: condition.kind === 'fgsm' ? 1 : condition.steps,
  };
}

function compared(check: Check['check'], expected: string, [strong, weak]: readonly [Attack, Attack]): Check {
  return {
    check,
    epsilon: strong.epsilon,
    expected,
    found: `${strong.name}: ${strong.correct} of ${strong.images} right, ${weak.name}: ${weak.correct}`,
    holds: strong.correct <= weak.correct,
  };
}
