/** What a step of gate training takes from its number: noise, depth and rates. All of it is a function of seed and step. */
import { linearWarmup, lookaheadSync } from '@vitrine/ml-optim';
import { PURPOSE, uniform, type HostInputs } from '@vitrine/ml-tensor';
import type { GateSettings } from './settings.js';

export interface GateRates {
  readonly gates: number;
  readonly placeholder: number;
  readonly multiplier: number;
  /** Gates and placeholder rise linearly from 0 over so many steps; the multiplier does not. */
  readonly warmupSteps: number;
}

export interface StepDraw {
  readonly seed: number;
  /** From 0. */
  readonly step: number;
  /** 0 for the pass that moves gates, 1 for one of its own that moves the multiplier. */
  readonly pass: 0 | 1;
}

/** k, the last gate that votes; with `weights` the depths are drawn in proportion to them. */
export function depthOf(draw: StepDraw, weights: readonly number[]): number {
  const [fraction = 0] = uniform(
    { seed: draw.seed, purpose: PURPOSE.gateDepth, step: draw.step, index: draw.pass },
    1,
  );
  let rest = fraction * weights.reduce((sum, weight) => sum + weight, 0);
  const found = weights.findIndex((weight) => (rest -= weight) < 0);
  return found < 0 ? weights.length - 1 : found;
}

export interface StepShape {
  readonly gates: number;
  readonly batchSize: number;
  readonly patches: number;
}

/** The inputs of a learning function but the pixels. */
export function stepInputs(
  { gates: G, batchSize, patches }: StepShape,
  draw: StepDraw & { readonly depth: number },
  { rates, settings }: { readonly rates: GateRates; readonly settings: GateSettings },
): HostInputs {
  const rateOf = (learningRate: number): Float32Array =>
    Float32Array.of(linearWarmup({ learningRate, warmupSteps: rates.warmupSteps })(draw.step));
  const key = { seed: draw.seed, purpose: PURPOSE.gateNoise, step: draw.step, index: draw.pass };
  const row = settings.multipliers === 'shared' ? 0 : draw.depth;
  return {
    noise: uniform(key, G * batchSize * patches),
    active: Float32Array.from({ length: G }, (_, gate) => (gate <= draw.depth ? 1 : 0)),
    depth: Float32Array.from({ length: settings.multipliers === 'shared' ? 1 : G }, (_, r) =>
      r === row ? 1 : 0,
    ),
    gateRate: rateOf(rates.gates),
    placeholderRate: rateOf(rates.placeholder),
    multiplierRate: Float32Array.of(rates.multiplier),
    sync: Float32Array.of(lookaheadSync(settings.optimizer, draw.step + 1)),
  };
}

/**
 * Which depths deserve fewer steps, an option of the released code: those whose answers agree and whose masks are sparse
 * already. Running values start at 1 and keep nine tenths.
 */
export class DepthBalance {
  private constructor(
    private readonly agreement: number[],
    private readonly kept: number[],
    private readonly visits: number[],
  ) {}

  static start(depths: number): DepthBalance {
    const all = (value: number): number[] => new Array<number>(depths).fill(value);
    return new DepthBalance(all(1), all(1), all(0));
  }

  static restore(values: ReturnType<DepthBalance['toJson']>): DepthBalance {
    return new DepthBalance([...values.agreement], [...values.kept], [...values.visits]);
  }

  toJson(): { agreement: number[]; kept: number[]; visits: number[] } {
    return { agreement: [...this.agreement], kept: [...this.kept], visits: [...this.visits] };
  }

  weights(): number[] {
    return this.visits.map((visits, k) =>
      (this.agreement[k] ?? 0) > 0.75 && (this.kept[k] ?? 1) < 0.1 && visits > 100 ? 0.1 : 1,
    );
  }

  saw(depth: number, seen: { readonly agreement: number; readonly kept: number }): void {
    const blend = (values: number[], value: number): void => {
      values[depth] = 0.9 * (values[depth] ?? 1) + 0.1 * value;
    };
    blend(this.agreement, seen.agreement);
    blend(this.kept, seen.kept);
    this.visits[depth] = (this.visits[depth] ?? 0) + 1;
  }
}
