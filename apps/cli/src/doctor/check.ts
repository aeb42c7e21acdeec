export type Verdict = 'ok' | 'note' | 'broken';

/** One thing that was looked at. */
export interface Finding {
  readonly name: string;
  readonly verdict: Verdict;
  readonly found: string;
  readonly expected?: string;
  /** What to do about it; always there unless all is well. */
  readonly fix?: string;
}

/** Looks at one thing. A check that throws is itself a finding. */
export type Check = () => Promise<readonly Finding[]>;
