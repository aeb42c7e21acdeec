import type { conditionSchema } from '@vitrine/contracts';
import type { z } from 'zod';

/** A number for a reader: three significant digits, thousands apart, small ones with a power of ten. */
export function formatNumber(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e7)
    return value
      .toExponential(size < 1 ? 1 : 2)
      .replace('e-', 'e−')
      .replace('e+', 'e')
      .replace('.0e', 'e');
  if (Number.isInteger(value)) return value.toLocaleString('en-GB');
  return Number(value.toPrecision(3)).toLocaleString('en-GB', { maximumFractionDigits: 5 });
}

/** A fraction as per cent with one decimal. */
export const formatPercent = (fraction: number): string => `${(100 * fraction).toFixed(1)} %`;

/** A difference of fractions in points, with its sign. */
export const formatPoints = (difference: number): string =>
  `${difference < 0 ? '−' : '+'}${Math.abs(100 * difference).toFixed(2)}`;

/** Per cent of an axis, without decimals where none are needed. */
export const formatPercentTick = (fraction: number): string => `${Number((100 * fraction).toFixed(1))} %`;

/** The first digits of a digest. */
export const shortDigest = (sha256: string): string => sha256.slice(0, 12);

/** A budget in the steps of eight-bit pixels, when it is one. */
export function formatBudget(budget: number): string {
  const steps = budget * 255;
  const rounded = Math.round(steps * 4) / 4;
  // As it is written with four digits or so: 0.00784 is 2/255.
  return Math.abs(steps - rounded) < 1e-3 ? `${rounded}/255` : formatNumber(budget);
}

/** A condition in words. */
export function conditionName(condition: z.infer<typeof conditionSchema>): string {
  switch (condition.kind) {
    case 'clean':
      return 'Clean images';
    case 'gaussian':
      return `Gaussian noise, σ ${formatNumber(condition.sigma)}`;
    case 'fgsm':
      return `FGSM, ε ${formatBudget(condition.epsilon)}`;
    case 'deepfool':
      return `DeepFool, ${condition.steps} steps`;
    case 'carlini-wagner':
      return `Carlini & Wagner, c ${formatNumber(condition.c)}, ${condition.steps} steps`;
    case 'autoattack':
      return `${attacksName(condition.attacks)}, ε ${formatBudget(condition.epsilon)}, ${condition.steps} steps`;
    case 'corruption':
      return `${corruptionName(condition.corruption)}, severity ${condition.severity}`;
    case 'pgd':
      return `PGD, ε ${formatBudget(condition.epsilon)}, ${condition.steps} steps${condition.restarts > 1 ? ` × ${condition.restarts}` : ''}`;
  }
}

/** All four are AutoAttack; some of them have their own names. */
const attacksName = (attacks: readonly string[]): string =>
  attacks.length === 4 ? 'AutoAttack' : attacks.map((attack) => ATTACK_NAMES[attack] ?? attack).join(' + ');

const ATTACK_NAMES: Readonly<Record<string, string>> = {
  'apgd-ce': 'APGD-CE',
  'apgd-t': 'APGD-T',
  'fab-t': 'FAB-T',
  square: 'Square',
};

/** `jpeg_compression` as `Jpeg compression`. */
export const corruptionName = (corruption: string): string =>
  `${corruption.slice(0, 1).toUpperCase()}${corruption.slice(1).replaceAll('_', ' ')}`;
