import {
  historyRowSchema,
  VitrineError,
  type HistoryRow,
  type Provenance,
  type StageKind,
} from '@vitrine/contracts';
import type { ImageSet } from '@vitrine/datasets';
import { sizeOfShape } from '@vitrine/ml-tensor';
import { unetParameterShapes, vitParameterShapes } from '@vitrine/ml-nn';
import type { StageContext } from '../stage-context.js';

type RowOf<E extends HistoryRow['event']> = Extract<HistoryRow, { event: E }>;

/**
 * What happened in a stage, row by row. It is part of every checkpoint, so the history of a resumed stage is the history
 * of an undisturbed one.
 */
export class History {
  private constructor(private readonly rows: HistoryRow[]) {}

  static start(provenance: Provenance): History {
    return new History([historyRowSchema.parse(provenance)]);
  }

  /** @throws VitrineError ArtifactCorrupt naming the line */
  static parse(text: string, where: string): History {
    return new History(parseHistory(text, where));
  }

  /** The rows of another stage, which this one goes on from. */
  continuedBy(provenance: Provenance): History {
    return new History([
      historyRowSchema.parse(provenance),
      ...this.rows.filter(({ event }) => event !== 'stage'),
    ]);
  }

  /** The rows of several, which did parts of one stage under the numerics of the first. */
  static joined(parts: readonly History[], by: StageContext<StageKind>['identity']): History {
    const provenance = parts[0]?.last('stage');
    const rows = parts.flatMap((part) => part.rows.filter(({ event }) => event !== 'stage'));
    return new History([historyRowSchema.parse({ ...provenance, ...by }), ...rows]);
  }

  /** Checked and with its fields in the order of the schema, as a row read back from a checkpoint. */
  push(row: Exclude<HistoryRow, Provenance>): void {
    this.rows.push(historyRowSchema.parse(row));
  }

  /** The last row of an event; undefined before the first. */
  last<E extends HistoryRow['event']>(event: E): RowOf<E> | undefined {
    return this.rows.findLast((row): row is RowOf<E> => row.event === event);
  }

  /** All rows of an event, in order. */
  all<E extends HistoryRow['event']>(event: E): RowOf<E>[] {
    return this.rows.filter((row): row is RowOf<E> => row.event === event);
  }

  /** One JSON document a line. */
  toText(): string {
    return this.rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  }
}

/** The rows of a history artifact. @throws VitrineError ArtifactCorrupt naming the line */
export function parseHistory(text: string, where: string): HistoryRow[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line, index) => {
      const row = historyRowSchema.safeParse(parseJson(line));
      if (row.success) return row.data;
      throw new VitrineError('ArtifactCorrupt', 'The history cannot be read.', {
        where: `${where}, line ${index + 1}`,
        expected: row.error.issues[0]?.message ?? 'a row of a history',
        actual: line.slice(0, 80),
        cause: row.error,
      });
    });
}

/** Where the artifacts of this attempt come from. */
export function provenanceOf<K extends StageKind>(
  context: StageContext<K>,
  kind: K,
  facts: Pick<Provenance, 'model'> & { readonly train: ImageSet; readonly test: ImageSet },
): Provenance {
  const dataFacts = ({ name, count, sha256 }: ImageSet): Provenance['train'] => ({
    name,
    images: count,
    sha256,
  });
  const { model } = facts;
  const shapes = Object.values(
    model.family === 'vit' ? vitParameterShapes(model) : unetParameterShapes(model),
  );
  const { project, runId, stage, codeVersion } = context.identity;
  return {
    event: 'stage',
    project,
    runId,
    stage,
    kind,
    seed: context.seed,
    codeVersion,
    profile: context.profile,
    model,
    parameters: shapes.reduce((sum, shape) => sum + sizeOfShape(shape), 0),
    train: dataFacts(facts.train),
    test: dataFacts(facts.test),
    params: context.params,
  };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
