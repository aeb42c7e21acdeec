/** A list that does not move under somebody's hands. */
export interface Steady<T> {
  readonly rows: readonly { readonly row: T; readonly gone: boolean }[];
  /** Rows that wait to be let in, at the top. */
  readonly fresh: number;
}

/**
 * The rows as they stand, with what has changed in them. While the list is held, what is new waits above, and what does not fit
 * any more stays where it was, marked.
 * @param shown ids in the order in which they stand now
 */
export function steadyRows<T>(
  rows: readonly T[],
  { shown, held, idOf }: { shown: readonly string[]; held: boolean; idOf: (row: T) => string },
  last: ReadonlyMap<string, T>,
): Steady<T> {
  if (!held || shown.length === 0) return { rows: rows.map((row) => ({ row, gone: false })), fresh: 0 };
  const now = new Map(rows.map((row) => [idOf(row), row]));
  const known = new Set(shown);
  const kept = shown.flatMap((id) => {
    const row = now.get(id) ?? last.get(id);
    return row === undefined ? [] : [{ row, gone: !now.has(id) }];
  });
  const first = rows.findIndex((row) => known.has(idOf(row)));
  const fresh = first < 0 ? rows.length : first;
  // What comes below is a further page that was asked for, and moves nothing.
  const below = rows.slice(fresh).filter((row) => !known.has(idOf(row)));
  return { rows: [...kept, ...below.map((row) => ({ row, gone: false }))], fresh };
}
