import type { Stage } from './stage-context.js';

export const reportStage: Stage<'report'> = async (context) => {
  const report = await context.artifacts.put('report', new Uint8Array());
  return { outputs: { report }, summary: { bytes: report.bytes } };
};
