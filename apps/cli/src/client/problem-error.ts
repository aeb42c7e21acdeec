import { VitrineError, isErrorCode, problemSchema } from '@vitrine/contracts';

/** What an answer that is no success means: the error that the API told, or that this is no API. */
export async function problemError(response: Response, address: string): Promise<VitrineError> {
  const text = await response.text();
  const problem = problemSchema.safeParse(decode(text)).data;
  if (problem && isErrorCode(problem.code)) {
    const { code, message, where, expected, actual, hint, requestId } = problem;
    return new VitrineError(code, message, {
      where: problem.status >= 500 ? `${where ?? address} (request ${requestId})` : (where ?? address),
      ...(expected !== undefined && { expected }),
      ...(actual !== undefined && { actual }),
      hint,
    });
  }
  return new VitrineError('ApiUnavailable', 'The address is not that of a Vitrine API.', {
    where: address,
    expected: 'an answer of the API',
    actual: `HTTP ${response.status} ${response.statusText}`,
  });
}

function decode(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
