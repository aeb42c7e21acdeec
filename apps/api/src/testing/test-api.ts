import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryStores, type Stores } from '@vitrine/artifact-store';
import { createMetrics } from '@vitrine/metrics';
import { createApp } from '../app.js';
import { Authentication } from '../common/authentication.js';
import { EventStore } from '../events/event-store.js';
import type { ApiParts } from '../parts.js';
import { RunHistory } from '../plans/run-history.js';
import { RunReader } from '../runs/run-reader.js';
import { Submissions } from '../runs/submissions.js';
import { TemporalGateway } from '../temporal/temporal.gateway.js';

export const TOKEN = 'a-token-for-tests';

/** Nothing listens on this port of the loopback interface. */
const NOBODY = { address: '127.0.0.1:9', namespace: 'default' };

export interface TestApi {
  readonly url: string;
  readonly parts: ApiParts;
  readonly stores: Stores;
  readonly folder: string;
  /** Sends with the token unless told otherwise. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

interface TestPlaces {
  readonly temporal?: { address: string; namespace: string };
  readonly stores?: Stores;
}

/** The whole API on a free port: real HTTP, real files, stores in memory and no Temporal unless given. */
export async function startTestApi(places: TestPlaces = {}): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'vitrine-api-'));
  const parts = testParts(folder, places);
  const app = await createApp(parts, false);
  await app.listen(0, '127.0.0.1');
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  return {
    url,
    parts,
    stores: parts.stores,
    folder,
    fetch: (path, init = {}) =>
      fetch(`${url}${path}`, {
        redirect: 'manual',
        ...init,
        headers: { authorization: `Bearer ${TOKEN}`, ...init.headers },
      }),
    close: async () => {
      await app.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function testParts(folder: string, places: TestPlaces): ApiParts & { stores: Stores } {
  const stores = places.stores ?? createMemoryStores();
  const temporal = new TemporalGateway(places.temporal ?? NOBODY);
  const events = new EventStore(join(folder, 'events'));
  return {
    stores,
    version: '0.0.0-test',
    authentication: new Authentication(TOKEN, () => new Date()),
    runs: stores.runs,
    sweeps: stores.sweeps,
    schedules: stores.schedules,
    models: stores.models,
    cache: stores.cache,
    lineage: stores.lineage,
    artifacts: stores.artifacts,
    probeStorage: async () => {
      await stores.runs.getRequest('default', 'readiness');
    },
    temporal,
    events,
    reader: new RunReader({ runs: stores.runs, temporal, events }),
    history: new RunHistory(stores.runs),
    submissions: new Submissions(join(folder, 'submissions')),
    builtCode: () => ({ codeVersion: 'code-of-the-test', kinds: {} }),
    readsFolders: true,
    pools: () => ({}),
    packages: { names: [], from: folder },
    metrics: createMetrics({ processMetrics: false }),
    links: () => [{ title: 'Temporal <page>', url: 'http://127.0.0.1:8233' }],
    dashboard: join(folder, 'dashboard'),
    now: () => new Date(),
    random: () => randomBytes(2).readUInt16LE(),
  };
}
