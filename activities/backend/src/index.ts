export { BackendError } from './backend-error.js';
export { backendEnvironment, type BackendOptions } from './environment.js';
export type { RecordedLibrary } from './library-build.js';
export { loadBackend, type BackendProfile, type LoadOptions } from './load.js';
