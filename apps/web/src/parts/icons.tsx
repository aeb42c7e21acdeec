import type { ReactNode } from 'react';

/** Drawings of 16 by 16; decoration beside a word, so they are hidden from whoever hears the page. */
function Icon({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <svg
      width="16"
      height="16"
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const icons = {
  overview: (
    <Icon>
      <rect x="2" y="2" width="5" height="7" rx="1" />
      <rect x="9" y="2" width="5" height="4" rx="1" />
      <rect x="2" y="11" width="5" height="3" rx="1" />
      <rect x="9" y="8" width="5" height="6" rx="1" />
    </Icon>
  ),
  runs: (
    <Icon>
      <path d="M5.5 4H14M5.5 8H14M5.5 12H14" />
      <path d="M2.2 4h.1M2.2 8h.1M2.2 12h.1" strokeWidth="2.2" />
    </Icon>
  ),
  launch: (
    <Icon>
      <path d="M4.5 2.8v10.4L13 8z" />
    </Icon>
  ),
  theme: (
    <Icon>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
    </Icon>
  ),
  copy: (
    <Icon>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
      <path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
    </Icon>
  ),
  done: (
    <Icon>
      <path d="M3 8.5l3.2 3.2L13 4.8" />
    </Icon>
  ),
  close: (
    <Icon>
      <path d="M4 4l8 8M12 4l-8 8" />
    </Icon>
  ),
  keys: (
    <Icon>
      <rect x="1.5" y="4" width="13" height="8" rx="1.5" />
      <path d="M4 6.7h.1M6.7 6.7h.1M9.3 6.7h.1M12 6.7h.1M5 9.5h6" />
    </Icon>
  ),
} as const;

/** The mark of the product: a pane with a light in it. */
export function Mark(): ReactNode {
  return (
    <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
      <rect x="1.5" y="1.5" width="19" height="19" rx="4" fill="none" stroke="currentColor" strokeWidth="2" />
      <path d="M11 2v18M2 11h18" stroke="currentColor" strokeWidth="1.5" opacity="0.45" />
      <rect x="12.5" y="4" width="5.5" height="5.5" rx="1" fill="var(--accent)" />
    </svg>
  );
}
