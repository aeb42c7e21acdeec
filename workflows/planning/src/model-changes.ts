import type { ArtifactRef, ModelChange, ModelOrigin, ModelScore, RegisteredModel } from '@vitrine/contracts';

type Told = Pick<ModelChange, 'id' | 'at' | 'by' | 'why'>;

/** An output that is to be a version. */
export interface NewVersion {
  readonly artifact: ArtifactRef;
  readonly from: ModelOrigin;
  readonly score?: ModelScore | undefined;
}

export interface Promotion extends Told {
  readonly project: string;
  readonly model: string;
  readonly candidate: NewVersion | number;
  readonly evidence?: ModelChange['evidence'];
}

/** The model with the change in it; in words, why it cannot be made. */
export type Changed = RegisteredModel | string;

export function champion({ changes, versions }: RegisteredModel): RegisteredModel['versions'][number] {
  const found = versions.find(({ version }) => version === changes.at(-1)?.version);
  if (!found) throw new RangeError('a registered model has no champion');
  return found;
}

/** Makes a version the champion. Bytes that are registered keep their number. */
export function promote(known: RegisteredModel | undefined, promotion: Promotion): Changed {
  const { project, model, candidate, id, at, by, why, evidence } = promotion;
  if (known?.changes.some((change) => change.id === id)) return known;
  const versions = known?.versions ?? [];
  const found = versions.find(({ version, artifact }) =>
    typeof candidate === 'number' ? version === candidate : artifact.sha256 === candidate.artifact.sha256,
  );
  if (typeof candidate === 'number' && !found) return noVersion(candidate, known);
  const version = found?.version ?? versions.length + 1;
  if (known && champion(known).version === version) return `version ${version} is the champion already`;
  const added =
    found || typeof candidate === 'number'
      ? []
      : [
          {
            version,
            artifact: candidate.artifact,
            from: candidate.from,
            registeredAt: at,
            ...(candidate.score && { score: candidate.score }),
          },
        ];
  const change: ModelChange = { id, action: 'promote', version, at, by, why, ...(evidence && { evidence }) };
  return {
    format: 1,
    project,
    model,
    versions: [...versions, ...added],
    changes: [...(known?.changes ?? []), change],
  };
}

/** Back to the version that is named, or to whoever was champion when this one was last promoted. */
export function rollBack(
  known: RegisteredModel,
  { to, ...told }: Told & { readonly to?: number | undefined },
): Changed {
  if (known.changes.some((change) => change.id === told.id)) return known;
  const now = champion(known).version;
  const version = to ?? before(known, now);
  if (version === undefined) return `version ${now} had no champion before it`;
  if (!known.versions.some((one) => one.version === version)) return noVersion(version, known);
  if (version === now) return `version ${version} is the champion already`;
  const { id, at, by, why } = told;
  return { ...known, changes: [...known.changes, { id, action: 'rollback', version, at, by, why }] };
}

function before({ changes }: RegisteredModel, version: number): number | undefined {
  const promoted = changes.findLastIndex(
    (change) => change.action === 'promote' && change.version === version,
  );
  return changes[promoted - 1]?.version;
}

function noVersion(version: number, known: RegisteredModel | undefined): string {
  const versions = (known?.versions ?? []).map((one) => one.version);
  return versions.length === 0
    ? 'it has no version yet'
    : `it has the versions ${versions.join(', ')}, and not ${version}`;
}
