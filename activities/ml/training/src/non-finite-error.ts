/** Training left the numbers: the loss or the gradient is not finite. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError';

  constructor(
    readonly step: number,
    readonly loss: number,
    readonly gradientNorm: number,
  ) {
    super(
      `step ${step}: expected a finite loss and gradient, got loss ${loss}, gradient norm ${gradientNorm}`,
    );
  }
}
