import type { NativeConnection } from '@temporalio/worker';
import { stageOriginSchema, type StageOrigin } from '@vitrine/contracts';
import type { SeenFlight } from '@vitrine/stages';

const RUNNING = 1;
const NOT_FOUND = 5;

interface Place {
  readonly connection: Pick<NativeConnection, 'workflowService'>;
  readonly namespace: string;
}

/** What the server knows of a workflow that computes a key; undefined when it knows none. */
export async function seeFlight(
  { connection, namespace }: Place,
  workflowId: string,
): Promise<SeenFlight | undefined> {
  try {
    const { workflowExecutionInfo: info } = await connection.workflowService.describeWorkflowExecution({
      namespace,
      execution: { workflowId },
    });
    return { isOpen: info?.status === RUNNING, from: originOf(info?.memo?.fields?.['from']?.data) };
  } catch (error) {
    if ((error as { code?: unknown }).code === NOT_FOUND) return undefined;
    throw error;
  }
}

function originOf(memo: Uint8Array | null | undefined): StageOrigin | undefined {
  if (!memo) return undefined;
  const read = stageOriginSchema.safeParse(JSON.parse(Buffer.from(memo).toString('utf8')));
  return read.success ? read.data : undefined;
}
