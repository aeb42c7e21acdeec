/**
 * @typedef {object} ProblemDetails
 * @property {string} [where] file, address or command
 * @property {string} [expected]
 * @property {string} [actual]
 * @property {string} fix what the reader can do about it
 * @property {unknown} [cause]
 */

/** A failure of the set-up as people read it: what failed, where, expected against actual, what to do. */
export class SetupError extends Error {
  /**
   * @param {string} what what failed, as one sentence without the details
   * @param {ProblemDetails} details
   */
  constructor(what, { cause, ...details }) {
    super(what, cause === undefined ? undefined : { cause });
    this.name = 'SetupError';
    this.details = details;
  }
}

/**
 * @param {unknown} thrown
 * @returns {string}
 */
export function describeProblem(thrown) {
  if (!(thrown instanceof SetupError)) {
    return thrown instanceof Error ? `SetupFailed: ${thrown.stack ?? thrown.message}` : String(thrown);
  }
  const { where, expected, actual, fix } = thrown.details;
  const lines = [`SetupFailed: ${thrown.message}`];
  if (where) lines.push(`  where:    ${where}`);
  if (expected) lines.push(`  expected: ${expected}`);
  if (actual) lines.push(`  actual:   ${actual.replaceAll('\n', '\n            ')}`);
  lines.push(`  to do:    ${fix.replaceAll('\n', '\n            ')}`);
  return lines.join('\n');
}

/**
 * The code of a system error, such as `ENOENT`.
 * @param {unknown} error
 * @returns {string | undefined}
 */
export function codeOf(error) {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/**
 * An address as it may be shown: without user name and password.
 * @param {string | URL} address
 * @returns {string}
 */
export function withoutSecrets(address) {
  const url = new URL(address);
  if (url.username || url.password) {
    url.username = '***';
    url.password = '';
  }
  return url.href;
}
