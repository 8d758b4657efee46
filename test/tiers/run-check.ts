import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../compile/root';

/** One command whose exit code tells whether it passed. */
export interface Check {
  readonly name: string;
  readonly command: readonly [program: string, ...parameters: string[]];
  readonly env?: Readonly<Record<string, string>>;
}

export interface Outcome {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** The skipped tests with reasons, one a line. */
  readonly reasons: readonly string[];
  readonly seconds: number;
  /** User and system time of all processes that were waited for. */
  readonly cpuSeconds: number;
}

const toStdout = (text: string): void => {
  process.stdout.write(text);
};

/** Runs a command and prints, as its last line, the time of its children. */
const TIMED = '"$@"; code=$?; times >&3; exit $code';

/**
 * Runs a check, shows its output as it comes, and reads its last lines: `N passed, N failed, N skipped`, and before it the
 * skipped tests. A check without such a line counts as one that has passed or failed.
 *
 * @param show receives the output; left out: it goes to the standard output at once
 */
export async function runCheck({ name, command, env = {} }: Check, show = toStdout): Promise<Outcome> {
  show(`\n== ${name}: ${command.join(' ')}\n`);
  const started = performance.now();
  const child = spawn('bash', ['-c', TIMED, 'bash', ...command], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
      show(chunk);
    });
  }
  const closed = once(child, 'close') as Promise<[number | null]>;
  const times = await text(child.stdio[3] as NodeJS.ReadableStream);
  const [code] = await closed;
  const counts = countsIn(output, code);
  return {
    name,
    ...counts,
    reasons: output.split('\n').filter((line) => line.startsWith('SKIPPED: ')),
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: cpuSecondsIn(times),
  };
}

/** Runs a check as {@link runCheck} does, beside others: its output is shown in one piece after its end. */
export async function runBeside(check: Check): Promise<Outcome> {
  const shown: string[] = [];
  const outcome = await runCheck(check, (text) => void shown.push(text));
  toStdout(shown.join(''));
  return outcome;
}

/** The result of a check with this exit code. */
export function countsIn(output: string, code: number | null): Pick<Outcome, 'passed' | 'failed' | 'skipped'> {
  const last = [...output.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  const [passed, failed, skipped] = last === undefined ? [1, 0, 0] : last.slice(1).map(Number);
  // Whatever it counted, a check with an exit code other than 0 has failed.
  if (code === 0) return { passed: passed!, failed: failed!, skipped: skipped! };
  return { passed: last === undefined ? 0 : passed!, failed: Math.max(1, failed!), skipped: skipped! };
}

/** @param times the output of bash's `times`: user and system of itself, then of its children, as `1m2.345s` */
export function cpuSecondsIn(times: string): number {
  const parts = [...times.matchAll(/(\d+)m([\d.,]+)s/g)].map(([, minutes, seconds]) => {
    return Number(minutes) * 60 + Number(seconds!.replace(',', '.'));
  });
  return parts.reduce((sum, each) => sum + each, 0);
}
