export type Search = Readonly<Record<string, string>>;

/** The state in an address: plain words, no defaults, keys in order, so that equal views have equal addresses. */
export function stringifySearch(search: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(search)
    .filter((pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== '')
    .sort(([left], [right]) => (left < right ? -1 : 1));
  const text = new URLSearchParams(pairs).toString();
  return text === '' ? '' : `?${text}`;
}

/** The first value of every key. Never throws, whatever stands in the address. */
export function parseSearch(text: string): Search {
  const found = new Map<string, string>();
  for (const [key, value] of new URLSearchParams(text))
    if (!found.has(key) && value !== '') found.set(key, value);
  return Object.fromEntries(found);
}

/** Of all that an address says, what a page knows; a value that it does not offer is dropped, as its default. */
export function pick<K extends string>(
  search: Readonly<Record<string, unknown>>,
  known: Readonly<Record<K, readonly string[] | 'any'>>,
): Partial<Record<K, string>> {
  const picked: Partial<Record<K, string>> = {};
  for (const key of Object.keys(known) as K[]) {
    const value = Object.hasOwn(search, key) ? search[key] : undefined;
    const offered = known[key];
    if (typeof value === 'string' && (offered === 'any' || offered.includes(value))) picked[key] = value;
  }
  return picked;
}
