import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark';

const KEY = 'vitrine.theme';
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

function chosen(): Theme | undefined {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : undefined;
}

/** As somebody chose it here, or else as the system has it. */
function theme(): Theme {
  return chosen() ?? (dark.matches ? 'dark' : 'light');
}

export function applyTheme(): void {
  document.documentElement.dataset.theme = theme();
  for (const listener of listeners) listener();
}

dark.addEventListener('change', applyTheme);

export function setTheme(value: Theme): void {
  localStorage.setItem(KEY, value);
  applyTheme();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, theme);
}
