import { parsePipelineSpec, VitrineError, type PipelineSpec, type StageSpec } from '@vitrine/contracts';
import { findPackagedStage, type PackagedStage, type PackagePlaces } from '@vitrine/packages';

type PackageSpec = Extract<StageSpec, { kind: 'package' }>;

/**
 * The pipeline with the stages of packages resolved: their parameters checked and their defaults filled in by the package's
 * schema, what they take and give written down beside the package's digest, and the graph checked with it.
 * @throws VitrineError InvalidSpec naming the field, InvalidConfig naming a package that cannot be used
 */
export async function resolvePackages(spec: PipelineSpec, places: PackagePlaces): Promise<PipelineSpec> {
  const entries = Object.entries(spec.stages);
  if (!entries.some(([, { kind }]) => kind === 'package')) return spec;
  const stages = await Promise.all(
    entries.map(async ([name, stage]) => [
      name,
      stage.kind === 'package' ? await resolve(name, stage, places) : stage,
    ]),
  );
  return parsePipelineSpec({ ...spec, stages: Object.fromEntries(stages) as unknown }, 'The pipeline');
}

async function resolve(name: string, stage: PackageSpec, places: PackagePlaces): Promise<PackageSpec> {
  const field = `stages.${name}.params`;
  const found = await findPackagedStage(places, stage.params.uses, `${field}.uses`);
  const { inputs, outputs } = found.definition;
  const resolved = { stage: found.stage, sha256: found.sha256, inputs, outputs };
  return {
    ...stage,
    params: { ...stage.params, with: await checked(found, stage.params.with, `${field}.with`), resolved },
  };
}

async function checked(
  { uses, definition }: PackagedStage,
  params: PackageSpec['params']['with'],
  field: string,
): Promise<PackageSpec['params']['with']> {
  const result = await definition.params['~standard'].validate(params);
  if (result.issues === undefined) return result.value as PackageSpec['params']['with'];
  const lines = result.issues.map(({ path = [], message }) => {
    const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
    return { where: [field, ...keys].join('.'), message };
  });
  throw new VitrineError('InvalidSpec', `The parameters of ${uses} are not valid.`, {
    where: lines.map(({ where }) => where).join(', '),
    actual: lines.map(({ where, message }) => `${where}: ${message}`).join('\n'),
  });
}
