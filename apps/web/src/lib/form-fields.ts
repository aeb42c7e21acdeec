import type { Path } from './spec-document.js';

/** As much of JSON Schema as a form asks. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
}

/** One control of a form. */
export interface FormField {
  readonly path: Path;
  /** Below the stage: `optimizer.learningRate`. */
  readonly label: string;
  readonly control: 'number' | 'integer' | 'switch' | 'choice' | 'text';
  readonly choices?: readonly string[];
  readonly low?: number;
  readonly high?: number;
  /** The bounds themselves are not allowed. */
  readonly open: boolean;
  readonly fallback?: string;
  readonly description?: string;
}

/** The schema of a stage of this kind, of the pipeline's schema. */
export function stageSchema(pipeline: JsonSchema, kind: string): JsonSchema | undefined {
  const stages = pipeline.properties?.stages?.additionalProperties;
  if (typeof stages !== 'object') return undefined;
  return (stages.oneOf ?? stages.anyOf ?? []).find((variant) => variant.properties?.kind?.const === kind);
}

/** Kinds of stages that the schema knows. */
export function stageKinds(pipeline: JsonSchema): readonly string[] {
  const stages = pipeline.properties?.stages?.additionalProperties;
  if (typeof stages !== 'object') return [];
  return (stages.oneOf ?? stages.anyOf ?? []).flatMap(({ properties }) => {
    const kind = properties?.kind?.const;
    return typeof kind === 'string' ? [kind] : [];
  });
}

/**
 * The controls of an object, those of objects in it included. What has no simple control, such as lists and values of several
 * shapes, is left to the text.
 */
export function formFields(schema: JsonSchema, path: Path, label = ''): readonly FormField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]): readonly FormField[] => {
    const at = [...path, name];
    const named = label === '' ? name : `${label}.${name}`;
    if (property.properties && property.type === 'object') return formFields(property, at, named);
    const control = controlOf(property);
    return control ? [{ path: at, label: named, ...boundsOf(property), ...control }] : [];
  });
}

function controlOf(schema: JsonSchema): Pick<FormField, 'control' | 'choices'> | undefined {
  if (schema.const !== undefined) return undefined;
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) {
    const choices = variants.flatMap((variant) => variant.enum ?? variant.const ?? []);
    // Some variants may be free text or objects: those are written in the text.
    return choices.length > 0 && choices.every((choice) => typeof choice === 'string')
      ? { control: 'choice', choices: choices.map(String) }
      : undefined;
  }
  if (schema.enum)
    return schema.enum.every((choice) => typeof choice === 'string')
      ? { control: 'choice', choices: schema.enum.map(String) }
      : undefined;
  if (schema.type === 'integer') return { control: 'integer' };
  if (schema.type === 'number') return { control: 'number' };
  if (schema.type === 'boolean') return { control: 'switch' };
  return schema.type === 'string' ? { control: 'text' } : undefined;
}

function boundsOf(schema: JsonSchema): Pick<FormField, 'low' | 'high' | 'open' | 'fallback' | 'description'> {
  const low = schema.minimum ?? schema.exclusiveMinimum;
  const high = schema.maximum ?? schema.exclusiveMaximum;
  const { default: fallback, description } = schema;
  return {
    ...(low !== undefined && { low }),
    ...(high !== undefined && { high }),
    open: schema.exclusiveMinimum !== undefined || schema.exclusiveMaximum !== undefined,
    ...(['string', 'number', 'boolean'].includes(typeof fallback) && { fallback: String(fallback) }),
    ...(description !== undefined && { description }),
  };
}

/** What somebody wrote into a control, as the value of its field; a problem in words when it cannot be one. */
export function readField(field: FormField, text: string): { value?: unknown; problem?: string } {
  if (text === '') return {};
  if (field.control === 'switch') return { value: text === 'true' };
  if (field.control !== 'number' && field.control !== 'integer') return { value: text };
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value)) return { problem: `${text} is no number` };
  if (field.control === 'integer' && !Number.isInteger(value)) return { problem: 'a whole number is wanted' };
  const { low, high, open } = field;
  if (low !== undefined && (value < low || (open && value === low)))
    return { problem: open ? `must be above ${low}` : `must be ${low} or more` };
  if (high !== undefined && value > high) return { problem: `must be ${high} or less` };
  return { value };
}

/** `1 to 500`, `above 0`; empty when nothing bounds it. */
export function rangeText({ low, high, open }: FormField): string {
  const least = low === undefined ? '' : open ? `above ${low}` : `${low}`;
  if (high === undefined) return least === '' ? '' : open ? least : `${least} or more`;
  return least === '' ? `${high} or less` : open ? `${least}, to ${high}` : `${least} to ${high}`;
}
