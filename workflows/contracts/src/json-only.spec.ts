import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as contracts from './index.js';

const exported: readonly (readonly [string, unknown])[] = Object.entries(contracts);
const schemas = exported.flatMap(([name, value]) =>
  value instanceof z.ZodType ? [[name, value] as const] : [],
);

describe('every contract', () => {
  it('is found by this test', () => {
    expect(schemas.length).toBeGreaterThan(20);
  });

  it.each(schemas)('%s survives JSON: it converts to a JSON Schema', (_name, schema) => {
    const document = z.toJSONSchema(schema, { io: 'input' });
    expect(JSON.parse(JSON.stringify(document))).toEqual(document);
  });

  it.each(schemas.filter(([, schema]) => schema instanceof z.ZodObject))(
    '%s refuses unknown fields',
    (_name, schema) => {
      const result = schema.safeParse({ 'an unknown field': 1 });
      expect(result.success).toBe(false);
      expect(result.error?.issues.some((issue) => issue.code === 'unrecognized_keys')).toBe(true);
    },
  );
});
