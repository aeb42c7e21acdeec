/** Losses in order, with who has them; equal ones in the order of the trials. */
export class Ranking {
  readonly losses: number[] = [];
  readonly trials: number[] = [];

  insert(loss: number, trial: number): void {
    let from = 0;
    let to = this.losses.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.isBefore(middle, loss, trial)) from = middle + 1;
      else to = middle;
    }
    this.losses.splice(from, 0, loss);
    this.trials.splice(from, 0, trial);
  }

  get size(): number {
    return this.losses.length;
  }

  median(): number {
    const { losses, size } = this;
    const middle = size >>> 1;
    if (size % 2 === 1) return losses[middle] ?? NaN;
    return ((losses[middle - 1] ?? NaN) + (losses[middle] ?? NaN)) / 2;
  }

  private isBefore(index: number, loss: number, trial: number): boolean {
    const other = this.losses[index] ?? Infinity;
    return other < loss || (other === loss && (this.trials[index] ?? 0) < trial);
  }
}
