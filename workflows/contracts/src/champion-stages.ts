/** Names of the stages that a re-training adds to the pipeline of the candidate. */
export const CHAMPION_STAGE = 'champion';
export const CHAMPION_JUDGE = 'judge-champion';
