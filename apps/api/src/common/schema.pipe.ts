import type { ArgumentMetadata, PipeTransform } from '@nestjs/common';
import {
  VitrineError,
  fieldPath,
  formatIssues,
  parsePipelineSpec,
  parseScheduleSpec,
  parseSweepSpec,
  pipelineSpecSchema,
  scheduleSpecSchema,
  sweepSpecSchema,
} from '@vitrine/contracts';
import { z } from 'zod';

const PLACES: Readonly<Record<ArgumentMetadata['type'], string>> = {
  body: 'body',
  query: 'query',
  param: 'path',
  custom: 'request',
};

/**
 * Checks every argument that declares a schema, and hands on what the schema makes of it.
 * Instead of Nest's own StandardSchemaValidationPipe because that one tells its error factory the issues but not the value,
 * and an error has to say what was found.
 */
export class SchemaPipe implements PipeTransform {
  /** @throws VitrineError InvalidSpec for a pipeline, a sweep or a schedule, InvalidRequest for anything else, naming every wrong field */
  transform(value: unknown, { schema, type }: ArgumentMetadata): unknown {
    if (!(schema instanceof z.ZodType)) return value;
    if (schema === pipelineSpecSchema) return parsePipelineSpec(value, 'The body of the request');
    if (schema === scheduleSpecSchema) return parseScheduleSpec(value, 'The body of the request');
    if (schema === sweepSpecSchema) return parseSweepSpec(value, 'The body of the request');
    return checkRequest(schema, value, PLACES[type]);
  }
}

/** @throws VitrineError InvalidRequest naming every wrong field of this place */
export function checkRequest<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new VitrineError('InvalidRequest', `The ${place} of the request is not what it should be.`, {
    where: `${place}: ${result.error.issues.map((issue) => fieldPath(issue.path)).join(', ')}`,
    actual: formatIssues(result.error.issues, value),
  });
}
