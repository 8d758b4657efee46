import type { ExitCode } from '../io/cli-error';

/** The checks, in their order. */
export type Check = 'endpoint' | 'clock' | 'credentials' | 'permissions' | 'readiness' | 'vault' | 'log' | 'versions';

/** The finding of a check: one line. */
export type Finding = { readonly check: Check; readonly detail: string } & (
  | { readonly status: 'ok' }
  | { readonly status: 'warn'; readonly remedy?: string }
  | { readonly status: 'fail'; readonly remedy?: string; readonly exitCode: ExitCode }
);

export const isFailure = (finding: Finding): finding is Extract<Finding, { status: 'fail' }> =>
  finding.status === 'fail';

/** Time limit of each call. */
export const LIMIT_MS = 10_000;
