export { adamwStep, initAdamW, type AdamWState, type AdamWStep } from './adamw.js';
export { cosineSchedule, type CosineScheduleOptions } from './cosine-schedule.js';
