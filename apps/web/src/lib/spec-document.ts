import { LineCounter, isCollection, isMap, isScalar, parseDocument, stringify, type Document } from 'yaml';

/** A pipeline as text, and what it says. The text is the truth: comments and order are the person's own. */
export interface SpecDocument {
  readonly text: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  /** Why it is no YAML, with the line. */
  readonly broken?: { readonly line: number; readonly message: string };
}

export type Path = readonly (string | number)[];

export function readSpec(text: string): SpecDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const [error] = document.errors;
  if (!error) return { text, document, lines };
  const { line } = lines.linePos(error.pos[0]);
  return { text, document, lines, broken: { line: Math.max(1, line), message: error.message } };
}

/** The same text with one value changed, added or, given undefined, taken away. What is not touched stays as it was written. */
export function editSpec({ text }: SpecDocument, path: Path, value: unknown): string {
  const { document } = readSpec(text);
  const written = document.getIn(path, true);
  if (isScalar(written) && written.range && isSimple(value)) {
    const [from, to] = written.range;
    return `${text.slice(0, from)}${stringify(value).trim()}${text.slice(to)}`;
  }
  if (value === undefined) document.deleteIn(path);
  else {
    // A field is written as its neighbours are: `params: { epochs: 20 }` stays on one line.
    for (let depth = 1; depth < path.length; depth += 1) {
      const above = path.slice(0, depth);
      if (!isCollection(document.getIn(above, true))) document.setIn(above, document.createNode({}));
    }
    document.setIn(path, value);
  }
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function isSimple(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** The line on which a field stands, or the deepest of those above it that is written; undefined for an empty text. */
export function lineOf({ document, lines }: SpecDocument, path: Path): number | undefined {
  for (let length = path.length; length > 0; length -= 1) {
    const key = path[length - 1];
    const above = document.getIn(path.slice(0, length - 1), true);
    if (!isMap(above)) continue;
    const pair = above.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key));
    const offset = isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
    if (offset !== undefined) return lines.linePos(offset).line;
  }
  return undefined;
}

export interface Issue {
  /** As the API names it: `stages.train.params.epochs`. */
  readonly field: string;
  readonly message: string;
  readonly line?: number;
}

/** What an API's refusal says of a text, field by field, each with its line. */
export function issuesOf(
  spec: SpecDocument,
  {
    where,
    expected,
    actual,
    message,
  }: { where?: string; expected?: string; actual?: string; message: string },
): readonly Issue[] {
  const found = (actual ?? '').split('\n').flatMap((text): Issue[] => {
    const [, field, said] = /^([^\s:]+): (.+)$/.exec(text) ?? [];
    if (field === undefined || said === undefined) return [];
    const line = lineOf(spec, pathOf(field));
    return [{ field, message: said, ...(line !== undefined && { line }) }];
  });
  if (found.length > 0) return found;
  const inText = /line (\d+)/.exec(where ?? '')?.[1];
  const line = inText === undefined ? lineOf(spec, pathOf(where ?? '')) : Number(inText);
  const facts = [expected && `expected ${expected}`, actual && `got ${actual}`].filter(Boolean).join(', ');
  return [
    {
      field: where ?? '(document)',
      message: facts === '' ? message : `${message.replace(/\.$/, '')}: ${facts}`,
      ...(line !== undefined && { line }),
    },
  ];
}

function pathOf(field: string): Path {
  return field.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
}
