/** A file that is no valid safetensors file, or holds something that cannot be represented here. */
export class SafetensorsError extends Error {
  override readonly name = 'SafetensorsError';

  /**
   * @param where the tensor's name or the part of the file
   * @param offset byte offset from the start of the file
   * @param expected what a valid file has there
   * @param actual what this one has
   */
  constructor(
    readonly where: string,
    readonly offset: number,
    readonly problem: { readonly expected: string; readonly actual: string },
  ) {
    super(`safetensors, ${where} at byte ${offset}: expected ${problem.expected}, got ${problem.actual}`);
  }
}
