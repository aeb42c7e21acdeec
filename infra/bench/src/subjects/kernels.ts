/** Our side of `kernels`: one computation as a graph of TensorFlow's own operations. */
import { loadBackend } from '@vitrine/backend';
import { openGraph } from '@vitrine/backend/graph-session';
import type { KernelCase } from '../kernel-case.js';
import { GraphDraft } from './kernels/graph-draft.js';
import { FORMS } from './kernels/forms.js';
import { serve } from './serve.js';

/** Of other inputs each, so that a run of the session is more than its own cost. */
const COPIES = 4;
const SHOWN = 8;

await serve(async (request) => {
  const { kernel, form, sizes, ...choice } = request as KernelCase;
  await loadBackend(choice);
  const draft = new GraphDraft();
  const fetches = Array.from({ length: COPIES }, () =>
    draft.firstOf(FORMS[kernel][form](draft, sizes), SHOWN),
  );
  const session = openGraph(draft.nodes);
  const run = (): number[] => session.run(draft.feeds, fetches).flatMap(({ data }) => [...data]);
  return { run, checks: () => [{ name: `the first ${SHOWN} elements of each`, values: run() }] };
});
