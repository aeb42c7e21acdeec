import type { ReactNode } from 'react';
import type { RunStatus } from '../api/types.js';
import type { Look } from '../lib/run-sentence.js';

const WORDS: Readonly<Record<Look, string>> = {
  waiting: 'waiting',
  running: 'running',
  retrying: 'retrying',
  paused: 'awaits approval',
  succeeded: 'succeeded',
  cached: 'from cache',
  failed: 'failed',
  cancelled: 'stopped',
  skipped: 'skipped',
};

interface StatusProps {
  readonly look: Look;
  /** Instead of the look's own word. */
  readonly word?: string;
  /** From 0 to 1, where it is known. */
  readonly share?: number | undefined;
  /** Glyph and word without a tint behind them. */
  readonly bare?: boolean;
}

/** A state by shape, word and colour, in this order of importance: nothing is said by colour alone. */
export function Status({ look, word, share, bare = false }: StatusProps): ReactNode {
  return (
    <span className={`status look-${look}${bare ? ' bare' : ''}`}>
      <Glyph look={look} share={share} />
      {word ?? WORDS[look]}
    </span>
  );
}

export function lookOfRun(status: RunStatus): Look {
  return status;
}

/** Silhouettes that differ without colour: octagon, tick, diamond, ring, bars, slash, hourglass, arrow. */
export function Glyph({
  look,
  share,
}: {
  readonly look: Look;
  readonly share?: number | undefined;
}): ReactNode {
  return (
    <svg
      width="14"
      height="14"
      viewBox="0 0 14 14"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {shapeOf(look, share)}
    </svg>
  );
}

function shapeOf(look: Look, share: number | undefined): ReactNode {
  switch (look) {
    case 'waiting':
      return (
        <path d="M3.5 1.8h7M3.5 12.2h7M4.2 1.8c0 3 2.8 3.6 2.8 5.2s-2.8 2.2-2.8 5.2M9.8 1.8c0 3-2.8 3.6-2.8 5.2s2.8 2.2 2.8 5.2" />
      );
    case 'running':
      return (
        <>
          <circle cx="7" cy="7" r="5.2" opacity="0.35" />
          <circle
            cx="7"
            cy="7"
            r="5.2"
            pathLength="1"
            strokeDasharray={`${Math.max(0.04, share ?? 0.25)} 1`}
            transform="rotate(-90 7 7)"
          />
        </>
      );
    case 'retrying':
      return (
        <>
          <path d="M11.6 8.6A5 5 0 1 1 11 4.2" />
          <path d="M11.8 1.6v3h-3" />
        </>
      );
    case 'paused':
      return <path d="M4.6 2.6v8.8M9.4 2.6v8.8" strokeWidth="2.2" />;
    case 'succeeded':
      return <path d="M2.4 7.6l3 3 6.2-7" strokeWidth="2" />;
    case 'cached':
      return (
        <>
          <path d="M7 .9L13.1 7 7 13.1.9 7z" strokeWidth="1.2" />
          <path d="M4.7 7.2l1.6 1.6 3-3.4" />
        </>
      );
    case 'failed':
      return (
        <>
          <path d="M4.6 1.2h4.8l3.4 3.4v4.8l-3.4 3.4H4.6L1.2 9.4V4.6z" strokeWidth="1.3" />
          <path d="M7 4v3.6M7 10h.01" strokeWidth="1.8" />
        </>
      );
    case 'cancelled':
    case 'skipped':
      return (
        <>
          <circle cx="7" cy="7" r="5.4" strokeDasharray={look === 'skipped' ? '1.6 2.2' : undefined} />
          <path d="M3.6 10.4l6.8-6.8" />
        </>
      );
  }
}
