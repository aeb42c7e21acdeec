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
