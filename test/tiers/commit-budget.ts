import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { ROOT } from '../../compile/root';
import { COMMIT_CPU_RATIO } from './budgets';
import { runCheck } from './run-check';

const REFERENCE = join(ROOT, 'test/tiers/reference-work.cjs');
const PAUSE_MS = 15_000;

/**
 * Runs `npm test` and, beside it again and again, a fixed piece of work, and compares their CPU: the ratio is the same on a slow or
 * busy machine.
 */
async function main(): Promise<void> {
  const ended = new AbortController();
  const measured = measureUntil(ended.signal);
  const commit = await runCheck({ name: 'npm test', command: ['npm', 'test', '--silent'] });
  ended.abort();
  const reference = medianOf(await measured);
  const ratio = Math.round(commit.cpuSeconds / reference);
  const seconds = `${Math.round(commit.cpuSeconds)} s of CPU, the reference work ${reference.toFixed(2)} s`;
  process.stdout.write(`\nnpm test took ${seconds}: ${ratio} times as much, of at most ${COMMIT_CPU_RATIO}\n`);
  process.exitCode = commit.failed === 0 && ratio <= COMMIT_CPU_RATIO ? 0 : 1;
}

/** The CPU seconds of the reference work, once at least, and until the signal. */
async function measureUntil(ended: AbortSignal): Promise<readonly number[]> {
  const measured: number[] = [];
  do {
    const { stdout } = await promisify(execFile)(process.execPath, [REFERENCE]);
    measured.push(Number(stdout));
    await pause(PAUSE_MS, undefined, { signal: ended }).catch(() => undefined);
  } while (!ended.aborted);
  return measured;
}

const medianOf = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

void main();
