import { VitrineError, type StageJob, type StageResult } from '@vitrine/contracts';

/** A result travels in payloads and in the record of its run, both of which have limits; figures are small. */
const MOST_RESULT_CHARACTERS = 256 * 1024;

/**
 * A larger one would be refused by the server each time that it is sent, or end the history of its run.
 * @throws VitrineError ResultTooLarge
 */
export function smallEnough(result: StageResult, { runId, stage, resultCharacters }: StageJob): StageResult {
  const { length } = JSON.stringify(result);
  const most = Math.min(resultCharacters ?? MOST_RESULT_CHARACTERS, MOST_RESULT_CHARACTERS);
  if (length <= most) return result;
  throw new VitrineError('ResultTooLarge', 'What a stage says of its result is too long.', {
    where: `run ${runId}, stage ${stage}, summary`,
    expected: `at most ${most} characters of JSON${most < MOST_RESULT_CHARACTERS ? ', its share of what all results of the run may have' : ''}`,
    actual: `${length}`,
  });
}
