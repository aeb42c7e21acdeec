import type { RunPage, RunView } from '@vitrine/contracts';

/** An open run's view, asked for page by page. It goes on meanwhile: what it is besides its stages is as of the first page. */
export async function gatherPages(ask: (from?: string) => Promise<RunPage>): Promise<RunView> {
  const first = await ask();
  const stages = { ...first.stages };
  for (let { next } = first; next !== undefined;) {
    const page = await ask(next);
    Object.assign(stages, page.stages);
    ({ next } = page);
  }
  return { ...first.run, stages };
}
