/** What keeps a pipeline from being expanded, by the field that is at fault. */
export class ExpansionProblem extends Error {
  constructor(
    readonly where: string,
    readonly problem: string,
  ) {
    super(problem);
  }
}
