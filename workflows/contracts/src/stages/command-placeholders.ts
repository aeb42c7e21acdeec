interface Declared {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

const PLACEHOLDER = /\{((?:inputs|outputs)\.\w+|params|seed)\}/g;

/** Placeholders of an argument that name an input or output nobody declared. */
export function unknownPlaceholders(argument: string, { inputs, outputs }: Declared): string[] {
  return [...argument.matchAll(PLACEHOLDER)]
    .map(([, name = '']) => name)
    .filter((name) => {
      const [where, port] = name.split('.');
      return port !== undefined && !Object.hasOwn(where === 'inputs' ? inputs : outputs, port);
    });
}

/** The argument with each placeholder replaced; one that has no value, an input left out, becomes empty. */
export function fillPlaceholders(argument: string, values: ReadonlyMap<string, string>): string {
  return argument.replace(PLACEHOLDER, (_, name: string) => values.get(name) ?? '');
}
