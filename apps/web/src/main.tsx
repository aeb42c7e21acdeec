import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { ApiError } from './api/client.js';
import { applyTheme } from './parts/use-theme.js';
import { router } from './router.js';
import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';

/** What a second try may mend: an API that is being restarted, a service behind it that is away. */
function mayPass(error: Error): boolean {
  return error instanceof ApiError && (error.problem.status === 0 || error.problem.status >= 500);
}

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (failures, error) => failures < 2 && mayPass(error),
      // Old data stays while new data comes.
      placeholderData: (before: unknown) => before,
    },
  },
});

applyTheme();
const root = document.getElementById('root');
if (root)
  createRoot(root).render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
