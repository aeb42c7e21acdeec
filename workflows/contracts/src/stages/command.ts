import { z } from 'zod';
import { artifactRefSchema, artifactTypeSchema } from '../artifact-ref.js';
import { unknownPlaceholders } from './command-placeholders.js';
import { defineStage, type InputPort, type OutputPort } from './define.js';

/** Names of inputs and outputs: `<stage>.<output>` refers to them, and files are called after them. */
const portNameSchema = z
  .string()
  .regex(/^[a-zA-Z]\w{0,62}$/, 'expected a letter, then letters, digits and underscores');

const absolutePathSchema = z.string().regex(/^\/[^\0]*$/, 'expected an absolute path');

const relativePathSchema = z
  .string()
  .max(1000)
  .regex(
    /^(?!\.{0,2}(\/|$))[^\0/]+(\/(?!\.{0,2}(\/|$))[^\0/]+)*$/,
    'expected a relative path without . and .., such as out/model.safetensors',
  );

const variableNameSchema = z
  .string()
  .regex(/^(?!VITRINE_)[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable that is not VITRINE_…');

/** Where the value of a secret is, on the worker's machine. The value itself is in no document. */
export const secretRefSchema = z.union([
  z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of a variable') }),
  z.strictObject({ file: absolutePathSchema }),
]);
export type SecretRef = z.infer<typeof secretRefSchema>;

const environmentValueSchema = z.union([z.string(), z.strictObject({ secretRef: secretRefSchema })]);

/** Never part of a program's source, at any depth: what tools make, and environments of one machine. */
const NO_SOURCE = ['.git', '.venv', 'venv', 'node_modules', '__pycache__', '.vitrine'];

/** The folder that the program runs in: as it is written, and as it travels once it has been packed at submit. */
export const commandSourceSchema = z.union([
  z.strictObject({
    folder: absolutePathSchema,
    /** Names that are left out, at any depth. */
    exclude: z.array(z.string().min(1)).default(NO_SOURCE),
  }),
  z.strictObject({ artifact: artifactRefSchema }),
]);
export type CommandSource = z.infer<typeof commandSourceSchema>;

const declaredInputSchema = z.strictObject({
  type: artifactTypeSchema,
  required: z.boolean().default(true),
});

const declaredOutputSchema = z.strictObject({
  /** Where the program leaves it, below the folder it runs in; a folder for an artifact of type folder. */
  path: relativePathSchema,
  type: artifactTypeSchema,
  /** Of an artifact of type file; the other types have theirs. */
  mediaType: z
    .string()
    .regex(/^[\w.+-]+\/[\w.+-]+$/, 'expected a media type such as text/csv')
    .optional(),
});

export const commandStage = defineStage({
  kind: 'command',
  description:
    'Run a program of your own, in any language: artifacts come as files, declared files become artifacts. It may say how far it is, store checkpoints and go on from them by the line protocol.',
  // Its key holds what it runs in; whether the program comes out the same each time, only its author knows.
  cache: false,
  params: z
    .strictObject({
      /** The program and its arguments. `{inputs.NAME}`, `{outputs.NAME}`, `{params}` and `{seed}` stand for paths and the seed. */
      argv: z.array(z.string().min(1).max(32_768)).min(1).max(1000),
      source: commandSourceSchema.optional(),
      /** Values, or references to secrets that are read on the worker's machine. */
      environment: z.record(variableNameSchema, environmentValueSchema).default({}),
      /** Folder of a Python virtual environment on the worker's machine: its programs are found first. */
      python: absolutePathSchema.optional(),
      /** Container image to run the program in, with docker or podman. */
      image: z
        .string()
        .regex(/^[a-zA-Z0-9][\w./:@-]*$/, 'expected the name of an image')
        .optional(),
      inputs: z.record(portNameSchema, declaredInputSchema).default({}),
      outputs: z.record(portNameSchema, declaredOutputSchema).default({}),
      /** The program's own parameters, given to it as a JSON file. */
      parameters: z.record(z.string(), z.unknown()).default({}),
      /** From the request to stop to SIGTERM; SIGKILL follows. */
      graceSeconds: z.int().min(0).max(20).default(20),
    })
    .superRefine((params, context) => {
      const refuse = (path: (string | number)[], message: string): void =>
        context.addIssue({ code: 'custom', path, message });
      if (params.python !== undefined && params.image !== undefined)
        refuse(['python'], 'expected either python or image, got both');
      params.argv.forEach((argument, index) => {
        for (const name of unknownPlaceholders(argument, params))
          refuse(['argv', index], `expected a declared input or output, got {${name}}`);
      });
      for (const [name, { type, mediaType, path }] of Object.entries(params.outputs)) {
        if (mediaType !== undefined && type !== 'file')
          refuse(['outputs', name, 'mediaType'], `expected none for the type ${type}, got ${mediaType}`);
        const other = Object.entries(params.outputs).find(
          ([otherName, output]) => otherName !== name && `${path}/`.startsWith(`${output.path}/`),
        );
        if (other)
          refuse(['outputs', name, 'path'], `expected a place outside output ${other[0]}, got ${path}`);
      }
    }),
  inputs: ({ inputs }): Readonly<Record<string, InputPort>> =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, port]) => [
        name,
        { ...port, arity: 'one', description: 'Declared in params.inputs.' },
      ]),
    ),
  outputs: ({ outputs }): Readonly<Record<string, OutputPort>> =>
    Object.fromEntries(
      Object.entries(outputs).map(([name, { type }]) => [
        name,
        { type, description: 'Declared in params.outputs.' },
      ]),
    ),
  summary: z.strictObject({
    /** What the program measured last, by the line protocol. */
    metrics: z.record(z.string(), z.number()),
    /** The last step it reported. */
    step: z.int(),
  }),
});
