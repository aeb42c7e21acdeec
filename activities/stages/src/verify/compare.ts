/** A figure and what it is twice, as text. */
export interface Difference {
  /** Path within the document; empty for the whole of it. */
  readonly figure: string;
  readonly stored: string;
  readonly recomputed: string;
}

export interface Comparison {
  /** Numbers that were compared. */
  readonly figures: number;
  readonly differences: readonly Difference[];
}

export interface CompareOptions {
  /** Whether fields that only one side has are differences; they are none between versions of the code. */
  readonly sameCode: boolean;
}

const LONGEST = 200;

/** Two values of JSON, leaf by leaf and to the last bit. */
export function compareJson(stored: unknown, recomputed: unknown, { sameCode }: CompareOptions): Comparison {
  const differences: Difference[] = [];
  let figures = 0;
  const visit = (ours: unknown, theirs: unknown, figure: string): void => {
    if (!sameCode && (ours === undefined || theirs === undefined)) return;
    if (isTree(ours) && isTree(theirs) && Array.isArray(ours) === Array.isArray(theirs)) {
      for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)]))
        visit(ours[key], theirs[key], figure === '' ? key : `${figure}.${key}`);
      return;
    }
    if (typeof ours === 'number' || typeof theirs === 'number') figures += 1;
    // JSON has one zero.
    if (ours !== theirs) differences.push({ figure, stored: textOf(ours), recomputed: textOf(theirs) });
  };
  visit(throughJson(stored), throughJson(recomputed), '');
  return { figures, differences };
}

/** Two texts, by the first line in which they are not the same. */
export function compareText(stored: string, recomputed: string): Comparison {
  const [ours, theirs] = [stored.split('\n'), recomputed.split('\n')];
  const at = Array.from({ length: Math.max(ours.length, theirs.length) }, (_, line) => line).find(
    (line) => ours[line] !== theirs[line],
  );
  if (at === undefined) return { figures: 1, differences: [] };
  const difference = {
    figure: `line ${at + 1}`,
    stored: textOf(ours[at]?.trim()),
    recomputed: textOf(theirs[at]?.trim()),
  };
  return { figures: 1, differences: [difference] };
}

type Tree = Readonly<Record<string, unknown>>;
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** As it is read back: without absent fields, and null for what is no number. */
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null)) as unknown;

function textOf(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
