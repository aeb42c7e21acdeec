import { registeredModelSchema, type RegisteredModel } from '@vitrine/contracts';
import type { ModelStore } from './artifact-store.js';
import { changeDocument, listNamed, readDocument, type DocumentAt } from './documents.js';
import { modelsPrefix } from './keys.js';
import type { Objects } from './objects.js';

/** The registry of models over any object server: one document for each, with all of its history. */
export class ObjectModelStore implements ModelStore {
  readonly #objects: Objects;

  constructor(objects: Objects) {
    this.#objects = objects;
  }

  async get(project: string, model: string): Promise<RegisteredModel | undefined> {
    return (await readDocument(this.#at(project, model)))?.document;
  }

  change(
    project: string,
    model: string,
    change: (known: RegisteredModel | undefined) => RegisteredModel | undefined,
  ): Promise<RegisteredModel | undefined> {
    return changeDocument(this.#at(project, model), change);
  }

  list(project: string): Promise<string[]> {
    return listNamed(this.#objects, modelsPrefix(project));
  }

  #at(project: string, model: string): DocumentAt<RegisteredModel> {
    const key = `${modelsPrefix(project)}${model}.json`;
    return { objects: this.#objects, key, schema: registeredModelSchema };
  }
}
