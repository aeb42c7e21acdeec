export interface StageReference {
  /** Path of the field below the stage: `inputs.model` or `inputs.evaluations.base`. */
  readonly path: readonly string[];
  readonly port: string;
  readonly stage: string;
  readonly output: string;
}

/** All references of one stage to outputs of others, in the order written. */
export function stageReferences(stage: {
  readonly inputs: Readonly<Record<string, string | Readonly<Record<string, string>> | undefined>>;
}): StageReference[] {
  const references: StageReference[] = [];
  for (const [port, value] of Object.entries(stage.inputs)) {
    if (value === undefined) continue;
    const entries =
      typeof value === 'string'
        ? [[[port], value] as const]
        : Object.entries(value).map(([label, text]) => [[port, label], text] as const);
    for (const [path, text] of entries) {
      const dot = text.indexOf('.');
      references.push({
        path: ['inputs', ...path],
        port,
        stage: text.slice(0, dot),
        output: text.slice(dot + 1),
      });
    }
  }
  return references;
}

/** Whatever makes a stage wait for others. */
export interface WaitingStage {
  readonly inputs: Readonly<Record<string, string | Readonly<Record<string, string>> | undefined>>;
  /** Absent in runs that were recorded before there were demands. */
  readonly when?: readonly { readonly stage: string }[];
}

/** The stages that a stage waits for: those whose outputs it reads, and those it makes demands on. */
export function awaitedStages(stage: WaitingStage): string[] {
  const read = stageReferences(stage).map((reference) => reference.stage);
  return [...new Set([...read, ...(stage.when ?? []).map((requirement) => requirement.stage)])];
}
