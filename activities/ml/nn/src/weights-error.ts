/** Weights that do not fit an architecture: every parameter that is missing, unexpected or of another shape. */
export class WeightsError extends Error {
  override readonly name = 'WeightsError';

  constructor(
    readonly missing: readonly string[],
    readonly unexpected: readonly string[],
    readonly wrongShapes: readonly string[],
  ) {
    const part = (title: string, names: readonly string[]): string[] =>
      names.length === 0 ? [] : [`${title}: ${names.join(', ')}`];
    super(
      [
        'the weights do not fit the architecture',
        ...part('missing', missing),
        ...part('unexpected', unexpected),
        ...part('wrong shapes', wrongShapes),
      ].join('; '),
    );
  }
}
