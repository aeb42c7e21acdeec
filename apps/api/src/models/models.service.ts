import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  VitrineError,
  type ModelList,
  type ModelOrigin,
  type PromoteModel,
  type RegisteredModel,
  type RollBackModel,
} from '@vitrine/contracts';
import { champion, promote, rollBack, type Changed, type NewVersion } from '@vitrine/planning';
import { PARTS, type ApiParts } from '../parts.js';
import type { ModelParams } from './model.params.js';

@Injectable()
export class ModelsService {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  async list(project: string): Promise<ModelList> {
    const names = await this.parts.models.list(project);
    const found = await Promise.all(names.map((model) => this.parts.models.get(project, model)));
    const models = found.flatMap((known) => {
      const last = known?.changes.at(-1);
      if (!known || !last) return [];
      const { model, versions } = known;
      const { version, at, by } = last;
      return [{ project, model, champion: version, versions: versions.length, changedAt: at, by }];
    });
    return { models };
  }

  /** @throws VitrineError NotFound, StorageUnavailable */
  async view({ project, model }: ModelParams): Promise<RegisteredModel> {
    const known = await this.parts.models.get(project, model);
    if (known) return known;
    throw unknownModel({ project, model });
  }

  /** @throws VitrineError NotFound when the run has no such model, Conflict when the version is the champion or unknown */
  async promote(name: ModelParams, asked: PromoteModel, request?: string): Promise<RegisteredModel> {
    const { project, model } = name;
    const { version, from, by, why } = asked;
    const candidate = from ? await this.output(project, from) : (version ?? 0);
    const told = this.told(request, { by, why });
    return this.change(name, (known) => promote(known, { project, model, candidate, ...told }));
  }

  /** @throws VitrineError NotFound, Conflict when there is nothing to go back to */
  async rollBack(
    name: ModelParams,
    { to, by, why }: RollBackModel,
    request?: string,
  ): Promise<RegisteredModel> {
    const told = this.told(request, { by, why });
    return this.change(name, (known) => {
      if (!known) throw unknownModel(name);
      return rollBack(known, { to, ...told });
    });
  }

  private told(request: string | undefined, { by, why }: { by: string; why: string }) {
    return { id: request ?? randomUUID(), at: this.parts.now().toISOString(), by, why };
  }

  private async change(
    { project, model }: ModelParams,
    change: (known: RegisteredModel | undefined) => Changed,
  ): Promise<RegisteredModel> {
    const stored = await this.parts.models.change(project, model, (known) => {
      const changed = change(known);
      if (typeof changed === 'string') throw refused({ project, model }, changed, known);
      return changed === known ? undefined : changed;
    });
    if (stored) return stored;
    throw unknownModel({ project, model });
  }

  /** The model that a run has made. */
  private async output(project: string, from: ModelOrigin): Promise<NewVersion> {
    const { runId, stage, output } = from;
    const { stages } = await this.parts.reader.view({ project, runId });
    const artifact = stages[stage]?.outputs?.[output];
    if (artifact?.type === 'model') return { artifact, from };
    const models = Object.entries(stages).flatMap(([name, { outputs = {} }]) =>
      Object.entries(outputs).flatMap(([port, { type }]) => (type === 'model' ? [`${name}.${port}`] : [])),
    );
    throw new VitrineError('NotFound', 'The run has made no such model.', {
      where: `${project}/${runId}`,
      expected: models.length > 0 ? `one of ${models.join(', ')}` : 'a stage that has made a model',
      actual: `${stage}.${output}${artifact ? `, of type ${artifact.type}` : ''}`,
      hint: 'Name a model of the run: `vitrine show RUN --json` lists its outputs.',
    });
  }
}

function refused(
  { project, model }: ModelParams,
  why: string,
  known: RegisteredModel | undefined,
): VitrineError {
  return new VitrineError('Conflict', 'The champion is not changed.', {
    where: `${project}/${model}`,
    ...(known && { expected: `a version other than ${champion(known).version}, which is the champion` }),
    actual: why,
    hint: 'See its versions with `vitrine models show`.',
  });
}

function unknownModel({ project, model }: ModelParams): VitrineError {
  return new VitrineError('NotFound', 'There is no such model in the registry.', {
    where: `${project}/${model}`,
    expected: 'a name as the list of models has it',
    hint: 'List what exists with `vitrine models`; the first promotion registers a model.',
  });
}
