export {
  ADAMW_RATES,
  adamwRates,
  adamwStep,
  initAdamW,
  type AdamWRates,
  type AdamWState,
  type AdamWStep,
} from './adamw.js';
export { cosineSchedule, type CosineScheduleOptions } from './cosine-schedule.js';
export { linearWarmup } from './linear-warmup.js';
export {
  initLookahead,
  LOOKAHEAD_SLOTS,
  lookaheadStep,
  lookaheadSync,
  type LookaheadSettings,
  type LookaheadState,
  type LookaheadStep,
} from './lookahead.js';
