import { readFile } from 'node:fs/promises';
import { parameterSpecs } from '@vitrine/ml-training';
import {
  decodeSafetensors,
  takePrefix,
  type HostTensor,
  type ProgramExecutor,
  type Specs,
  type StateDict,
} from '@vitrine/ml-tensor';
import type { VitCase } from '../../vit-case.js';

/** The inputs of a case, on the host, and what runs programs. */
export interface Setting {
  readonly case: VitCase;
  readonly executor: ProgramExecutor;
  readonly weights: StateDict;
  readonly specs: Specs;
  readonly batch: {
    /** Images. */
    readonly size: number;
    readonly pixels: Float32Array;
    readonly labels: Int32Array;
  };
  /** [1, N, D]. */
  readonly noise: HostTensor;
}

export async function loadSetting(vitCase: VitCase, executor: ProgramExecutor): Promise<Setting> {
  const { state } = decodeSafetensors(await readFile(vitCase.inputs));
  const { pixels, labels, noise } = state as Record<'pixels' | 'labels' | 'noise', HostTensor>;
  return {
    case: vitCase,
    executor,
    weights: takePrefix('weight', state),
    specs: parameterSpecs(vitCase.model),
    batch: {
      size: labels.data.length,
      pixels: pixels.data as Float32Array,
      labels: labels.data as Int32Array,
    },
    noise,
  };
}

/** An output that is one number. */
export const scalarOf = (outputs: StateDict, name: string): number => outputs[name]?.data[0] ?? NaN;
