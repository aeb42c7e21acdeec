import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { cancelRun, rerunRun } from '../../api/commands.js';
import { runQuery } from '../../api/queries.js';
import type { RunView } from '../../api/types.js';
import { cli } from '../../lib/cli-text.js';
import { AskDialog } from '../../parts/ask-dialog.js';
import { Command } from '../../parts/copy.js';

/** What can be done with a run as it stands. */
export function RunActions({ view }: { readonly view: RunView }): ReactNode {
  const [asked, setAsked] = useState<'stop' | 'rerun'>();
  const { project, runId, status } = view;
  const lost = status === 'failed' || status === 'cancelled';
  return (
    <>
      {status === 'running' && (
        <button type="button" className="button danger" onClick={() => setAsked('stop')}>
          Stop
        </button>
      )}
      {lost && (
        <button type="button" className="button primary" onClick={() => setAsked('rerun')}>
          Re-run what did not succeed
        </button>
      )}
      <Link className="button" to="/p/$project/launch" params={{ project }} search={{ from: runId }}>
        Launch a changed copy
      </Link>
      {asked === 'stop' && <StopDialog view={view} close={() => setAsked(undefined)} />}
      {asked === 'rerun' && <RerunDialog view={view} close={() => setAsked(undefined)} />}
    </>
  );
}

interface AskProps {
  readonly view: RunView;
  readonly close: () => void;
}

function StopDialog({ view, close }: AskProps): ReactNode {
  const queries = useQueryClient();
  const stop = useMutation({
    mutationFn: () => cancelRun(view),
    onSuccess: async () => {
      await queries.invalidateQueries(runQuery(view));
      close();
    },
  });
  return (
    <AskDialog
      title="Stop this run?"
      close={close}
      leave="Let it run"
      act={{ label: 'Stop', pendingLabel: 'Stopping…', look: 'danger' }}
      doing={stop}
    >
      <p>
        Stages that run save a checkpoint and end. What has succeeded is kept, and the run can be run again
        from there.
      </p>
      <Command text={cli.cancel(view)} />
    </AskDialog>
  );
}

/** Runs again from one stage, or without one from what did not succeed. */
export function RerunDialog({ view, from, close }: AskProps & { readonly from?: string }): ReactNode {
  const navigate = useNavigate();
  const rerun = useMutation({
    mutationFn: () => rerunRun(view, from === undefined ? [] : [from]),
    onSuccess: ({ project, runId }) =>
      navigate({ to: '/p/$project/runs/$run', params: { project, run: runId } }),
  });
  return (
    <AskDialog
      title={from === undefined ? 'Re-run what did not succeed?' : `Re-run from ${from}?`}
      close={close}
      leave="Leave it"
      act={{ label: 'Re-run', look: 'primary' }}
      doing={rerun}
    >
      <p>
        {from === undefined
          ? 'A new run takes over what has succeeded, and computes the rest.'
          : `A new run computes ${from} and all that comes after it anew, and takes over the rest.`}
      </p>
      <Command text={cli.rerun(view, from)} />
    </AskDialog>
  );
}
