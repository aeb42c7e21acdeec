import type { RegisteredModel } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { createMemoryStores } from './memory-store.js';

const at = '2026-01-01T00:00:00.000Z';
const version: RegisteredModel['versions'][number] = {
  version: 1,
  artifact: {
    type: 'model',
    uri: 's3://bucket/key',
    sha256: 'a'.repeat(64),
    bytes: 1,
    mediaType: 'application/octet-stream',
  },
  from: { runId: 'run-1', stage: 'train', output: 'model' },
  registeredAt: at,
};
const added = (known: RegisteredModel | undefined, id: string): RegisteredModel => ({
  ...{ format: 1, project: 'default', model: 'small' },
  versions: known?.versions ?? [version],
  changes: [...(known?.changes ?? []), { id, action: 'promote', version: 1, at, by: 'somebody', why: '' }],
});

describe('the registry of models', () => {
  it('loses no change when many are made at the same time', async () => {
    const { models } = createMemoryStores();
    const ids = Array.from({ length: 20 }, (_, index) => `change-${index}`);
    await Promise.all(ids.map((id) => models.change('default', 'small', (known) => added(known, id))));
    const stored = await models.get('default', 'small');
    expect(stored?.changes.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(await models.list('default')).toEqual(['small']);
  });

  it('is left alone when there is nothing to change', async () => {
    const { models } = createMemoryStores();
    expect(await models.change('default', 'small', () => undefined)).toBeUndefined();
    expect(await models.list('default')).toEqual([]);
  });
});
