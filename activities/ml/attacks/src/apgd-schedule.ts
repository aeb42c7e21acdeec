/**
 * The size of Auto-PGD's steps for one image: it is halved at a checkpoint when too few steps since the last one raised the loss, or when
 * neither size nor best loss has changed since. Checkpoints come at a fraction of 0.22 of all steps, then closer and closer, by 0.03
 * each time down to 0.06 (section 3.1 of the paper).
 */
const RISING_SHARE = 0.75;

export class Schedule {
  stepSize: number;
  private readonly losses: number[] = [];
  private bestLoss: number;
  private bestAtCheck: number;
  private reduced = true;
  private interval: number;
  private sinceCheck = 0;

  constructor(
    private readonly steps: number,
    epsilon: number,
    loss: number,
  ) {
    this.stepSize = 2 * epsilon;
    this.bestLoss = loss;
    this.bestAtCheck = loss;
    this.interval = atLeastOne(0.22 * steps);
  }

  /** `improved`: the best loss yet; `restart`: go on from where that was, in smaller steps. */
  note(loss: number): { readonly improved: boolean; readonly restart: boolean } {
    this.losses.push(loss);
    const improved = loss > this.bestLoss;
    if (improved) this.bestLoss = loss;
    this.sinceCheck += 1;
    return { improved, restart: this.sinceCheck === this.interval && this.check() };
  }

  private check(): boolean {
    const { losses, interval } = this;
    // Before the first loss the reference has a zero.
    const rises = Array.from({ length: interval }, (_, back) => losses.length - 1 - back).filter(
      (at) => (losses[at] ?? 0) > (losses[at - 1] ?? 0),
    ).length;
    const stuck = !this.reduced && this.bestAtCheck >= this.bestLoss;
    this.reduced = rises <= interval * RISING_SHARE || stuck;
    this.bestAtCheck = this.bestLoss;
    this.sinceCheck = 0;
    this.interval = Math.max(interval - atLeastOne(0.03 * this.steps), atLeastOne(0.06 * this.steps));
    if (this.reduced) this.stepSize /= 2;
    return this.reduced;
  }
}

const atLeastOne = (count: number): number => Math.max(Math.trunc(count), 1);
