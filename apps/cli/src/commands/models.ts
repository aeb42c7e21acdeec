import { randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { VitrineError, type RegisteredModel } from '@vitrine/contracts';
import { DEFAULT_PROJECT } from '@vitrine/contracts/names';
import type { ModelName } from '../client/model-client.js';
import { apiClient, modelClient, type Context } from '../context.js';
import { EXIT } from '../exit-codes.js';
import { formatTime } from '../progress/format.js';
import { alignColumns } from '../progress/results-table.js';
import { printable } from '../progress/style.js';
import { findRun, nameIn } from './run-name.js';

interface Json {
  readonly json: boolean;
}

interface Told extends Json {
  readonly why: string;
}

/** `vitrine models`. */
export async function models(
  context: Context,
  { project = DEFAULT_PROJECT, json }: Json & { readonly project?: string },
): Promise<number> {
  const { terminal } = context;
  const list = await modelClient(context).list(project);
  if (json) terminal.json(list);
  else if (list.models.length === 0)
    terminal.line('No models. Register one with `npx vitrine models promote NAME last.train.model`.');
  else {
    const rows = list.models.map(({ model, champion, versions, changedAt, by }) => [
      model,
      `version ${champion} of ${versions}`,
      formatTime(changedAt),
      printable(by),
    ]);
    for (const row of alignColumns([['MODEL', 'CHAMPION', 'SINCE (UTC)', 'BY'], ...rows])) terminal.line(row);
  }
  return EXIT.ok;
}

/** `vitrine models show`. */
export async function showModel(context: Context, text: string, { json }: Json): Promise<number> {
  return print(context, await modelClient(context).view(modelOf(text)), json);
}

/** `vitrine models promote`: a version, or the output of a run, which becomes one. */
export async function promoteModel(
  context: Context,
  { model: text, what }: { readonly model: string; readonly what: string },
  { why, json }: Told,
): Promise<number> {
  const named = /^\d+$/.test(what) ? { version: Number(what) } : { from: await originOf(context, what) };
  const promoted = await modelClient(context).promote(
    modelOf(text),
    { ...named, ...told(why) },
    randomUUID(),
  );
  return print(context, promoted, json);
}

/** `vitrine models rollback`. */
export async function rollBackModel(
  context: Context,
  text: string,
  { to, why, json }: Told & { readonly to?: string },
): Promise<number> {
  if (to !== undefined && !/^[1-9]\d*$/.test(to))
    throw new VitrineError('InvalidRequest', 'This is no version of a model.', {
      where: '--to',
      expected: 'the number of a version',
      actual: JSON.stringify(to),
    });
  const request = { ...(to !== undefined && { to: Number(to) }), ...told(why) };
  return print(context, await modelClient(context).rollBack(modelOf(text), request, randomUUID()), json);
}

const told = (why: string) => ({ by: userInfo().username, why });

async function originOf(context: Context, text: string) {
  const [, name = '', stage, output] = /^([^/]+(?:\/[^/]+)?)\.([^./]+)\.([^./]+)$/.exec(text) ?? [];
  if (stage === undefined || output === undefined)
    throw new VitrineError('InvalidRequest', 'It is not clear what to promote.', {
      where: 'argument WHAT',
      expected: 'the number of a version, or RUN.STAGE.OUTPUT such as last.train.model',
      actual: JSON.stringify(text),
    });
  const { runId } = await findRun(apiClient(context), name);
  return { runId, stage, output };
}

function print({ terminal }: Context, known: RegisteredModel, json: boolean): number {
  if (json) {
    terminal.json(known);
    return EXIT.ok;
  }
  const champion = known.changes.at(-1)?.version;
  terminal.line(`${known.model}: version ${champion} is the champion`);
  const versions = known.versions.map(({ version, artifact, from, score }) => [
    version === champion ? '*' : '',
    `version ${version}`,
    artifact.sha256.slice(0, 12),
    `${from.runId}.${from.stage}.${from.output}`,
    score ? `${(100 * score.accuracy).toFixed(1)} %` : '',
  ]);
  for (const row of alignColumns(versions)) terminal.line(row);
  const changes = known.changes.map(({ at, action, version, by, why }) => [
    formatTime(at),
    action,
    `version ${version}`,
    printable(by),
    printable(why),
  ]);
  for (const row of alignColumns(changes.toReversed())) terminal.line(row);
  return EXIT.ok;
}

function modelOf(text: string): ModelName {
  const { project, id: model } = nameIn(text, { argument: 'MODEL', what: 'model', list: 'models' });
  return { project, model };
}
