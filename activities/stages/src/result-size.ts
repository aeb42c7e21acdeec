import { VitrineError, type StageJob, type StageResult } from '@vitrine/contracts';

/** A result travels in payloads and in the record of its run, both of which have limits; figures are small. */
const MOST_RESULT_CHARACTERS = 256 * 1024;

/**
 * A larger one would be refused by the server each time that it is sent, and the stage would never end.
 * @throws VitrineError ResultTooLarge
 */
export function smallEnough(result: StageResult, { runId, stage }: StageJob): StageResult {
  const { length } = JSON.stringify(result);
  if (length <= MOST_RESULT_CHARACTERS) return result;
  throw new VitrineError('ResultTooLarge', 'What a stage says of its result is too long.', {
    where: `run ${runId}, stage ${stage}, summary`,
    expected: `at most ${MOST_RESULT_CHARACTERS} characters of JSON`,
    actual: `${length}`,
  });
}
