/** Of the list that a stage is made many by; no port. */
export const OVER = 'forEach';

export interface StageReference {
  /** Path of the field below the stage: `inputs.model` or `inputs.evaluations.base`. */
  readonly path: readonly string[];
  readonly port: string;
  readonly stage: string;
  readonly output: string;
}

interface ReferringStage {
  readonly inputs: Readonly<Record<string, string | Readonly<Record<string, string>> | undefined>>;
  readonly forEach?: { readonly over?: string | undefined } | undefined;
}

/** All references of one stage to outputs of others, in the order written. */
export function stageReferences(stage: ReferringStage): StageReference[] {
  const references: StageReference[] = [];
  const { over } = stage.forEach ?? {};
  if (over !== undefined) references.push({ path: ['forEach', 'over'], port: OVER, ...referenceParts(over) });
  for (const [port, value] of Object.entries(stage.inputs)) {
    if (value === undefined) continue;
    const entries =
      typeof value === 'string'
        ? [[[port], value] as const]
        : Object.entries(value).map(([label, text]) => [[port, label], text] as const);
    for (const [path, text] of entries) {
      references.push({ path: ['inputs', ...path], port, ...referenceParts(text) });
    }
  }
  return references;
}

/** What a reference such as `train.model` names. A name of a stage has no dot in it. */
export function referenceParts(reference: string): Pick<StageReference, 'stage' | 'output'> {
  const dot = reference.indexOf('.');
  return { stage: reference.slice(0, dot), output: reference.slice(dot + 1) };
}

/** Whatever makes a stage wait for others. */
export interface WaitingStage extends ReferringStage {
  /** Absent in runs that were recorded before there were demands. */
  readonly when?: readonly { readonly stage: string }[];
}

/** The stages that a stage waits for: those whose outputs it reads, and those it makes demands on. */
export function awaitedStages(stage: WaitingStage): string[] {
  const read = stageReferences(stage).map((reference) => reference.stage);
  return [...new Set([...read, ...(stage.when ?? []).map((requirement) => requirement.stage)])];
}
