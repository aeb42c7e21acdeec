export interface DrillOptions {
  /** The form that ends within minutes. */
  readonly quick: boolean;
  /** Of drills with numbered parts: the first one. */
  readonly from: number;
}
