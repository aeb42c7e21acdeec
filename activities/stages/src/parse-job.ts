import {
  formatIssues,
  stageDefinition,
  stageJobSchema,
  stagePorts,
  VitrineError,
  type ArtifactRef,
  type InputPort,
  type StageJob,
} from '@vitrine/contracts';

/**
 * Checks a job as it came over the wire, the kind's own parameters and inputs included, and fills in what was left out.
 * @throws VitrineError InvalidSpec naming each wrong field
 */
export function parseJob(raw: unknown): StageJob {
  const job = stageJobSchema.safeParse(raw);
  if (!job.success) throw invalid('stage job', formatIssues(job.error.issues, raw));
  const { kind, stage, inputs } = job.data;
  const definition = stageDefinition(kind);
  const where = `stage ${stage} (${kind})`;
  const params = definition.params.safeParse(job.data.params);
  if (!params.success) throw invalid(`${where}, params`, formatIssues(params.error.issues, job.data.params));
  const ports = stagePorts({ kind, params: params.data });
  if (!ports) throw invalid(`${where}, params`, 'resolved: expected what its package declares, got nothing');
  const problems = inputProblems(ports.inputs, inputs);
  if (problems.length > 0) throw invalid(`${where}, inputs`, problems.join('\n'));
  return { ...job.data, params: params.data as StageJob['params'] };
}

function inputProblems(ports: Readonly<Record<string, InputPort>>, inputs: StageJob['inputs']): string[] {
  const unknown = Object.keys(inputs).filter((name) => !Object.hasOwn(ports, name));
  return [
    ...unknown.map((name) => `${name}: expected one of ${Object.keys(ports).join(', ') || 'no inputs'}`),
    ...Object.entries(ports).flatMap(([name, port]) =>
      portProblem(port, inputs[name]).map((text) => `${name}: ${text}`),
    ),
  ];
}

function portProblem(port: InputPort, value: StageJob['inputs'][string] | undefined): string[] {
  if (value === undefined)
    return port.required ? [`expected an artifact of type ${port.type}, got nothing`] : [];
  if (isArtifact(value)) {
    if (port.arity === 'many') return ['expected artifacts by label, got one artifact'];
    return typeProblem(port, value);
  }
  if (port.arity === 'one') return ['expected one artifact, got several'];
  return Object.entries(value).flatMap(([label, ref]) =>
    typeProblem(port, ref).map((text) => `${label}: ${text}`),
  );
}

function typeProblem(port: InputPort, ref: ArtifactRef): string[] {
  // A list in a port that takes many stands for what it lists.
  const fits = ref.type === port.type || (port.arity === 'many' && ref.type === 'list');
  return fits ? [] : [`expected an artifact of type ${port.type}, got ${ref.type}`];
}

function isArtifact(value: StageJob['inputs'][string]): value is ArtifactRef {
  return typeof value['sha256'] === 'string';
}

function invalid(where: string, actual: string): VitrineError {
  return new VitrineError('InvalidSpec', 'The job of a stage is not valid.', { where, actual });
}
