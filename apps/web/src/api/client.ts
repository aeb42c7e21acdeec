import createClient from 'openapi-fetch';
import type { paths } from '../generated/api.js';
import type { Problem } from './types.js';

/** Calls of every route the API describes. The session's cookie goes along by itself. */
export const client = createClient<paths>({ baseUrl: window.location.origin });

/** What the API refused, as it said it. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
    this.name = 'ApiError';
  }
}

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** @throws ApiError with what the API said, or that it did not answer */
export async function unwrap<T>(asked: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await asked;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(unreachable());
  }
  const { data, error, response } = answer;
  if (response.ok && data !== undefined) return data;
  throw new ApiError(isProblem(error) ? error : unexpected(response));
}

function isProblem(value: unknown): value is Problem {
  return (
    value !== null && typeof value === 'object' && 'code' in value && 'message' in value && 'hint' in value
  );
}

function unreachable(): Problem {
  return {
    type: 'about:blank',
    title: 'The API does not answer.',
    status: 0,
    requestId: '',
    code: 'Internal',
    message: 'The API does not answer.',
    where: window.location.origin,
    hint: 'See whether it runs with `npx vitrine status`. This page asks again by itself.',
  };
}

function unexpected(response: Response): Problem {
  return {
    ...unreachable(),
    title: 'The API answered something else than expected.',
    message: 'The API answered something else than expected.',
    status: response.status,
    where: new URL(response.url).pathname,
    actual: `status ${response.status}`,
    hint: 'Load the page anew: it may be older than the API.',
  };
}
