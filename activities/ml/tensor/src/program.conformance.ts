/** What every executor does with a program: called by the specs of each implementation. */
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { after } from './after.js';
import type { Program, ProgramExecutor, RunningProgram } from './program.js';
import { uniform } from './random.js';
import { ShapeError } from './shape.js';
import type { StateDict } from './state-dict.js';
import { RANDOM_STREAM, randomMask, randomNormal, randomStream, randomUniform } from './stateless-random.js';

const vector = { dtype: 'float32', shape: [2] } as const;
const matrix = { dtype: 'float32', shape: [2, 2] } as const;
const counter = { dtype: 'int32', shape: [] } as const;

const program = {
  name: 'example',
  state: { a: vector, b: vector, count: counter, wide: matrix },
  functions: {
    accumulate: {
      inputs: { x: vector },
      compute: ({ state: { a, count }, inputs: { x } }) => {
        const sum = tf.add(a as tf.Tensor, x as tf.Tensor);
        const next = tf.add(count as tf.Tensor, tf.scalar(1, 'int32'));
        return { state: { a: sum, count: next }, outputs: { doubled: tf.mul(sum, 2), count: next } };
      },
    },
    swap: {
      inputs: {},
      compute: ({ state: { a, b } }) => ({
        state: { a: b as tf.Tensor, b: a as tf.Tensor },
        outputs: {},
      }),
    },
    keep: {
      inputs: {},
      compute: ({ state }) => ({ state, outputs: { a: state['a'] as tf.Tensor } }),
    },
    /** The state takes what came in, as it is and in the ways that may hand on its memory. */
    take: {
      inputs: {
        x: vector,
        rows: { dtype: 'float32', shape: [3, 2, 2] },
        flat: { dtype: 'float32', shape: [4] },
      },
      compute: ({ inputs: { x, rows } }) => ({
        state: {
          a: x as tf.Tensor,
          b: tf.reshape(tf.slice(rows as tf.Tensor, [1, 0, 0], [1, 1, 2]), [2]),
          wide: tf.reshape(tf.slice(rows as tf.Tensor, [2, 0, 0], [1, 2, 2]), [2, 2]),
        },
        outputs: {},
      }),
    },
    sum: {
      inputs: { x: vector },
      compute: ({ state: { a, b }, inputs: { x } }) => ({
        state: { a: tf.add(a as tf.Tensor, x as tf.Tensor), b: tf.add(b as tf.Tensor, b as tf.Tensor) },
        outputs: {},
      }),
    },
    wait: {
      inputs: { x: vector },
      compute: ({ state: { a }, inputs: { x } }) => {
        const later = after(a as tf.Tensor, tf.square(x as tf.Tensor));
        return { state: { a: tf.neg(later) }, outputs: { sum: tf.add(later, tf.square(a as tf.Tensor)) } };
      },
    },
    takeSums: {
      inputs: { x: vector, flat: { dtype: 'float32', shape: [4] } },
      compute: ({ inputs: { x, flat } }) => ({
        state: { a: tf.add(x as tf.Tensor, tf.zeros([2])), wide: tf.reshape(flat as tf.Tensor, [2, 2]) },
        outputs: {},
      }),
    },
    fork: {
      inputs: { x: vector },
      compute: ({ inputs: { x } }) => {
        const next = tf.neg(x as tf.Tensor);
        return { state: { a: next, b: next }, outputs: {} };
      },
    },
    draw: {
      inputs: { stream: RANDOM_STREAM },
      compute: ({ inputs: { stream } }) => {
        const shape: [number, number] = [3, 5];
        const of = stream as tf.Tensor1D;
        return {
          outputs: {
            uniform: randomUniform(of, { shape }),
            again: randomUniform(of, { shape }),
            other: randomUniform(of, { shape, draw: 1 }),
            normal: randomNormal(of, { shape: [1000], draw: 2 }),
            mask: randomMask(of, { shape: [1000], draw: 3, rate: 0.25 }),
          },
        };
      },
    },
    compare: {
      inputs: { x: vector, n: { dtype: 'int32', shape: [3] } },
      compute: ({ inputs: { x, n } }) => ({
        outputs: {
          above: tf.greater(x as tf.Tensor, 0),
          odd: tf.mod(n as tf.Tensor, tf.scalar(2, 'int32')),
          echo: x as tf.Tensor,
        },
      }),
    },
  },
} satisfies Program;

type Name = keyof typeof program.functions;

const start = (): StateDict => ({
  a: { ...vector, data: Float32Array.of(1, 2) },
  b: { ...vector, data: Float32Array.of(3, 4) },
  count: { ...counter, data: Int32Array.of(7) },
  wide: { ...matrix, data: Float32Array.of(1, 0, 0, 1) },
});

/** A program of one function, started. */
const startOne = (
  executor: ProgramExecutor,
  one: Omit<Program, 'name' | 'functions'> & { readonly only: Program['functions'][string] },
): RunningProgram => executor.start({ name: 'odd', state: one.state, functions: { only: one.only } });

export function describeExecutor(name: string, executor: ProgramExecutor): void {
  describe(`a program run by the ${name} executor`, () => {
    let running: RunningProgram<Name>;
    const numbers = (entry: string): number[] => [...(running.readState([entry])[entry]?.data ?? [])];

    beforeEach(() => {
      running = executor.start<Name>(program);
      running.writeState(start());
    });
    afterEach(() => running.dispose());

    it('reads what was written, with types and shapes, all of it or what is named', () => {
      expect(running.readState()).toEqual(start());
      expect(running.readState(['count'])).toEqual({ count: start()['count'] });
      expect(running.readState([])).toEqual({});
    });

    it('gives outputs, replaces the entries that a function names, and leaves the others', () => {
      const outputs = running.run('accumulate', { x: Float32Array.of(10, 20) });
      expect(outputs).toEqual({
        doubled: { ...vector, data: Float32Array.of(22, 44) },
        count: { ...counter, data: Int32Array.of(8) },
      });
      expect(running.readState()).toEqual({
        ...start(),
        a: { ...vector, data: Float32Array.of(11, 22) },
        count: { ...counter, data: Int32Array.of(8) },
      });
      expect(running.run('accumulate', { x: Float32Array.of(0, 0) })['count']?.data).toEqual(
        Int32Array.of(9),
      );
    });

    it('writes some entries and leaves the others', () => {
      running.writeState({ b: { ...vector, data: Float32Array.of(5, 6) } });
      expect(running.readState()).toEqual({ ...start(), b: { ...vector, data: Float32Array.of(5, 6) } });
      running.writeState({});
      expect(numbers('b')).toEqual([5, 6]);
    });

    it('swaps entries, again and again', () => {
      running.run('swap', {});
      expect([numbers('a'), numbers('b')]).toEqual([
        [3, 4],
        [1, 2],
      ]);
      running.run('swap', {});
      running.run('accumulate', { x: Float32Array.of(1, 1) });
      expect([numbers('a'), numbers('b')]).toEqual([
        [2, 3],
        [3, 4],
      ]);
    });

    it('keeps entries that a function returns as they were', () => {
      const { a } = running.run('keep', {});
      expect(a?.data).toEqual(Float32Array.of(1, 2));
      expect(running.readState()).toEqual(start());
    });

    it('adds to entries again and again, and leaves what was read and fed', () => {
      const x = Float32Array.of(10, 20);
      running.run('sum', { x });
      const read = running.readState(['a']);
      running.run('sum', { x });
      x.fill(-9);
      expect([numbers('a'), numbers('b')]).toEqual([
        [21, 42],
        [12, 16],
      ]);
      expect(read['a']?.data).toEqual(Float32Array.of(11, 22));
    });

    it('computes the same on what waits for something else', () => {
      const { sum } = running.run('wait', { x: Float32Array.of(5, 6) });
      expect(sum?.data).toEqual(Float32Array.of(2, 6));
      expect(numbers('a')).toEqual([-1, -2]);
    });

    it('gives two entries the same value, and each goes its way', () => {
      running.run('fork', { x: Float32Array.of(-1, -2) });
      running.run('accumulate', { x: Float32Array.of(1, 1) });
      running.writeState({ a: { ...vector, data: Float32Array.of(0, 0) } });
      expect(numbers('b')).toEqual([1, 2]);
    });

    it('takes whole numbers and gives truth values as 0 and 1', () => {
      const outputs = running.run('compare', { x: Float32Array.of(-1, 1), n: Int32Array.of(1, 2, 3) });
      expect(outputs).toEqual({
        above: { ...vector, data: Float32Array.of(0, 1) },
        odd: { dtype: 'int32', shape: [3], data: Int32Array.of(1, 0, 1) },
        echo: { ...vector, data: Float32Array.of(-1, 1) },
      });
    });

    it('draws what the host draws from the same stream, other numbers from another, and the same again', () => {
      const key = { seed: 4294967295, purpose: 3, step: 2147483648, index: 7 };
      const drawn = running.run('draw', { stream: randomStream(key) });
      expect(drawn['uniform']).toEqual({ dtype: 'float32', shape: [3, 5], data: uniform(key, 15) });
      expect(drawn['again']).toEqual(drawn['uniform']);
      const streams = [
        key,
        { ...key, seed: 1 },
        { ...key, purpose: 1 },
        { ...key, step: 1 },
        { ...key, index: 1 },
      ];
      const draws = streams.map((of) => running.run('draw', { stream: randomStream(of) }));
      const numbers = draws.flatMap((of) => ['uniform', 'other', 'normal'].map((name) => of[name]?.data[0]));
      expect(new Set(numbers).size).toBe(numbers.length);
      expect(running.run('draw', { stream: randomStream(key) })).toEqual(drawn);
      const mask = [...(drawn['mask']?.data ?? [])];
      const kept = mask.filter((value) => value === Math.fround(4 / 3)).length;
      expect(kept + mask.filter((value) => value === 0).length).toBe(1000);
      // 750 with a standard deviation of 14.
      expect(Math.abs(kept - 750)).toBeLessThan(70);
    });

    it('draws a normal distribution', () => {
      const values = [0, 1, 2, 3].flatMap((step) => {
        const stream = randomStream({ seed: 1, purpose: 6, step });
        return [...(running.run('draw', { stream })['normal']?.data ?? [])];
      });
      const moment = (power: number): number =>
        values.reduce((sum, value) => sum + value ** power, 0) / values.length;
      // Five standard errors of each.
      expect(Math.abs(moment(1))).toBeLessThan(5 / Math.sqrt(4000));
      expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / 4000));
      expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / 4000));
    });

    it('shares no memory with arrays that are written, fed or read', () => {
      const written = start();
      running.writeState(written);
      for (const { data } of Object.values(written)) data.fill(-9);
      expect(running.readState()).toEqual(start());

      const x = Float32Array.of(5, 6);
      const rows = Float32Array.from({ length: 12 }, (_, i) => i);
      const flat = Float32Array.of(1, 2, 3, 4);
      running.run('take', { x, rows, flat });
      const taken = running.readState();
      [x, rows, flat].forEach((array) => array.fill(-9));
      expect(running.readState()).toEqual(taken);
      expect([numbers('a'), numbers('b'), numbers('wide')]).toEqual([
        [5, 6],
        [4, 5],
        [8, 9, 10, 11],
      ]);

      x.set([7, 8]);
      flat.set([1, 2, 3, 4]);
      running.run('takeSums', { x, flat });
      running.run('accumulate', { x: Float32Array.of(1, 1) });
      expect([[...x], [...flat]]).toEqual([
        [7, 8],
        [1, 2, 3, 4],
      ]);
      [x, flat].forEach((array) => array.fill(-9));
      expect([numbers('a'), numbers('wide')]).toEqual([
        [8, 9],
        [1, 2, 3, 4],
      ]);

      const read = running.readState();
      for (const { data } of Object.values(read)) data.fill(-9);
      const { echo } = running.run('compare', { x: Float32Array.of(1, 2), n: new Int32Array(3) });
      echo?.data.fill(-9);
      expect(numbers('a')).toEqual([8, 9]);
    });

    it('keeps no array of a caller that is gone', () => {
      for (let round = 0; round < 200; round++)
        running.run('take', {
          x: Float32Array.of(round, 1),
          rows: new Float32Array(12).fill(round),
          flat: new Float32Array(4),
        });
      expect([numbers('a'), numbers('b')]).toEqual([
        [199, 1],
        [199, 199],
      ]);
    });

    it('does not see the state of another program, nor of another start of the same one', () => {
      const other = executor.start<Name>(program);
      other.writeState({ ...start(), a: { ...vector, data: Float32Array.of(100, 200) } });
      running.run('accumulate', { x: Float32Array.of(1, 1) });
      other.run('accumulate', { x: Float32Array.of(1, 1) });
      expect(other.readState(['a'])['a']?.data).toEqual(Float32Array.of(101, 201));
      other.dispose();
      expect(numbers('a')).toEqual([2, 3]);
    });

    it('refuses inputs that do not fit, by name', () => {
      const x = Float32Array.of(1, 2);
      expect(() => running.run('accumulate', {})).toThrow(ShapeError);
      expect(() => running.run('accumulate', {})).toThrow(
        "example.accumulate, input 'x': expected shape [2], got none",
      );
      expect(() => running.run('accumulate', { x: Float32Array.of(1) })).toThrow(
        "example.accumulate, input 'x': expected 2 elements for shape [2], got 1",
      );
      expect(() => running.run('accumulate', { x: Int32Array.of(1, 2) })).toThrow(
        "example.accumulate, input 'x': expected float32 data, got int32",
      );
      expect(() => running.run('accumulate', { x, y: x })).toThrow(
        "example.accumulate, input 'y': expected one of x, got another name",
      );
      expect(running.readState()).toEqual(start());
    });

    it('refuses state that does not fit, by name, and writes none of it', () => {
      const b = { ...vector, data: Float32Array.of(9, 9) };
      const odd = { ...vector, data: Float32Array.of(1, 2, 3) };
      expect(() => running.writeState({ b, a: odd })).toThrow(ShapeError);
      expect(() => running.writeState({ b, a: odd })).toThrow(
        "example, state 'a': expected 2 elements for shape [2], got 3",
      );
      expect(() => running.writeState({ b, count: { ...counter, data: Float32Array.of(1) } })).toThrow(
        "example, state 'count': expected int32 data, got float32",
      );
      expect(() => running.writeState({ b, c: b })).toThrow(RangeError);
      expect(() => running.writeState({ b, toString: b })).toThrow(
        "example: expected an entry of the state, got 'toString'",
      );
      expect(() => running.readState(['a', 'c'])).toThrow("example: expected an entry of the state, got 'c'");
      expect(running.readState()).toEqual(start());
    });

    it('refuses to read or to use an entry that was never written', () => {
      const fresh = executor.start<Name>(program);
      expect(() => fresh.readState(['a'])).toThrow();
      expect(() => fresh.run('accumulate', { x: Float32Array.of(1, 2) })).toThrow();
      fresh.dispose();
    });

    it('refuses a function whose new state is none of the program', () => {
      const attempt = (entry: string, value: () => tf.Tensor): void => {
        const one = startOne(executor, {
          state: { a: vector },
          only: { inputs: {}, compute: () => ({ state: { [entry]: value() }, outputs: {} }) },
        });
        try {
          one.run('only', {});
        } finally {
          one.dispose();
        }
      };
      expect(() => attempt('z', () => tf.zeros([2]))).toThrow(
        "odd.only, new state 'z': the state has no such entry",
      );
      expect(() => attempt('a', () => tf.zeros([3]))).toThrow(
        "odd.only, new state 'a': expected shape [2], got shape [3]",
      );
      expect(() => attempt('a', () => tf.zeros([2], 'int32'))).toThrow(
        "odd.only, new state 'a': expected float32, got int32",
      );
    });

    it('leaves no tensor behind', () => {
      const before = tf.memory().numTensors;
      const other = executor.start<Name>(program);
      other.writeState(start());
      for (const call of ['swap', 'keep'] as const) other.run(call, {});
      other.run('accumulate', { x: Float32Array.of(1, 1) });
      other.run('fork', { x: Float32Array.of(1, 1) });
      other.readState();
      other.dispose();
      expect(tf.memory().numTensors).toBe(before);
    });
  });
}
