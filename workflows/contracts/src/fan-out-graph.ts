import { assignItem } from './assign-item.js';
import type { ForEach } from './for-each.js';
import { formatIssues } from './format-issues.js';
import { OVER, stageReferences, type StageReference } from './stage-references.js';
import type { OutputPort } from './stages/define.js';
import { stageDefinition, stagePorts, type StageKind } from './stages/index.js';

interface FanOut {
  readonly kind: StageKind;
  readonly params: unknown;
  readonly inputs: Readonly<Record<string, string | Readonly<Record<string, string>> | undefined>>;
  readonly forEach?: ForEach | undefined;
}

interface Problem {
  readonly path: (string | number)[];
  readonly message: string;
}

/** What is wrong with how a stage is made many: its list, and the parameters of each item that is written in the pipeline. */
export function fanOutProblems(
  stage: FanOut,
  outputOf: (reference: StageReference) => OutputPort | undefined,
): Problem[] {
  const { forEach, kind } = stage;
  if (!forEach) return [];
  const ports = stagePorts(stage)?.inputs ?? {};
  const zipped = stageReferences(stage).some(
    (reference) =>
      reference.port !== OVER &&
      ports[reference.port]?.arity === 'one' &&
      ports[reference.port]?.type !== 'list' &&
      outputOf(reference)?.type === 'list',
  );
  const lists = [forEach.over, forEach.items].filter((list) => list !== undefined).length;
  if (lists > 1) return [{ path: ['forEach', 'items'], message: 'expected either over or items, got both' }];
  if (lists === 0 && !zipped)
    return [
      { path: ['forEach'], message: 'expected over, items, or an input that is a list, got none of them' },
    ];
  const { params: schema } = stageDefinition(kind);
  for (const [index, item] of (forEach.items ?? []).entries()) {
    const result = schema.safeParse(assignItem(stage.params, forEach.params, item));
    if (result.success) continue;
    const message = `expected parameters of kind ${kind}, got ${formatIssues(result.error.issues, undefined)}`;
    return [{ path: ['forEach', 'items', index], message }];
  }
  return [];
}
