import type { Judge, Explainer, ExplanationFunction, GateFunction } from '@vitrine/ml-explain';
import {
  DIRECT_METHODS,
  explanationProgram,
  GATE_STATE,
  gateProgram,
  integratedGradients,
  oneCall,
  releasedOptimizer,
  rise,
} from '@vitrine/ml-explain';
import { addPrefix, padTo, type RunningProgram, type StateDict } from '@vitrine/ml-tensor';
import type { DenoiserArtifact } from '../denoiser-artifact.js';
import type { GatesArtifact } from '../gates-artifact.js';
import type { ModelArtifact } from '../model-artifact.js';
import type { StageContext } from '../stage-context.js';
import { SmoothedAttention } from './smoothed-attention.js';

/** All that methods are made of; the model may stand in for another of its architecture. */
export interface ExplainerPlan {
  readonly context: Pick<StageContext<'explain'>, 'executor' | 'params' | 'seed'>;
  readonly model: ModelArtifact;
  /** By label. */
  readonly gates: ReadonlyMap<string, GatesArtifact>;
  readonly denoiser: DenoiserArtifact | undefined;
}

type Program = RunningProgram<ExplanationFunction>;

/** Every method for one set of weights, ready to explain. */
export class ExplainerSet {
  readonly explainers: readonly Explainer[];
  readonly judge: Judge;
  readonly voters: ReadonlyMap<string, RunningProgram<GateFunction>>;
  private readonly program: Program;
  private readonly smoothed: SmoothedAttention | undefined;

  constructor(private readonly plan: ExplainerPlan) {
    const { context, model, gates } = plan;
    const { batchSize, rolloutDiscard: discard, methods } = context.params;
    this.program = context.executor.start(explanationProgram({ config: model.spec, batchSize, discard }));
    this.program.writeState(model.weights);
    this.judge = judgeOf(this.program, model, batchSize);
    this.voters = new Map([...gates].map(([label, given]) => [label, startVoter(plan, given)]));
    this.smoothed = methods.includes('smoothedAttention') ? new SmoothedAttention(plan) : undefined;
    this.explainers = [...this.own(), ...[...this.voters].map(([label, voter]) => byVotes(label, voter))];
  }

  dispose(): void {
    this.program.dispose();
    this.smoothed?.dispose();
    for (const voter of this.voters.values()) voter.dispose();
  }

  private own(): Explainer[] {
    const { plan, program, smoothed } = this;
    const { params, seed } = plan.context;
    return params.methods.map((method) => {
      if (method === 'integratedGradients')
        return integratedGradients(program, { steps: params.integratedGradientSteps });
      if (method === 'rise') return rise(program, plan.model.spec, { ...params.rise, seed });
      if (method === 'smoothedAttention' && smoothed) return smoothed;
      return oneCall(DIRECT_METHODS.find((direct) => direct === method) ?? 'rollout', program);
    });
  }
}

const byVotes = (name: string, voter: RunningProgram<GateFunction>): Explainer => ({
  name,
  // One piece of work: it comes to its end without a pause.
  *explain({ pixels }) {
    return voter.run('attribute', { pixels })['mask']?.data as Float32Array;
  },
});

function startVoter({ context, model }: ExplainerPlan, given: GatesArtifact): RunningProgram<GateFunction> {
  const { balanceDepths: _balance, ...settings } = given.meta.settings;
  const program = context.executor.start(
    gateProgram({
      ...{ config: model.spec, batchSize: context.params.batchSize },
      settings: { ...settings, optimizer: releasedOptimizer },
    }),
  );
  const state: StateDict = {
    ...addPrefix(GATE_STATE.model, model.weights),
    ...addPrefix(GATE_STATE.trained, given.gates),
  };
  program.writeState(state);
  return program;
}

function judgeOf(program: Program, { spec }: ModelArtifact, batchSize: number): Judge {
  const length = spec.channels * spec.imageSize ** 2;
  return {
    batchSize,
    probabilities: (pixels) => {
      const { logits } = program.run('predict', { pixels: padTo(pixels, batchSize * length) });
      const rows = (logits?.data as Float32Array).slice(0, (pixels.length / length) * spec.classes);
      for (let first = 0; first < rows.length; first += spec.classes)
        softmax(rows.subarray(first, first + spec.classes));
      return rows;
    },
  };
}

function softmax(row: Float32Array): void {
  const most = Math.max(...row);
  const total = row.reduce((sum, logit) => sum + Math.exp(logit - most), 0);
  row.forEach((logit, k) => (row[k] = Math.exp(logit - most) / total));
}
