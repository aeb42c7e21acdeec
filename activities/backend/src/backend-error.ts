/** The numeric backend cannot be used as asked; the fields are those of every error that a user meets. */
export class BackendError extends Error {
  override readonly name = 'BackendError';

  /** @param what what failed, as one sentence without the details */
  constructor(
    what: string,
    readonly details: {
      readonly where: string;
      readonly expected: string;
      readonly actual: string;
      readonly hint: string;
      readonly cause?: unknown;
    },
  ) {
    const { where, expected, actual, hint, cause } = details;
    super(`${what} (${where}): expected ${expected}, got ${actual}. ${hint}`, { cause });
  }
}
