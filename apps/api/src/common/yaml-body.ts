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
