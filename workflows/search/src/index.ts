export { viewOf } from './book.js';
export {
  SearchEngine,
  samplerOf,
  searchSpaceOf,
  type SearchSpec,
  type Steered,
  type Steering,
} from './engine.js';
export { gridSize } from './samplers/grid.js';
export { replay, type Replay } from './replay.js';
export { simulate, type Outcome, type Simulation } from './simulate.js';
