import { LOCAL_ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_HOME } from '../../lambdas/core/contract/local-mode';
import type { Environment } from '../client/connection';
import { EXIT } from '../io/cli-error';
import type { Finding } from './finding';

/** Checks the transparency log in the local server's data directory; undefined if there is none. */
export async function checkLog(env: Environment, now: number): Promise<Finding | undefined> {
  const { examineLog } = await import('../../local/log/examine-log');
  const { state, sentence } = await examineLog(env[LOCAL_ENVIRONMENT.home] || DEFAULT_LOCAL_HOME, now);
  switch (state) {
    case 'none':
      return undefined;
    case 'good':
      return { check: 'log', status: 'ok', detail: sentence };
    case 'late':
      return {
        check: 'log',
        status: 'warn',
        detail: sentence,
        remedy: 'a running server signs one every hour: its log says why it does not',
      };
    case 'bad':
      return { check: 'log', status: 'fail', detail: sentence, exitCode: EXIT.usage };
  }
}
