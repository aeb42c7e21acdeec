import type { ReactNode } from 'react';
import type { StageView } from '../../api/types.js';
import { duration, secondsBetween } from '../../lib/format.js';
import { useNow } from '../../parts/time.js';

/** How long a stage has been at work, or waits. */
export function StageTook({ stage }: { readonly stage: StageView }): ReactNode {
  const now = useNow();
  const { startedAt, queuedAt, endedAt, state } = stage;
  if (startedAt !== undefined && (endedAt !== undefined || state === 'running'))
    return <span className="number">{duration(secondsBetween(startedAt, endedAt, now))}</span>;
  if (state === 'queued' && queuedAt !== undefined)
    return <span className="number">{duration(secondsBetween(queuedAt, undefined, now))}</span>;
  return null;
}
