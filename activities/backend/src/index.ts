export { BackendError } from './backend-error.js';
export { backendEnvironment, type BackendOptions } from './environment.js';
export type { RecordedLibrary } from './library-build.js';
export { CaptureError } from './capture/capture-error.js';
export { graphExecutor } from './capture/graph-executor.js';
export { loadBackend, type BackendChoice, type BackendProfile, type LoadOptions } from './load.js';
