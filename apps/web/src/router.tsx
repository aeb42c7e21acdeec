import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { parseSearch, pick, stringifySearch } from './lib/search-params.js';
import { RunsPage } from './pages/runs/runs-page.js';
import { NotFound, PageError } from './pages/not-found.js';
import { Shell } from './pages/shell.js';

export const RUN_TABS = ['graph', 'timeline', 'curves', 'logs', 'artifacts', 'report', 'spec'] as const;
export type RunTab = (typeof RUN_TABS)[number];

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound });

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    redirect({ to: '/p/$project', params: { project: 'default' }, replace: true, throw: true });
  },
});

const overview = createRoute({
  getParentRoute: () => root,
  path: '/p/$project',
  component: lazyRouteComponent(() => import('./pages/overview/overview-page.js'), 'OverviewPage'),
});

const runs = createRoute({
  getParentRoute: () => root,
  path: '/p/$project/runs',
  validateSearch: (search) => pick(search, { q: 'any', sel: 'any' }),
  component: RunsPage,
});

const run = createRoute({
  getParentRoute: () => root,
  path: '/p/$project/runs/$run',
  validateSearch: (search) =>
    pick(search, { tab: RUN_TABS, stage: 'any', file: 'any', lq: 'any', lvl: ['warn', 'error'] }),
  component: lazyRouteComponent(() => import('./pages/run/run-page.js'), 'RunPage'),
});

const launch = createRoute({
  getParentRoute: () => root,
  path: '/p/$project/launch',
  validateSearch: (search) => pick(search, { from: 'any', stage: 'any', view: ['form', 'yaml', 'plan'] }),
  component: lazyRouteComponent(() => import('./pages/launch/launch-page.js'), 'LaunchPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([home, overview, runs, run, launch]),
  parseSearch: (text) => ({ ...parseSearch(text) }),
  stringifySearch,
  defaultErrorComponent: PageError,
  defaultPreload: 'intent',
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
