/**
 * What no schema sees in a decoded document: a part that contains itself (an alias in YAML), and the key `__proto__`, which
 * JavaScript takes for something else than a name and which would silently vanish.
 * @returns the path and what is wrong there, or undefined
 */
export function documentProblem(
  value: unknown,
  path: readonly string[] = [],
  ancestors: readonly object[] = [],
): { path: readonly string[]; problem: string } | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  if (ancestors.includes(value))
    return { path, problem: 'expected a value, got a reference to what it is part of' };
  if (Object.hasOwn(value, '__proto__'))
    return { path: [...path, '__proto__'], problem: 'expected another name' };
  for (const [key, inner] of Object.entries(value)) {
    const found = documentProblem(inner, [...path, key], [...ancestors, value]);
    if (found) return found;
  }
  return undefined;
}
