/** Parameters with fields of an item put in their places. What the item does not have is left out, as if it were not written. */
export function assignItem(
  params: unknown,
  places: Readonly<Record<string, string>>,
  item: unknown,
): Record<string, unknown> {
  return Object.entries(places).reduce<Record<string, unknown>>(
    (changed, [place, from]) =>
      put(changed, place.split('.'), read(item, from.split('.').slice(1))) as Record<string, unknown>,
    params as Record<string, unknown>,
  );
}

function read(item: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, field) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, field)
        ? (at as Record<string, unknown>)[field]
        : undefined,
    item,
  );
}

function put(target: unknown, [field = '', ...rest]: readonly string[], value: unknown): unknown {
  if (Array.isArray(target)) {
    const copy: unknown[] = [...(target as unknown[])];
    copy[Number(field)] = rest.length === 0 ? value : put(copy[Number(field)], rest, value);
    return copy;
  }
  const before = typeof target === 'object' && target !== null ? (target as Record<string, unknown>) : {};
  const inner =
    rest.length === 0 ? value : put(Object.hasOwn(before, field) ? before[field] : undefined, rest, value);
  if (inner !== undefined) return { ...before, [field]: inner };
  return Object.fromEntries(Object.entries(before).filter(([name]) => name !== field));
}
