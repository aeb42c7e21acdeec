import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useNavigate, useParams } from '@tanstack/react-router';
import { useState, type ReactNode } from 'react';
import { ApiError } from '../api/client.js';
import { about } from '../api/queries.js';
import { Dialog } from '../parts/dialog.js';
import { icons, Mark } from '../parts/icons.js';
import { useKeys } from '../parts/use-keys.js';
import { setTheme, useTheme } from '../parts/use-theme.js';

const KEYS: readonly (readonly [string, string])[] = [
  ['g o', 'Overview'],
  ['g r', 'Runs'],
  ['g l', 'Launch'],
  ['/', 'Filter of a list, search in a log'],
  ['j  k', 'Next and previous run in the list'],
  ['Enter', 'Open it'],
  ['x', 'Select it'],
  ['f', 'Fit the graph'],
  ['n', 'Next failed stage'],
  ['Ctrl Enter', 'Launch, in the editor too'],
  ['Esc', 'Close what is open'],
  [', d', 'Light or dark'],
  ['?', 'These keys'],
];

/** What stands around every page: where one is, where one can go, and whether the API answers. */
export function Shell(): ReactNode {
  const { project = 'default' } = useParams({ strict: false });
  const navigate = useNavigate();
  const theme = useTheme();
  const [help, setHelp] = useState(false);
  const facts = useQuery({ ...about, refetchInterval: 10_000 });
  const other = theme === 'dark' ? 'light' : 'dark';
  useKeys({
    'g o': () => void navigate({ to: '/p/$project', params: { project } }),
    'g r': () => void navigate({ to: '/p/$project/runs', params: { project } }),
    'g l': () => void navigate({ to: '/p/$project/launch', params: { project } }),
    ', d': () => setTheme(other),
    '?': () => setHelp(true),
  });
  return (
    <div className="shell">
      <header className="rail">
        <Link className="brand" to="/p/$project" params={{ project }}>
          <Mark /> Vitrine
        </Link>
        <nav aria-label="Pages">
          <Link to="/p/$project" params={{ project }} activeOptions={{ exact: true }}>
            {icons.overview} Overview
          </Link>
          <Link to="/p/$project/runs" params={{ project }}>
            {icons.runs} Runs
          </Link>
          <Link to="/p/$project/launch" params={{ project }}>
            {icons.launch} Launch
          </Link>
        </nav>
        <div className="rail-foot">
          {facts.data?.links.map(({ title, url }) => (
            <a key={url} href={url}>
              {title}
            </a>
          ))}
          <button type="button" className="button quiet" onClick={() => setTheme(other)}>
            {icons.theme} {other === 'dark' ? 'Dark' : 'Light'}
          </button>
          <button type="button" className="button quiet" onClick={() => setHelp(true)}>
            {icons.keys} Keys
          </button>
          {project !== 'default' && <p>Project {project}</p>}
          {facts.data && <p>Vitrine {facts.data.version}</p>}
        </div>
      </header>
      <div style={{ minWidth: 0 }}>
        <Connection error={facts.error} updatedAt={facts.dataUpdatedAt} />
        <Outlet />
      </div>
      {help && (
        <Dialog title="Keys" close={() => setHelp(false)}>
          <dl className="facts">
            {KEYS.map(([key, meaning]) => (
              <div key={key} style={{ display: 'contents' }}>
                <dt>
                  <kbd className="key">{key}</kbd>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <button type="button" className="button" onClick={() => setHelp(false)}>
            Close
          </button>
        </Dialog>
      )}
    </div>
  );
}

function Connection({
  error,
  updatedAt,
}: {
  readonly error: unknown;
  readonly updatedAt: number;
}): ReactNode {
  if (!(error instanceof ApiError)) return null;
  const { status, message } = error.problem;
  return (
    <p className="offline" role="status">
      {status === 401
        ? 'The session is over. Run npx vitrine status and open its link: it leads back here.'
        : `${message} What is shown is of ${updatedAt === 0 ? 'an earlier moment' : new Date(updatedAt).toLocaleTimeString()}; it is asked again by itself.`}
    </p>
  );
}
