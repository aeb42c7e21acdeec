/**
 * `<pipeline>-<date>-<time>-<millisecond and random>`, in UTC: runs of any pipelines sort by what follows the name.
 * @param random unsigned 16 bits
 */
export function makeRunId(pipeline: string, at: Date, random: number): string {
  const digits = at.toISOString().replace(/\D/g, '');
  const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0');
  const tail = hex(at.getUTCMilliseconds(), 3) + hex(random & 0xffff, 4);
  return `${pipeline}-${digits.slice(0, 8)}-${digits.slice(8, 14)}-${tail}`;
}
