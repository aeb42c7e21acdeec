import { VitrineError } from '@vitrine/contracts';
import { parse, YAMLParseError } from 'yaml';
import { header, type Middleware } from './http.js';

export const YAML_TYPES = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'];

/** Decodes bodies that came as YAML text, so that the routes see documents, whatever they were written in. */
export const decodeYamlBody: Middleware = (request, _response, next) => {
  const type = header(request, 'content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!YAML_TYPES.includes(type) || typeof request.body !== 'string') {
    next();
    return;
  }
  try {
    request.body = parse(request.body);
    next();
  } catch (cause) {
    const line = cause instanceof YAMLParseError ? cause.linePos?.[0] : undefined;
    next(
      new VitrineError('InvalidSpec', 'The body of the request is not YAML.', {
        where: line ? `body, line ${line.line}, column ${line.col}` : 'body',
        expected: 'a YAML document',
        actual: cause instanceof Error ? cause.message.split('\n')[0] : String(cause),
        cause,
      }),
    );
  }
};

/** Deeper than any document of ours. What checks and prints documents calls itself for every level. */
const DEEPEST = 100;

/** Refuses what no parser has taken in, which a route would take for no body, and what is nested without end. */
export const refuseOddBodies: Middleware = (request, _response, next) => {
  const length = header(request, 'content-length') ?? '0';
  const isSent = length !== '0' || header(request, 'transfer-encoding') !== undefined;
  if (request.body === undefined && isSent)
    next({ status: 415, message: `content type ${header(request, 'content-type') ?? 'not named'}` });
  else if (isDeeper(request.body, DEEPEST))
    next(
      new VitrineError('InvalidRequest', 'The body of the request is nested too deeply.', {
        where: 'body',
        expected: `at most ${DEEPEST} levels`,
        actual: 'more',
      }),
    );
  else next();
};

function isDeeper(document: unknown, levels: number): boolean {
  let below = [document];
  for (let depth = 0; depth <= levels; depth += 1)
    below = below.flatMap((value): unknown[] =>
      typeof value === 'object' && value !== null ? Object.values(value) : [],
    );
  return below.length > 0;
}
