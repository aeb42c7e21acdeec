/** Failing elements that a view names; the record of the elements has them all. */
export const FAILURES_SHOWN = 20;

/** The output of a chunk, whatever the kind. */
export const CHUNK_OUTPUT = 'chunk';

/** Characters of an item that a view shows. */
export const ITEM_SHOWN = 80;

/** Elements that are written down together, and travel in one payload, by number and by characters: payloads are small. */
export const ELEMENTS_PAGE = { elements: 200, characters: 200_000 } as const;
