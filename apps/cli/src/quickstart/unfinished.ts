import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { VitrineError, runIdSchema, slugSchema, type PipelineSpec } from '@vitrine/contracts';
import { z } from 'zod';
import { isUnavailable, type ApiClient, type RunName } from '../client/api-client.js';
import { writeStateFile } from '../stack/state-file.js';

const noteSchema = z.strictObject({
  format: z.literal(1),
  project: slugSchema,
  runId: runIdSchema,
  /** Digest of what was asked for. */
  recipe: z.string(),
  /** Digest of the code that was to do it. */
  codeVersion: z.string(),
});
type Note = z.infer<typeof noteSchema>;

export interface Wanted {
  readonly spec: PipelineSpec;
  readonly codeVersion: string;
}

export type Decision =
  | { readonly kind: 'started' | 'resumed'; readonly run: RunName }
  /** The unfinished run was made by other code or from another recipe, and has been cancelled for a new one. */
  | { readonly kind: 'replaced'; readonly run: RunName; readonly because: string };

type Api = Pick<ApiClient, 'submit' | 'view' | 'cancel'>;

function notePath(stateDir: string): string {
  return join(stateDir, 'quickstart.json');
}

/**
 * The run that a quickstart is about: the one that an earlier start was interrupted in, if it is still open and still what is
 * wanted, else a new one.
 */
export async function resumeOrSubmit(api: Api, stateDir: string, wanted: Wanted): Promise<Decision> {
  const recipe = digest(JSON.stringify(wanted.spec));
  const note = readNote(stateDir);
  const open = note && (await isOpen(api, note)) ? note : undefined;
  const because = open && difference(open, { recipe, codeVersion: wanted.codeVersion });
  if (open && because === undefined) return { kind: 'resumed', run: nameOf(open) };
  if (open) await api.cancel(nameOf(open));
  // The same key again after a death between the submission and the note: it must not start a second run.
  const key = digest(`${recipe} ${wanted.codeVersion} after ${note?.runId ?? 'none'}`);
  const { project, runId } = await api.submit(wanted.spec, key);
  writeStateFile(notePath(stateDir), { format: 1, project, runId, recipe, codeVersion: wanted.codeVersion });
  const run = { project, runId };
  return because === undefined ? { kind: 'started', run } : { kind: 'replaced', run, because };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function readNote(stateDir: string): Note | undefined {
  try {
    return noteSchema.safeParse(JSON.parse(readFileSync(notePath(stateDir), 'utf8'))).data;
  } catch {
    return undefined;
  }
}

async function isOpen(api: Api, note: Note): Promise<boolean> {
  try {
    return (await api.view(nameOf(note))).status === 'running';
  } catch (error) {
    if (error instanceof VitrineError && !isUnavailable(error)) return false;
    throw error;
  }
}

function difference(note: Note, wanted: Pick<Note, 'recipe' | 'codeVersion'>): string | undefined {
  if (note.recipe !== wanted.recipe) return 'the recipe has changed since';
  if (note.codeVersion !== wanted.codeVersion) return 'the code of the stages has changed since';
  return undefined;
}

function nameOf({ project, runId }: Note): RunName {
  return { project, runId };
}
