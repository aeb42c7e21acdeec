import type { NumericsProfile } from './numerics-profile.js';

/** Of what computes nothing, stages and lists alike: it comes out the same everywhere. */
export const NO_PROFILE: NumericsProfile = {
  build: 'none',
  device: 'none',
  threads: 1,
  precision: 'float32',
  execution: 'eager',
};
