import type { ReactNode } from 'react';
import { Dialog } from './dialog.js';
import { ProblemNote } from './notes.js';

interface AskDialogProps {
  readonly title: string;
  /** What becomes of it. */
  readonly children: ReactNode;
  readonly close: () => void;
  /** Closes it and changes nothing. */
  readonly leave: string;
  readonly act: {
    readonly label: string;
    /** While it is under way; the label when left out. */
    readonly pendingLabel?: string;
    readonly look: 'danger' | 'primary';
  };
  readonly doing: { readonly error: Error | null; readonly isPending: boolean; readonly mutate: () => void };
}

/** Asks before something is done, and says why it was not. */
export function AskDialog({ title, children, close, leave, act, doing }: AskDialogProps): ReactNode {
  return (
    <Dialog title={title} close={close}>
      {children}
      {doing.error && <ProblemNote error={doing.error} />}
      <div className="row">
        <button type="button" className="button" onClick={close}>
          {leave}
        </button>
        <button
          type="button"
          className={`button ${act.look}`}
          disabled={doing.isPending}
          onClick={() => doing.mutate()}
        >
          {doing.isPending ? (act.pendingLabel ?? act.label) : act.label}
        </button>
      </div>
    </Dialog>
  );
}
