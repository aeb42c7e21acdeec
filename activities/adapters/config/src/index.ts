export { DEFAULT_API_PORT, readConfig, type VitrineConfig } from './read-config.js';
export { configFileSchema, type ConfigFile } from './config-file.js';
export { builtCodePath, readBuiltCode, type BuiltCode } from './built-code.js';
export { localHost, type Host } from './host.js';
export { DEFAULT_THREADS, poolSchema, poolsSchema, type PoolConfig, type PoolsConfig } from './pools.js';
export {
  isRunning,
  processIdentity,
  processIdentitySchema,
  type ProcessIdentity,
} from './process-identity.js';
export { processEnvironment } from './process-environment.js';
export {
  credentialsFileSchema,
  nativeFileSchema,
  readCredentialsFile,
  readNativeFile,
  readStackFile,
  stackFileSchema,
  statePaths,
  type CredentialsFile,
  type NativeFile,
  type StackFile,
  type StatePaths,
} from './state-files.js';
export { VARIABLES, variable, type Environment, type VariableName } from './variables.js';
export { findWorkspace } from './workspace.js';
