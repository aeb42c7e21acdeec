import type { ReactNode } from 'react';
import { artifactPath, type RunKey } from '../../api/queries.js';
import type { RunView } from '../../api/types.js';
import { cli } from '../../lib/cli-text.js';
import { CopyButton } from '../../parts/copy.js';

export function reportsOf({ stages }: RunView): readonly { stage: string; output: string }[] {
  return Object.entries(stages).flatMap(([stage, { outputs }]) =>
    Object.entries(outputs ?? {}).flatMap(([output, { type }]) =>
      type === 'report' ? [{ stage, output }] : [],
    ),
  );
}

/** Pages that stages have made, in frames where no script runs and this page's session does not exist. */
export function ReportView({ run, view }: { readonly run: RunKey; readonly view: RunView }): ReactNode {
  return reportsOf(view).map(({ stage, output }) => {
    const path = artifactPath(run, stage, output);
    return (
      <section key={path} className="stack">
        <div className="row">
          <a className="button" href={path} target="_blank" rel="noreferrer">
            Open by itself
          </a>
          <CopyButton text={cli.report(run)} label="Copy as command" />
        </div>
        <iframe className="report panel" sandbox="" src={path} title={`Report of ${stage}`} />
      </section>
    );
  });
}
