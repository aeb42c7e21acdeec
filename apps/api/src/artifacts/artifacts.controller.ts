import { Controller, Inject, Param, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  ARTIFACT_EXTENSIONS,
  ARTIFACT_TYPES,
  VitrineError,
  artifactListSchema,
  stageNameSchema,
  type ArtifactEntry,
  type ArtifactList,
  type ArtifactRef,
  type RunView,
} from '@vitrine/contracts';
import { z } from 'zod';
import { drained } from '../common/drained.js';
import type { Response } from '../common/http.js';
import { Route } from '../common/route.js';
import { PARTS, type ApiParts } from '../parts.js';
import { runParamsSchema, type RunParams } from '../runs/run.params.js';

const outputParamsSchema = runParamsSchema.extend({
  stage: stageNameSchema,
  output: z.string().regex(/^[a-zA-Z]\w{0,62}$/, 'expected the name of an output'),
});
type OutputParams = z.infer<typeof outputParamsSchema>;

/**
 * A report is styles, drawings and images, all in the page: it runs no script, reaches no address, and stands in an origin of
 * its own, where this API's session does not exist.
 */
const REPORT_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:";
const FILE_POLICY = "sandbox; default-src 'none'";

@ApiTags('artifacts')
@Controller('api/v1/runs/:project/:runId/artifacts')
export class ArtifactsController {
  constructor(@Inject(PARTS) private readonly parts: ApiParts) {}

  @Route('GET', '', {
    summary: 'List what the stages of a run have made',
    response: artifactListSchema,
    errors: ['InvalidRequest', 'NotFound', 'TemporalUnavailable', 'StorageUnavailable'],
  })
  async list(@Param({ schema: runParamsSchema }) run: RunParams): Promise<ArtifactList> {
    return { artifacts: entriesOf(await this.parts.reader.view(run)) };
  }

  @Route('GET', ':stage/:output', {
    summary: 'Read the bytes of one output',
    description:
      'The digest is checked on the way; a connection that breaks off before the announced length carried damaged bytes.',
    produces: [...new Set(Object.values(ARTIFACT_TYPES))],
    errors: [
      'InvalidRequest',
      'NotFound',
      'ArtifactMissing',
      'ArtifactCorrupt',
      'TemporalUnavailable',
      'StorageUnavailable',
    ],
  })
  async read(
    @Param({ schema: outputParamsSchema }) { stage, output, ...run }: OutputParams,
    @Res() response: Response,
  ): Promise<void> {
    const view = await this.parts.reader.view(run);
    const entry = entriesOf(view).find((known) => known.stage === stage && known.output === output);
    if (!entry) throw noSuchOutput(view, stage, output);
    const store = this.parts.artifacts(run.project);
    await send(response, entry, store.stream(entry.artifact));
  }
}

async function send(
  response: Response,
  { stage, output, artifact }: ArtifactEntry,
  bytes: AsyncIterable<Uint8Array>,
): Promise<void> {
  // Nothing is announced before the store has answered, so that its errors still get a status of their own.
  const pieces = bytes[Symbol.asyncIterator]();
  let piece = await pieces.next();
  response.statusCode = 200;
  for (const [name, value] of headersOf(artifact, `${stage}-${output}`)) response.setHeader(name, value);
  try {
    // Whoever asks only about it is spared the rest.
    if (response.req.method === 'HEAD') return void response.end();
    for (; !piece.done; piece = await pieces.next()) {
      if (response.destroyed) return;
      if (!response.write(piece.value)) await drained(response);
    }
    response.end();
  } finally {
    await pieces.return?.();
  }
}

function headersOf(artifact: ArtifactRef, name: string): readonly [string, string | number][] {
  const isReport = artifact.type === 'report';
  const extension = ARTIFACT_EXTENSIONS[artifact.type];
  return [
    ['content-type', isReport ? 'text/html; charset=utf-8' : artifact.mediaType],
    ['content-length', artifact.bytes],
    ['etag', `"${artifact.sha256}"`],
    ['cache-control', 'private, max-age=31536000, immutable'],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['content-security-policy', isReport ? REPORT_POLICY : FILE_POLICY],
    ['content-disposition', `${isReport ? 'inline' : 'attachment'}; filename="${name}.${extension}"`],
  ];
}

function entriesOf({ project, runId, stages }: RunView): ArtifactEntry[] {
  return Object.entries(stages).flatMap(([stage, { outputs }]) =>
    Object.entries(outputs ?? {}).map(([output, artifact]) => ({
      stage,
      output,
      artifact,
      path: `/api/v1/runs/${project}/${runId}/artifacts/${stage}/${output}`,
    })),
  );
}

function noSuchOutput(view: RunView, stage: string, output: string): VitrineError {
  const state = view.stages[stage]?.state;
  const known = entriesOf(view).map((entry) => `${entry.stage}/${entry.output}`);
  return new VitrineError('NotFound', 'The run has no such output.', {
    where: `${view.project}/${view.runId}, ${stage}/${output}`,
    expected: known.length > 0 ? `one of ${known.join(', ')}` : 'a stage that has succeeded',
    actual: state === undefined ? `no stage ${stage}` : `stage ${stage} is ${state}`,
    hint: 'Wait until the stage has succeeded, or list the artifacts of the run.',
  });
}
