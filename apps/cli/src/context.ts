import type { Environment, VitrineConfig } from '@vitrine/config';
import { ApiClient } from './client/api-client.js';
import { PoolClient } from './client/pool-client.js';
import { ModelClient } from './client/model-client.js';
import { ScheduleClient } from './client/schedule-client.js';
import { SweepClient } from './client/sweep-client.js';
import type { Terminal } from './terminal.js';

/** What every command works with. */
export interface Context {
  readonly env: Environment;
  readonly terminal: Terminal;
  /** The script that runs this command line, to start it anew. */
  readonly entry: string;
  readonly version: string;
  /** Read when asked for, and anew each time: starting the stack changes it. */
  config(): VitrineConfig;
}

export function apiClient(context: Context): ApiClient {
  const { api, stateDir } = context.config();
  const { url, token, isGuess } = api;
  return new ApiClient({ url, token, ...(isGuess && token === undefined && { absentFrom: stateDir }) });
}

export function sweepClient(context: Context): SweepClient {
  return new SweepClient(apiClient(context));
}

export function poolClient(context: Context): PoolClient {
  return new PoolClient(apiClient(context));
}

export function scheduleClient(context: Context): ScheduleClient {
  return new ScheduleClient(apiClient(context));
}

export function modelClient(context: Context): ModelClient {
  return new ModelClient(apiClient(context));
}
