import { parsePipelineSpec, VitrineError, type PipelineSpec, type StageSpec } from '@vitrine/contracts';
import { findArchitecture, findPackaged, type Packaged, type PackagePlaces } from '@vitrine/packages';

type PackageSpec = Extract<StageSpec, { kind: 'package' }>;
type ImportSpec = Extract<StageSpec, { kind: 'import-model' }>;

/** What a parsed data set's name has behind it once the package is known. */
const DIGEST = '@sha256:';

/**
 * The pipeline with what packages bring resolved: parameters of their stages checked and their defaults filled in by the
 * package's schema, what the stages take and give and the digests of the packages written down, and the graph checked with it.
 * @throws VitrineError InvalidSpec naming the field, InvalidConfig naming a package that cannot be used
 */
export async function resolvePackages(spec: PipelineSpec, places: PackagePlaces): Promise<PipelineSpec> {
  const stages: Record<string, StageSpec> = {};
  for (const [name, stage] of Object.entries(spec.stages)) {
    const field = `stages.${name}.params`;
    if (stage.kind === 'package') stages[name] = await resolve(name, stage, places);
    else if (stage.kind === 'import-model') stages[name] = await withArchitecture(stage, places, field);
    else stages[name] = await withDatasets(stage, places, field);
  }
  return parsePipelineSpec({ ...spec, stages }, 'The pipeline');
}

/** The stage with the digest of the package behind the name of each of its data sets. */
async function withDatasets(stage: StageSpec, places: PackagePlaces, field: string): Promise<StageSpec> {
  const params = { ...stage.params } as Record<string, unknown>;
  for (const split of ['train', 'test']) {
    const data = params[split] as { dataset?: string } | undefined;
    const name = data?.dataset?.split(DIGEST)[0];
    if (!name?.includes('/')) continue;
    const { sha256 } = await findPackaged(places, 'datasets', {
      uses: name,
      where: `${field}.${split}.dataset`,
    });
    params[split] = { ...data, dataset: `${name}${DIGEST}${sha256}` };
  }
  return { ...stage, params } as StageSpec;
}

/** The stage with what its package's architecture is, and the digest of the package. */
async function withArchitecture(
  stage: ImportSpec,
  places: PackagePlaces,
  field: string,
): Promise<ImportSpec> {
  const asked = stage.params.architecture;
  if (!asked) return stage;
  const where = `${field}.architecture`;
  const found = await findPackaged(places, 'models', { uses: asked.uses, where: `${where}.uses` });
  const filled = { uses: asked.uses, with: await checked(found, asked.with, `${where}.with`) };
  const { sha256, architecture } = await findArchitecture(places, filled, `${where}.uses`);
  const { imageSize, channels, classes } = architecture;
  const resolved = { imageSize, channels, classes, sha256 };
  return { ...stage, params: { ...stage.params, architecture: { ...filled, resolved } } };
}

async function resolve(name: string, stage: PackageSpec, places: PackagePlaces): Promise<PackageSpec> {
  const field = `stages.${name}.params`;
  const found = await findPackaged(places, 'stages', {
    uses: stage.params.uses,
    where: `${field}.uses`,
  });
  const { inputs, outputs } = found.definition;
  const resolved = { stage: found.name, sha256: found.sha256, inputs, outputs };
  return {
    ...stage,
    params: { ...stage.params, with: await checked(found, stage.params.with, `${field}.with`), resolved },
  };
}

async function checked(
  { name, definition }: Packaged<'stages'> | Packaged<'models'>,
  params: PackageSpec['params']['with'],
  field: string,
): Promise<PackageSpec['params']['with']> {
  const result = await definition.params['~standard'].validate(params);
  if (result.issues === undefined) return result.value as PackageSpec['params']['with'];
  const lines = result.issues.map(({ path = [], message }) => {
    const keys = path.map((part) => String(typeof part === 'object' ? part.key : part));
    return { where: [field, ...keys].join('.'), message };
  });
  throw new VitrineError('InvalidSpec', `The parameters of ${name} are not valid.`, {
    where: lines.map(({ where }) => where).join(', '),
    actual: lines.map(({ where, message }) => `${where}: ${message}`).join('\n'),
  });
}
