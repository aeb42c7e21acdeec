import { byName } from './by-name.js';

/**
 * JSON in one form: keys sorted by code units, no spaces, absent and undefined fields the same. Equal values, equal text.
 * @throws RangeError naming the path of what JSON does not hold
 */
export function canonicalJson(value: unknown): string {
  return write(value, '');
}

function write(value: unknown, path: string): string {
  if (Array.isArray(value)) return `[${value.map((item, i) => write(item, `${path}/${i}`)).join(',')}]`;
  if (isPlain(value)) {
    const fields = Object.keys(value)
      .filter((key) => value[key] !== undefined)
      .sort(byName);
    return `{${fields.map((key) => `${JSON.stringify(key)}:${write(value[key], `${path}/${key}`)}`).join(',')}}`;
  }
  const kept = value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value);
  // JSON's own writer makes 0 of -0.
  if (kept) return JSON.stringify(value);
  throw new RangeError(`canonical JSON, ${path || '/'}: expected a JSON value, got ${String(value)}`);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
