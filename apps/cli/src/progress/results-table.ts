import { conditionResultSchema, type RunView } from '@vitrine/contracts';
import { z } from 'zod';
import { formatPercent } from './format.js';
import { stagesInOrder } from './run-board.js';

const evaluationSummarySchema = z.object({ conditions: z.array(conditionResultSchema) });
type ConditionResult = z.infer<typeof conditionResultSchema>;

/**
 * What every evaluation of a run measured, one row each: accuracy and its 95 % interval under every condition. Empty when the
 * run evaluated nothing.
 */
export function resultsTable(view: Pick<RunView, 'stages'>): string[] {
  const evaluations = stagesInOrder(view).flatMap(([name, { summary }]) => {
    const parsed = evaluationSummarySchema.safeParse(summary);
    if (!parsed.success) return [];
    // Corruptions are many: the report shows them.
    const conditions = parsed.data.conditions.filter(({ condition }) => condition.kind !== 'corruption');
    return [{ name, conditions }];
  });
  if (evaluations.length === 0) return [];
  const columns = [...new Set(evaluations.flatMap(({ conditions }) => conditions.map(conditionTitle)))];
  const rows = evaluations.map(({ name, conditions }) => [
    name,
    ...columns.map((title) => cell(conditions.find((result) => conditionTitle(result) === title))),
  ]);
  return alignColumns([['', ...columns], ...rows]);
}

/** Rows with their columns padded to one width, two spaces between them. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function cell(result: ConditionResult | undefined): string {
  if (!result) return '-';
  const bound = (fraction: number): string => (100 * fraction).toFixed(1);
  return `${formatPercent(result.accuracy)} [${bound(result.low)}, ${bound(result.high)}]`;
}

/** `PGD 2/255, 10 steps`: budgets in 255ths of the pixel range, as the field writes them. */
function conditionTitle({ condition }: ConditionResult): string {
  switch (condition.kind) {
    case 'clean':
      return 'clean';
    case 'gaussian':
      return `Gaussian ${condition.sigma}`;
    case 'fgsm':
      return `FGSM ${in255ths(condition.epsilon)}`;
    case 'deepfool':
      return `DeepFool, ${condition.steps} steps`;
    case 'carlini-wagner':
      return `C&W, ${condition.steps} steps`;
    case 'autoattack': {
      const attacks = condition.attacks.length === 4 ? 'AutoAttack' : condition.attacks.join('+');
      return `${attacks} ${in255ths(condition.epsilon)}`;
    }
    case 'corruption':
      return condition.corruption;
    case 'pgd':
      return `PGD ${in255ths(condition.epsilon)}, ${condition.steps} steps`;
  }
}

function in255ths(budget: number): string {
  const value = Math.round(budget * 255 * 100) / 100;
  return `${value}/255`;
}
