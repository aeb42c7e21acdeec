import type { ArtifactRef, StageResult } from '@vitrine/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planRun } from './plan-run.js';
import { descendants } from './stage-order.js';
import { findAhead, stagesAhead } from './stages-ahead.js';
import { randomPipeline } from './testing/random-pipeline.js';

const done: ArtifactRef = {
  type: 'document',
  uri: 's3://test/done',
  sha256: 'a'.repeat(64),
  bytes: 2,
  mediaType: 'application/json',
};
const result = { outputs: { done }, summary: {} } as unknown as StageResult;

const cached = randomPipeline.map((spec) => ({
  ...spec,
  stages: Object.fromEntries(
    Object.entries(spec.stages).map(([name, stage]) => [name, { ...stage, cache: true }]),
  ),
}));

describe('what is found of a run before it begins', () => {
  it('is all that is known and comes after nothing that is not, each asked for once at most', async () => {
    await fc.assert(
      fc.asyncProperty(cached, fc.infiniteStream(fc.boolean()), async (spec, known) => {
        const names = Object.keys(spec.stages);
        const unknown = names.filter(() => known.next().value === false);
        const request = planRun({ spec, runId: 'run-1', codeVersion: 'code', submittedAt: 'now' });
        const asked: string[] = [];
        const { found, more } = await findAhead(request, { pool: 'default', known: {} }, ({ stage }) => {
          asked.push(stage);
          return Promise.resolve(unknown.includes(stage) ? { reason: 'no entry' } : { result });
        });
        const lost = descendants(spec, unknown);
        expect(Object.keys(found).sort()).toEqual(names.filter((name) => !lost.includes(name)).sort());
        expect(new Set(asked).size).toBe(asked.length);
        expect(more).toBe(false);
      }),
    );
  });

  it('is none of what is to be computed anew, is taken over, or is approved first', () => {
    fc.assert(
      fc.property(cached, fc.nat(), (spec, pick) => {
        const names = Object.keys(spec.stages);
        const name = names[pick % names.length] ?? '';
        const run = { spec, runId: 'run-1', codeVersion: 'code', submittedAt: 'now' };
        const forced = planRun({ ...run, options: { cache: true, force: [name] } });
        expect(stagesAhead(forced)).not.toContain(name);
        expect(stagesAhead(planRun({ ...run, options: { cache: false, force: [] } }))).toEqual([]);
        const held = { ...spec.stages, [name]: { ...spec.stages[name], approval: { message: '' } } };
        const gated = planRun({ ...run, spec: { ...spec, stages: held as typeof spec.stages } });
        expect(stagesAhead(gated)).not.toContain(name);
      }),
    );
  });
});
