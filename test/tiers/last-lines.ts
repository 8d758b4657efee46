import type { Outcome } from './run-check';

const rounded = (seconds: number): string => seconds.toFixed(1).padStart(8);

/** The end of a run of several checks: the time of each, the skipped tests with reasons, and the sums. */
export function lastLines(outcomes: readonly Outcome[]): string {
  const sum = (of: 'passed' | 'failed' | 'skipped'): number => outcomes.reduce((total, each) => total + each[of], 0);
  return [
    '',
    '   wall s    CPU s',
    ...outcomes.map((each) => `${rounded(each.seconds)} ${rounded(each.cpuSeconds)}  ${wordFor(each)}  ${each.name}`),
    ...new Set(outcomes.flatMap(({ reasons }) => reasons)),
    `${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`,
    '',
  ].join('\n');
}

const wordFor = ({ passed, failed, skipped }: Outcome): string => {
  if (failed > 0) return 'FAILED ';
  if (passed === 0) return 'SKIPPED';
  return skipped > 0 ? 'in part' : 'passed ';
};
