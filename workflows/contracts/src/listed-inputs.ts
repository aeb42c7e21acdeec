import type { ElementSource, StageJob } from './activities.js';
import type { ArtifactRef } from './artifact-ref.js';
import { stagePorts } from './stages/index.js';

/** The lists among the inputs of a stage that is made many that are read element by element, by port, or port and label. */
export function listedInputs(job: StageJob, source: ElementSource): Readonly<Record<string, ArtifactRef>> {
  if (source.type === 'chunks') return {};
  const ports = stagePorts(job)?.inputs ?? {};
  const lists: Record<string, ArtifactRef> = {};
  for (const [port, input] of Object.entries(job.inputs)) {
    const { arity, type } = ports[port] ?? {};
    if (isArtifact(input)) {
      if (arity === 'one' && type !== 'list' && input.type === 'list') lists[port] = input;
    } else if (source.forEach.byElement) {
      for (const [label, ref] of Object.entries(input))
        if (ref.type === 'list') lists[`${port}.${label}`] = ref;
    }
  }
  return lists;
}

function isArtifact(input: StageJob['inputs'][string]): input is ArtifactRef {
  return typeof input['sha256'] === 'string';
}
