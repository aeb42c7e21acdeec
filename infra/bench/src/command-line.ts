/** Of every command that runs something by its name: a bench, a drill. */
export const COMMON_OPTIONS = {
  json: { type: 'boolean', default: false },
  quick: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

/** What somebody got wrong, in a line. */
export class UsageError extends Error {}

interface Given {
  readonly values: { readonly list: boolean; readonly help: boolean };
  readonly positionals: readonly string[];
}

/**
 * What was named, or the text that was asked for instead.
 * @param help what stands before and after the names
 * @throws UsageError
 */
export function chosen<T extends { readonly about: string }>(
  things: Readonly<Record<string, T>>,
  { values, positionals }: Given,
  help: readonly [before: string, after: string],
): T | string {
  const names = Object.keys(things);
  if (values.list) return `${names.join('\n')}\n`;
  if (values.help) {
    const width = Math.max(...names.map(({ length }) => length)) + 2;
    const lines = Object.entries(things).map(([name, { about }]) => `  ${name.padEnd(width)}${about}`);
    return [help[0], '', ...lines, '', help[1]].join('\n');
  }
  const [name = ''] = positionals;
  const thing = Object.hasOwn(things, name) ? things[name] : undefined;
  if (thing) return thing;
  throw new UsageError(`expected one of ${names.join(', ')}, got ${name === '' ? 'nothing' : name}`);
}

/** Runs a command to its end; what was asked for wrongly is said in a line. */
export async function asCommand(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    const { code } = error as { code?: string };
    if (!(error instanceof UsageError) && code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 2;
  }
}
