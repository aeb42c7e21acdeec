import { useEffect, useState, type ReactNode } from 'react';
import { icons } from './icons.js';

interface CopyProps {
  readonly text: string;
  readonly label: string;
  /** Only the drawing is shown; the label is said. */
  readonly small?: boolean;
}

const SHOWN_MILLISECONDS = 1_500;

export function CopyButton({ text, label, small = false }: CopyProps): ReactNode {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = (): void => {
    void navigator.clipboard.writeText(text).then(() => setCopied(true));
  };
  return (
    <button
      type="button"
      className={`button${small ? ' quiet tiny' : ''}`}
      onClick={copy}
      aria-label={small ? label : undefined}
      title={small ? label : undefined}
    >
      {copied ? icons.done : icons.copy}
      {!small && (copied ? 'Copied' : label)}
    </button>
  );
}

/** A command line that does the same, to be copied. */
export function Command({ text }: { readonly text: string }): ReactNode {
  return (
    <div className="command">
      {/* Long commands are scrolled, by keyboard too. */}
      <code tabIndex={0} role="group" aria-label="Command line">
        {text}
      </code>
      <CopyButton small text={text} label={`Copy: ${text}`} />
    </div>
  );
}
