import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formFields, rangeText, readField, stageKinds, stageSchema, type JsonSchema } from './form-fields.js';

const description = JSON.parse(
  readFileSync(new URL('../../../api/openapi.json', import.meta.url), 'utf8'),
) as { components: { schemas: { PipelineSpec: JsonSchema } } };
const pipeline = description.components.schemas.PipelineSpec;

function fieldsOf(kind: string) {
  const params = stageSchema(pipeline, kind)?.properties?.params ?? {};
  return formFields(params, ['stages', 's', 'params']);
}

describe('the form of a stage', () => {
  it('is built for every kind that the API describes', () => {
    expect(stageKinds(pipeline).length).toBeGreaterThan(10);
    for (const kind of stageKinds(pipeline)) {
      const labels = fieldsOf(kind).map(({ label }) => label);
      expect(new Set(labels).size, kind).toBe(labels.length);
    }
  });

  it('has bounds and defaults of a training as the contracts give them', () => {
    const fields = Object.fromEntries(fieldsOf('train').map((field) => [field.label, field]));
    expect(fields.epochs).toMatchObject({
      control: 'integer',
      low: 1,
      high: 10_000,
      fallback: '30',
      open: false,
    });
    expect(fields['optimizer.learningRate']).toMatchObject({
      control: 'number',
      low: 0,
      open: true,
      fallback: '0.001',
    });
    expect(fields.flip).toMatchObject({ control: 'switch', fallback: 'true' });
    expect(fields.recompute).toMatchObject({ control: 'choice', choices: ['blocks'] });
    expect(fields['optimizer.learningRate']?.path).toEqual([
      'stages',
      's',
      'params',
      'optimizer',
      'learningRate',
    ]);
  });

  it('refuses at the field what the bounds do not allow', () => {
    const field = (control: 'number' | 'integer', bounds: object) => ({
      path: [],
      label: 'x',
      control,
      open: false,
      ...bounds,
    });
    expect(readField(field('integer', { low: 1, high: 5 }), '6')).toEqual({ problem: 'must be 5 or less' });
    expect(readField(field('integer', { low: 1 }), '1.5')).toEqual({ problem: 'a whole number is wanted' });
    expect(readField(field('number', { low: 0, open: true }), '0')).toEqual({ problem: 'must be above 0' });
    expect(readField(field('number', {}), '3e-4')).toEqual({ value: 3e-4 });
    expect(readField(field('number', {}), '')).toEqual({});
    for (const text of ['x', ' ', 'NaN', 'Infinity', '1,5'])
      expect(readField(field('number', {}), text).problem, text).toBeDefined();
  });

  it('hands on only numbers within the bounds, whatever is written', () => {
    const field = { path: [], label: 'x', control: 'number', low: -1, high: 1, open: false } as const;
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.double().map(String)), (text) => {
        const { value } = readField(field, text);
        expect(value === undefined || (typeof value === 'number' && value >= -1 && value <= 1)).toBe(true);
      }),
    );
  });

  it('writes bounds as people say them', () => {
    const field = { path: [], label: 'x', control: 'number', open: false } as const;
    expect([
      rangeText(field),
      rangeText({ ...field, low: 1, high: 5 }),
      rangeText({ ...field, low: 0, open: true }),
      rangeText({ ...field, high: 5 }),
      rangeText({ ...field, low: 0 }),
      rangeText({ ...field, low: 0, high: 10, open: true }),
    ]).toEqual(['', '1 to 5', 'above 0', '5 or less', '0 or more', 'above 0, to 10']);
  });
});
