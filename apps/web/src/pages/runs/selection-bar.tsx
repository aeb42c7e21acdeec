import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { cancelRun } from '../../api/commands.js';
import type { RunSummary } from '../../api/types.js';
import { cli } from '../../lib/cli-text.js';
import { plural, whole } from '../../lib/format.js';
import { AskDialog } from '../../parts/ask-dialog.js';
import { CopyButton } from '../../parts/copy.js';

interface SelectionProps {
  readonly project: string;
  readonly runs: readonly string[];
  readonly known: readonly RunSummary[];
  readonly clear: () => void;
}

export function SelectionBar({ project, runs, known, clear }: SelectionProps): ReactNode {
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const open = known.filter(({ runId, status }) => runs.includes(runId) && status === 'running');
  const stop = useMutation({
    mutationFn: async () => {
      // One after the other: whoever fails is named, and the others have been asked.
      for (const { runId } of open) await cancelRun({ project, runId });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['runs', project] }),
    onSuccess: () => setAsking(false),
  });
  const commands = runs.map((runId) => cli.show({ project, runId })).join('\n');
  return (
    <div className="selection panel" role="region" aria-label="Selected runs">
      <strong className="number">{whole(runs.length)} selected</strong>
      <button
        type="button"
        className="button danger"
        disabled={open.length === 0}
        onClick={() => setAsking(true)}
      >
        Stop {open.length > 0 ? whole(open.length) : ''}
      </button>
      <CopyButton text={commands} label="Copy as commands" />
      <button type="button" className="button quiet" onClick={clear}>
        Clear <kbd>Esc</kbd>
      </button>
      {asking && (
        <AskDialog
          title={`Stop ${plural(open.length, 'run')}?`}
          close={() => setAsking(false)}
          leave="Let them run"
          act={{ label: 'Stop', look: 'danger' }}
          doing={stop}
        >
          <p>
            Their stages save a checkpoint and end. What has succeeded is kept: they can be run again from
            there.
          </p>
        </AskDialog>
      )}
    </div>
  );
}
