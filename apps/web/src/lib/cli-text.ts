interface Named {
  readonly project: string;
  readonly runId: string;
}

/** How the command line names a run: its id alone in the default project. */
export function runName({ project, runId }: Named): string {
  return project === 'default' ? runId : `${project}/${runId}`;
}

/** Each button is a command line. */
export const cli = {
  show: (run: Named): string => `npx vitrine show ${runName(run)}`,
  cancel: (run: Named): string => `npx vitrine cancel ${runName(run)}`,
  rerun: (run: Named, from?: string): string =>
    `npx vitrine rerun ${runName(run)}${from === undefined ? '' : ` --from ${from}`}`,
  approve: (run: Named, stage: string): string => `npx vitrine approve ${runName(run)} ${stage}`,
  logs: (run: Named, stage?: string): string =>
    `npx vitrine logs ${runName(run)}${stage === undefined ? '' : ` --stage ${stage}`}`,
  report: (run: Named): string => `npx vitrine report ${runName(run)}`,
  lineage: (run: Named, stage: string, output: string): string =>
    `npx vitrine lineage ${runName(run)}.${stage}.${output}`,
  plan: (): string => 'npx vitrine plan pipeline.yaml',
  run: (): string => 'npx vitrine run pipeline.yaml',
  quick: (): string => 'npx vitrine run infra/local/quick.yaml',
} as const;
