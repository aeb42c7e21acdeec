/**
 * Progress of several things at once: one line that is redrawn on a terminal, sparse lines elsewhere.
 *
 * @typedef {object} Task
 * @property {(text: string) => void} note says what it begins to do
 * @property {(text: string) => void} show how far it is
 * @property {(done: number, total: number, unit: 'bytes' | 'packages') => void} count
 * @property {(text: string) => void} done
 * @property {() => void} drop ends it without a word: the error is told elsewhere
 *
 * @typedef {object} Progress
 * @property {(name: string) => Task} start
 * @property {(text: string) => void} say one line that stays
 * @property {() => void} close
 *
 * @typedef {{ name: string, text: string, started: number, first?: { at: number, done: number }, told: number }} State
 */

const sparseMs = 10_000;
const redrawMs = 200;

/** @param {number} bytes */
export const megabytes = (bytes) =>
  bytes >= 999.5e6 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`;

/** @param {number} milliseconds */
export function duration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (milliseconds < 9_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * `123 MB of 274 MB, 45 %, 8 s left`: the rest is judged by the pace since this process began, not by what lay there before.
 * @param {{ done: number, total: number, unit: 'bytes' | 'packages' }} count
 * @param {{ at: number, done: number }} first
 * @param {number} now
 * @returns {string}
 */
export function describeCount({ done, total, unit }, first, now) {
  const percent = `${Math.floor((100 * Math.min(done, total)) / total)} %`;
  const amount =
    unit === 'bytes' ? `${megabytes(done)} of ${megabytes(total)}` : `${done} of about ${total} packages`;
  const pace = (done - first.done) / (now - first.at);
  const known = now - first.at >= 1_000 && pace > 0 && done < total;
  return [amount, percent, ...(known ? [`${duration((total - done) / pace)} left`] : [])].join(', ');
}

/**
 * @param {{ write: (text: string) => unknown, isTTY?: boolean, columns?: number }} stream
 * @param {() => number} [now] milliseconds
 * @returns {Progress}
 */
export function createProgress(stream, now = Date.now) {
  /** @type {Set<State>} */
  const states = new Set();
  let drawn = false;

  const clear = () => {
    if (drawn) stream.write('\r\x1b[2K');
    drawn = false;
  };
  const redraw = () => {
    if (!stream.isTTY) return;
    clear();
    if (states.size === 0) return;
    const parts = [...states].map(
      ({ name, text, started }) => `${name}: ${text || duration(now() - started)}`,
    );
    stream.write(parts.join(' | ').slice(0, (stream.columns ?? 80) - 1));
    drawn = true;
  };
  const say = (/** @type {string} */ text) => {
    clear();
    stream.write(`${text}\n`);
    redraw();
  };
  const timer = stream.isTTY ? setInterval(redraw, redrawMs) : undefined;
  timer?.unref();

  return {
    start(name) {
      /** @type {State} */
      const state = { name, text: '', started: now(), told: now() };
      states.add(state);
      const show = (/** @type {string} */ text) => {
        state.text = text;
        if (stream.isTTY || now() - state.told < sparseMs) return;
        state.told = now();
        say(`${name}: ${text}`);
      };
      return {
        note(text) {
          state.text = '';
          state.told = now();
          say(`${name}: ${text}`);
        },
        show,
        count(done, total, unit) {
          const first = (state.first ??= { at: now(), done });
          show(describeCount({ done, total, unit }, first, now()));
        },
        done(text) {
          states.delete(state);
          say(`${name}: ${text} (${duration(now() - state.started)})`);
        },
        drop() {
          states.delete(state);
          redraw();
        },
      };
    },
    say,
    close() {
      clearInterval(timer);
      states.clear();
      clear();
    },
  };
}
