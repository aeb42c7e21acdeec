import { poolsSchema } from '@vitrine/config';
import { parsePipelineSpec } from '@vitrine/contracts';
import { describe, expect, it } from 'vitest';
import { refuseTooManyDevices } from './refuse-too-many-devices.js';

const pools = poolsSchema.parse({ default: { slots: 2 }, wide: { slots: 8 } });
const refuse = (a: object, b: object = {}) => {
  const stages = { a: { kind: 'noop', ...a }, b: { kind: 'noop', ...b } };
  refuseTooManyDevices(parsePipelineSpec({ version: 1, name: 'x', stages }), pools);
};

describe('devices that no worker of a pool has', () => {
  it('are refused by the field of each stage that wants them', () => {
    const wide = { pool: 'wide', resources: { devices: 9 } };
    expect(() => refuse({ resources: { devices: 3 } }, wide)).toThrow(
      expect.objectContaining({
        code: 'InvalidSpec',
        details: expect.objectContaining({
          where: 'stages.a.resources.devices, stages.b.resources.devices',
          expected: 'at most the 2 of pool default, at most the 8 of pool wide',
          actual: '3, 9',
        }),
      }),
    );
  });

  it('are no matter as long as they are there, or nobody here knows', () => {
    refuse({ resources: { devices: 2 } }, { pool: 'elsewhere', resources: { devices: 64 } });
  });
});
