/** A function cannot be recorded as a graph. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';

  /**
   * @param problem what is in the way
   * @param where the operation or the tensor
   */
  constructor(
    readonly problem: string,
    readonly where: string,
    options?: ErrorOptions,
  ) {
    super(
      `capture, ${where}: ${problem}. A captured function computes on its state and its inputs alone, with operations ` +
        "of the table in shape-rules.ts; `execution: 'eager'` runs it as it is.",
      options,
    );
  }
}
