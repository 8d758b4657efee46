import type { Session } from '../session';

/** Progress, in its two forms. */
export interface ProgressState {
  /** For a line that is redrawn, of at most a number of columns. */
  readonly bar: (columns: number) => string;
  /** For a line of its own. */
  readonly code: string;
  readonly detail: string;
  /** Changes when something happens that needs a line of its own at once. */
  readonly milestone: string;
}

/** Shows progress. */
export interface ProgressDisplay {
  show(state: ProgressState): void;
  /** Clears the line. */
  clear(): void;
  /** The pause between two look-ups, in milliseconds. */
  readonly interval: number;
}

const TERMINAL_INTERVAL_MS = 2_000;
const LINES_INTERVAL_MS = 5_000;
/** In a pipe, the longest time without a line. */
const SILENCE_MS = 15_000;
const DEFAULT_COLUMNS = 80;

/** One redrawn line on a terminal that supports it; else a line for each change, or every 15 s. */
export const progressDisplay = (session: Session): ProgressDisplay => {
  const { stderr, env, json } = session.parts;
  const canRedraw = stderr.isTTY === true && env['TERM'] !== 'dumb' && !json;
  return canRedraw ? redrawnLine(session) : separateLines(session);
};

function redrawnLine({ parts: { stderr } }: Session): ProgressDisplay {
  let drawn = '';
  const erase = (columns: number): string => {
    // A window that has become narrower has wrapped the line.
    const rowsAbove = Math.max(0, Math.ceil(drawn.length / columns) - 1);
    return `${rowsAbove === 0 ? '' : `\u001b[${rowsAbove}A`}\r\u001b[J`;
  };
  const draw = (line: string, columns: number): void => {
    stderr.write(`${erase(columns)}${line}`);
    drawn = line;
  };
  return {
    interval: TERMINAL_INTERVAL_MS,
    show: (state) => {
      const columns = stderr.columns || DEFAULT_COLUMNS;
      // A line as wide as the window would wrap on some terminals.
      const line = state.bar(columns - 1);
      if (line !== drawn) draw(line, columns);
    },
    clear: () => {
      if (drawn !== '') draw('', stderr.columns || DEFAULT_COLUMNS);
    },
  };
}

function separateLines(session: Session): ProgressDisplay {
  let last: { milestone: string; at: number } | undefined;
  return {
    interval: LINES_INTERVAL_MS,
    show: ({ code, detail, milestone }) => {
      const at = session.now();
      if (last?.milestone === milestone && at - last.at < SILENCE_MS) return;
      session.tell(code, detail);
      last = { milestone, at };
    },
    clear: () => undefined,
  };
}
