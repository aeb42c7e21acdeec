import { patchCount } from '@vitrine/ml-nn';
import type { ProgramExecutor, RunningProgram, StateDict } from '@vitrine/ml-tensor';
import { calibrateAdd } from './calibrate.js';
import { DepthBalance, depthOf, stepInputs, type GateRates } from './gate-draws.js';
import { initGates, initPlaceholder } from './gate-network.js';
import { gateProgram, type GateFunction, type GateProgramOptions } from './gate-program.js';
import { GATE_STATE, gateShape, initialGateState, trainedSpecs } from './gate-state.js';
import { PLACEHOLDER } from './gate-step.js';

export interface GateTrainerPlan extends GateProgramOptions {
  readonly executor: ProgramExecutor;
  /** The model's, by timm's names. */
  readonly weights: StateDict;
  readonly rates: GateRates;
  readonly seed: number;
  /** Draw depths by what they have learned, see `DepthBalance`. */
  readonly balanceDepths: boolean;
}

export interface GateStart {
  /** add of every gate, or the mean mask that the gates are to start with. */
  readonly add: number | { readonly meanMask: number; readonly pixels: Float32Array };
  readonly multiplier: number;
  /** Gates trained before, with their placeholder. */
  readonly gates?: StateDict | undefined;
}

/** Of one step, means over its batch. */
export interface GateFigures {
  readonly loss: number;
  readonly divergence: number;
  readonly penalty: number;
  /** Mean of the sampled mask. */
  readonly kept: number;
  readonly agreement: number;
  /** As the step found it. */
  readonly multiplier: number;
  readonly depth: number;
}

/** Gates in training. */
export class GateTrainer {
  private balance: DepthBalance;

  private constructor(
    private readonly plan: GateTrainerPlan,
    readonly program: RunningProgram<GateFunction>,
    private stepsDone: number,
  ) {
    this.balance = DepthBalance.start(plan.config.depth + 2);
    program.writeState(
      Object.fromEntries(
        Object.entries(plan.weights).map(([name, host]) => [`${GATE_STATE.model}/${name}`, host]),
      ),
    );
  }

  static start(plan: GateTrainerPlan, start: GateStart): GateTrainer {
    const { config, settings, seed } = plan;
    const trainer = new GateTrainer(plan, plan.executor.start(gateProgram(plan)), 0);
    const shape = gateShape(config, settings.hidden);
    const fresh = {
      ...initGates(shape, { seed, add: typeof start.add === 'number' ? start.add : 0 }),
      [PLACEHOLDER]: initPlaceholder(shape, { seed, learned: settings.placeholder === 'learned' }),
    };
    const { [PLACEHOLDER]: placeholder, ...gates } = { ...fresh, ...start.gates };
    trainer.program.writeState(
      initialGateState(
        gates,
        { placeholder: placeholder as StateDict[string], multiplier: start.multiplier },
        plan,
      ),
    );
    if (typeof start.add !== 'number' && !start.gates) trainer.calibrate(start.add);
    return trainer;
  }

  static restore(
    plan: GateTrainerPlan,
    from: {
      readonly arrays: StateDict;
      readonly step: number;
      readonly balance: ReturnType<DepthBalance['toJson']>;
    },
  ): GateTrainer {
    const trainer = new GateTrainer(plan, plan.executor.start(gateProgram(plan)), from.step);
    trainer.program.writeState(from.arrays);
    trainer.balance = DepthBalance.restore(from.balance);
    return trainer;
  }

  get step(): number {
    return this.stepsDone;
  }

  /** All that a checkpoint needs besides the model. */
  arrays(): StateDict {
    return this.program.readState(Object.keys(trainedSpecs(this.plan)));
  }

  balanceState(): ReturnType<DepthBalance['toJson']> {
    return this.balance.toJson();
  }

  /** Gates and placeholder as they are now. */
  gates(): StateDict {
    const prefix = `${GATE_STATE.trained}/`;
    const names = Object.keys(trainedSpecs(this.plan)).filter((name) => name.startsWith(prefix));
    return Object.fromEntries(
      Object.entries(this.program.readState(names)).map(([name, host]) => [name.slice(prefix.length), host]),
    );
  }

  /** One step; as released two passes, each with draws of its own. */
  learn(pixels: Float32Array): GateFigures {
    const figures =
      this.plan.settings.passes === 'shared'
        ? this.pass('learn', pixels, 0)
        : [this.pass('learnGates', pixels, 0), this.pass('learnMultiplier', pixels, 1)][0];
    this.balance.saw(figures?.depth ?? 0, figures as GateFigures);
    this.stepsDone += 1;
    return figures as GateFigures;
  }

  dispose(): void {
    this.program.dispose();
  }

  private pass(name: GateFunction, pixels: Float32Array, pass: 0 | 1): GateFigures {
    const { config, settings, rates, seed, batchSize, balanceDepths } = this.plan;
    const gates = config.depth + 2;
    const draw = { seed, step: this.stepsDone, pass };
    const weights = balanceDepths ? this.balance.weights() : new Array<number>(gates).fill(1);
    const depth = settings.prefix === 'all' ? gates - 1 : depthOf(draw, weights);
    const shape = { gates, batchSize, patches: patchCount(config) };
    const outputs = this.program.run(name, {
      ...stepInputs(shape, { ...draw, depth }, { rates, settings }),
      pixels,
    });
    const figure = (of: string): number => outputs[of]?.data[0] ?? NaN;
    return {
      ...{ loss: figure('loss'), divergence: figure('divergence'), penalty: figure('penalty'), depth },
      ...{ kept: figure('kept'), agreement: figure('agreement'), multiplier: figure('multiplier') },
    };
  }

  /** Sets `add` of all gates so that the mean mask of these images is what was asked for. */
  private calibrate({
    meanMask,
    pixels,
  }: {
    readonly meanMask: number;
    readonly pixels: Float32Array;
  }): void {
    const { gateLogits } = this.program.run('attribute', { pixels });
    const gates = this.plan.config.depth + 2;
    const add = calibrateAdd(gateLogits?.data as Float32Array, gates, meanMask);
    const data = new Float32Array(gates).fill(add);
    const host = { dtype: 'float32', shape: [gates], data } as const;
    this.program.writeState({
      [`${GATE_STATE.trained}/add`]: host,
      [`${GATE_STATE.slots}.slow/add`]: { ...host, data: data.slice() },
    });
  }
}
