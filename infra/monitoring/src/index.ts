import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { board } from './board.js';
import { fleet } from './boards/fleet.js';
import { gpus, pools } from './boards/pools.js';
import { run } from './boards/run.js';
import { levels, storage, temporal } from './boards/services.js';
import { training } from './boards/training.js';

export { lintDashboard, type LintContext } from './lint-dashboard.js';

/** Every board that ships. */
export const DASHBOARDS: readonly Dashboard[] = [
  fleet,
  pools,
  gpus,
  run,
  training,
  storage,
  temporal,
  levels,
].map(board);
