import { VitrineError } from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';

/** @throws VitrineError InvalidSpec when the model is to choose among others than the classes that there are */
export function checkChoice(among: readonly number[] | undefined, { labels, classNames }: ImageSet): void {
  if (!among) return;
  const refused = (expected: string, actual: string): VitrineError =>
    new VitrineError('InvalidSpec', 'The classes to choose among do not fit the images.', {
      where: 'params.amongClasses',
      ...{ expected, actual },
    });
  const unknown = among.find((label) => label >= classNames.length);
  if (unknown !== undefined) throw refused(`numbers below ${classNames.length}`, `${unknown}`);
  const other = labels.find((label) => !among.includes(label));
  if (other !== undefined)
    throw refused('the class of every test image', `none of ${classNames[other] ?? other} (${other})`);
}

/** Logits [B, K] with −∞ for the classes that are not to be chosen. */
export function chosenAmong(
  logits: Float32Array,
  among: readonly number[] | undefined,
  classes: number,
): Float32Array {
  if (!among) return logits;
  const kept = new Set(among);
  return logits.map((logit, at) => (kept.has(at % classes) ? logit : -Infinity));
}
