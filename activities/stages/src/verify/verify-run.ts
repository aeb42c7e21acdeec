/**
 * Recomputes every figure of a closed run from what is stored: bytes against their digests, documents and summaries against
 * the predictions and examples that they follow from, the report against its inputs. It needs the store and nothing else: no
 * model, no data set, no device.
 */
import type { ArtifactStore } from '@vitrine/artifact-store';
import {
  stageDefinition,
  VitrineError,
  type ArtifactRef,
  type FigureDifference,
  type RunRequest,
  type SealedRun,
  type StageKind,
  type Verification,
} from '@vitrine/contracts';
import { planOrder, stageCodeVersion } from '@vitrine/planning';
import { listOf } from '../elements/collect.js';
import { fromMlError } from '../ml-errors.js';
import { compareJson, compareText, type Comparison } from './compare.js';
import { RecomputingStore } from './recomputing-store.js';
import { REDERIVE, type Evidence, type Rederived } from './rederive.js';
import { elementUnits, recordOf, unitOf, type Unit } from './units.js';

export interface VerificationParts {
  readonly artifacts: ArtifactStore;
  /** Of another run of the project: whose results this one took over. */
  readonly requestOf: (runId: string) => Promise<RunRequest | undefined>;
  /** Digest of the code of a kind as it is built here; undefined when nothing is. */
  readonly builtCode: (kind: StageKind) => string | undefined;
  readonly onProgress: (progress: { phase: string; step: number; total: number }) => void;
}

export async function verifyRun(run: SealedRun, parts: VerificationParts): Promise<Verification> {
  const verifier = new Verifier(run, parts);
  const stages = planOrder(run.request.spec);
  for (const [step, name] of stages.entries()) {
    parts.onProgress({ phase: name, step, total: stages.length });
    await verifier.stage(name);
  }
  return verifier.verification();
}

class Verifier {
  private readonly store: RecomputingStore;
  /** Digests of what was read. */
  private readonly read = new Set<string>();
  /** Where bytes are that are not what was written. */
  private readonly damaged = new Set<string>();
  private readonly differences: FigureDifference[] = [];
  private readonly measured: { stage: string; reason: string }[] = [];
  private figures = 0;

  constructor(
    private readonly run: SealedRun,
    private readonly parts: VerificationParts,
  ) {
    this.store = new RecomputingStore(parts.artifacts);
  }

  verification(): Verification {
    const { project, runId } = this.run.request;
    const { figures, differences, measured } = this;
    return { project, runId, artifacts: this.read.size, figures, differences, measured };
  }

  async stage(name: string): Promise<void> {
    const { outputs, elements, state } = this.run.stages[name] ?? {};
    await this.readAll(name, { ...outputs, ...(elements?.record && { elements: elements.record }) });
    if (this.run.request.spec.stages[name]?.forEach) return this.many(name);
    if (state !== 'succeeded') return;
    const unit = await this.attempt(name, outputs, () => unitOf(this.parts.artifacts, this.run, name));
    if (unit) await this.unit(unit);
  }

  private async many(name: string): Promise<void> {
    const { outputs = {}, elements } = this.run.stages[name] ?? {};
    const evidence = { ...outputs, ...(elements?.record && { elements: elements.record }) };
    const units = await this.attempt(name, evidence, async () => {
      const record = await recordOf(this.parts.artifacts, this.run, name);
      for (const [output, ref] of Object.entries(outputs)) {
        const [first] = record.flatMap(({ result }) => result?.outputs[output] ?? []);
        if (!first) continue;
        const list = Buffer.from(JSON.stringify(listOf(output, first.type, record)));
        await this.hold(
          { where: `${name}.${output}`, ref, sameCode: true },
          await this.store.put('list', list),
        );
      }
      return elementUnits(this.parts.artifacts, this.run, { name, record });
    });
    for (const unit of units ?? []) {
      await this.readAll(unit.name, unit.outputs);
      await this.unit(unit);
    }
  }

  private async unit(unit: Unit): Promise<void> {
    const { name, job, outputs, summary } = unit;
    const made = await this.originalCode(unit);
    const built = this.parts.builtCode(job.kind);
    const sameCode = built === undefined || made === built;
    if (job.kind === 'report' && !sameCode) {
      const reason =
        'its page was made by other code than this: what it shows was recomputed, how it shows it was not';
      this.measured.push({ stage: name, reason });
      return;
    }
    const { project, runId } = this.run.request;
    const from = unit.from ?? { runId, stage: name };
    const again = await this.attempt(name, outputs, () =>
      rederive(job.kind, {
        identity: { project, ...from, codeVersion: made },
        params: stageDefinition(job.kind).params.parse(job.params) as never,
        inputs: job.inputs as never,
        outputs,
        artifacts: this.store,
      }),
    );
    if (!again) return;
    if (again.measured !== undefined) this.measured.push({ stage: name, reason: again.measured });
    for (const [output, recomputed] of Object.entries(again.outputs)) {
      const ref = outputs[output];
      if (ref) await this.hold({ where: `${name}.${output}`, ref, sameCode }, recomputed);
    }
    const fields = Object.keys(again.summary);
    const said = Object.fromEntries(fields.map((field) => [field, summary[field]]));
    const compared = compareJson(said, again.summary, { sameCode });
    this.count({ where: `${name}.summary`, ref: Object.values(outputs)[0] }, compared);
  }

  /** Digest of the code that made a result, which may be an earlier run's. */
  private async originalCode({ job, from }: Unit): Promise<string> {
    const origin = from && (await this.parts.requestOf(from.runId));
    return stageCodeVersion(origin ?? this.run.request, job.kind);
  }

  /** Reads artifacts to their ends; each once, however often it is named. */
  private async readAll(name: string, refs: Readonly<Record<string, ArtifactRef>>): Promise<void> {
    for (const [output, ref] of Object.entries(refs)) {
      if (this.read.has(ref.sha256)) continue;
      this.read.add(ref.sha256);
      const problem = await damageOf(this.parts.artifacts, ref);
      if (problem === undefined) continue;
      this.damaged.add(ref.uri);
      this.differ(`${name}.${output}`, ref, problem);
    }
  }

  /** Undefined when the evidence cannot be read; of damaged bytes that is said already. */
  private async attempt<T>(
    name: string,
    evidence: Readonly<Record<string, ArtifactRef>> | undefined,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      const error = fromMlError(thrown, name);
      if (error instanceof VitrineError && error.code === 'StorageUnavailable') throw error;
      const [ref] = Object.values(evidence ?? {});
      const known = error instanceof VitrineError && this.damaged.has(error.details.where ?? '');
      if (!known && ref) this.differ(name, ref, error instanceof Error ? error.message : String(error));
      return undefined;
    }
  }

  private async hold(
    {
      where,
      ref,
      sameCode,
    }: { readonly where: string; readonly ref: ArtifactRef; readonly sameCode: boolean },
    recomputed: ArtifactRef,
  ): Promise<void> {
    const texts = await Promise.all(
      [ref, recomputed].map(async (one) => new TextDecoder().decode(await this.store.get(one))),
    );
    const [ours = '', theirs = ''] = texts;
    const isJson = /json$/.test(ref.mediaType);
    const compared = isJson
      ? compareJson(JSON.parse(ours), JSON.parse(theirs), { sameCode })
      : compareText(ours, theirs);
    this.count({ where, ref }, compared);
    if (sameCode && ref.sha256 !== recomputed.sha256 && compared.differences.length === 0)
      this.differ(where, ref, `sha256 ${recomputed.sha256}`);
  }

  private count(
    { where, ref }: { readonly where: string; readonly ref: ArtifactRef | undefined },
    { figures, differences }: Comparison,
  ): void {
    this.figures += figures;
    for (const difference of differences)
      this.differences.push({ where, ...difference, sha256: ref?.sha256 ?? NO_BYTES });
  }

  private differ(where: string, { sha256 }: ArtifactRef, recomputed: string): void {
    this.differences.push({ where, figure: 'bytes', sha256, stored: `sha256 ${sha256}`, recomputed });
  }
}

/** Digest of nothing, for a summary of a stage without outputs. */
const NO_BYTES = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** What is wrong with the stored bytes; undefined when they are what was written. */
async function damageOf(artifacts: ArtifactStore, ref: ArtifactRef): Promise<string | undefined> {
  try {
    for await (const _ of artifacts.stream(ref));
    return undefined;
  } catch (error) {
    if (error instanceof VitrineError && error.code === 'ArtifactMissing') return 'no object';
    if (error instanceof VitrineError && error.code === 'ArtifactCorrupt')
      return error.details.actual ?? error.message;
    throw error;
  }
}

/** Parameters and inputs were checked when the run was submitted. */
function rederive<K extends StageKind>(kind: K, evidence: Evidence<K>): Promise<Rederived> {
  return REDERIVE[kind](evidence);
}
