/** A batch that cannot be drawn from this image set. */
export class BatchError extends Error {
  override readonly name = 'BatchError';

  /**
   * @param where the field at fault
   * @param expected what would do
   * @param actual what was given
   */
  constructor(
    readonly where: string,
    readonly expected: string,
    readonly actual: string,
  ) {
    super(`${where}: expected ${expected}, got ${actual}`);
  }
}
