import { HttpException } from '@nestjs/common';
import { ERRORS, VitrineError, type Problem } from '@vitrine/contracts';

/** What the framework and its body parsers throw. */
interface HttpLike {
  readonly status: number;
  readonly message: string;
}

function isHttpLike(thrown: unknown): thrown is HttpLike {
  const { status } = (thrown ?? {}) as { status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 600;
}

/** What a request that the framework could not take in should have been, by the status it was refused with. */
const RULES: Readonly<Record<number, string>> = {
  400: 'a JSON or YAML document in UTF-8',
  413: 'at most 4 MB',
  415: 'application/json or application/yaml in UTF-8, in gzip, deflate, br or no encoding',
};

/** Whatever was thrown while a request was answered, as an error of the closed list. */
export function requestError(thrown: unknown, where: string): VitrineError {
  if (thrown instanceof VitrineError) return thrown;
  if (thrown instanceof HttpException && thrown.getStatus() === 404)
    return new VitrineError('NotFound', 'There is nothing at this address.', {
      where,
      expected: 'one of the addresses in /openapi.json',
      hint: 'Compare method and path with /openapi.json.',
    });
  if (isHttpLike(thrown) && thrown.status < 500) {
    const expected = RULES[thrown.status];
    return new VitrineError('InvalidRequest', 'The request cannot be read.', {
      where,
      ...(expected !== undefined && { expected }),
      actual: thrown.message,
      cause: thrown,
    });
  }
  return new VitrineError('Internal', 'The API failed while it answered the request.', {
    where,
    hint: 'Look for the request id in the log of the API; this is a defect of Vitrine, please report it.',
    cause: thrown,
  });
}

/** The RFC 9457 document of an error. `status` is the code's own unless the transport has a more exact one. */
export function toProblem(error: VitrineError, requestId: string): Problem {
  const view = error.toView();
  return {
    type: `urn:vitrine:error:${view.code}`,
    title: view.message,
    status: transportStatus(error.cause) ?? ERRORS[view.code].http,
    requestId,
    ...view,
  };
}

function transportStatus(cause: unknown): number | undefined {
  return isHttpLike(cause) && (cause.status === 413 || cause.status === 415) ? cause.status : undefined;
}
