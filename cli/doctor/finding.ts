import type { ExitCode } from '../io/cli-error';

/** What is looked at, in the order in which it is told. */
export type Check = 'endpoint' | 'clock' | 'credentials' | 'permissions' | 'readiness' | 'versions';

/** What a check has found: one line. */
export type Finding = { readonly check: Check; readonly detail: string } & (
  | { readonly status: 'ok' }
  | { readonly status: 'warn'; readonly remedy?: string }
  | { readonly status: 'fail'; readonly remedy?: string; readonly exitCode: ExitCode }
);

export const isFailure = (finding: Finding): finding is Extract<Finding, { status: 'fail' }> =>
  finding.status === 'fail';

/** How long each question may take. */
export const LIMIT_MS = 10_000;
