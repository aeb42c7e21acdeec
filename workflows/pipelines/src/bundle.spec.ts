import { beforeAll, describe, expect, it } from 'vitest';
import { bundle } from './testing/bundle.js';

const ZOD = /node_modules\/zod\//;

describe('the workflow bundle', { timeout: 60_000 }, () => {
  let code: string;
  beforeAll(async () => {
    ({ code } = await bundle());
  });

  it('holds the workflows', () => {
    expect(code).toContain('pipelineWorkflow');
    expect(code).toContain('stageWorkflow');
  });

  it('does not hold zod, which parsing a specification would bring in', async () => {
    expect(code).not.toMatch(ZOD);
    expect((await bundle('../../testdata/must-not-bundle/parses.ts')).code).toMatch(ZOD);
  });

  it("is refused when a workflow reaches for Node's builtins", async () => {
    await expect(bundle('../../testdata/must-not-bundle/reads-files.ts')).rejects.toThrow('node:fs');
  });
});
