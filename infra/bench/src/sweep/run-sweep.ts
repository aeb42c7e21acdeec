import { submitSweepResponseSchema, sweepViewSchema, type SweepView } from '@vitrine/contracts';
import { sleep, type LocalStack } from '@vitrine/e2e';

/** A sweep as a user has it: submitted over HTTP, with its view when it has ended. */
export interface SubmittedSweep {
  readonly project: string;
  readonly sweepId: string;
  /** @throws Error when it ended otherwise than well */
  ended(): Promise<SweepView>;
}

const SECOND = 1000;

export async function submitSweep(stack: LocalStack, spec: unknown): Promise<SubmittedSweep> {
  const handle = submitSweepResponseSchema.parse(
    await answer(stack, '/api/v1/sweeps', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(spec),
    }),
  );
  const { project, sweepId } = handle;
  return {
    ...handle,
    ended: async () => {
      for (;;) {
        const view = sweepViewSchema.parse(await answer(stack, `/api/v1/sweeps/${project}/${sweepId}`));
        if (view.status === 'succeeded') return view;
        if (view.endedAt !== undefined)
          throw new Error(`sweep ${sweepId} ended as ${view.status}: ${view.reason ?? ''}`);
        await sleep(SECOND);
      }
    },
  };
}

async function answer(stack: LocalStack, path: string, init?: RequestInit): Promise<unknown> {
  const response = await stack.fetch(path, init);
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${JSON.stringify(body)}`);
  return body;
}
