import { ENVIRONMENT, LOCAL_ENVIRONMENT } from '../../lambdas/core/contract/environment';
import { DEFAULT_LOCAL_HOME } from '../../lambdas/core/contract/local-mode';
import type { Environment } from '../client/connection';
import { EXIT } from '../io/cli-error';
import type { Finding } from './finding';

/** Whether the environment is that of a local server with its KEK in Vault. */
export const hasVaultSettings = (env: Environment): boolean => env[ENVIRONMENT.secretsProvider] === 'vault';

const STATUSES = { good: 'ok', bad: 'fail', unknown: 'warn' } as const;

/** Checks the settings of Vault, and what Vault keeps at the path, as a start of the local server does. */
export async function checkVault(env: Environment): Promise<Finding> {
  const { examineVault } = await import('../../local/examine-vault');
  const { state, sentence } = await examineVault(env, env[LOCAL_ENVIRONMENT.home] || DEFAULT_LOCAL_HOME);
  const finding = { check: 'vault', detail: sentence } as const;
  return state === 'bad'
    ? { ...finding, status: STATUSES[state], remedy: 'correct it before the next start', exitCode: EXIT.usage }
    : { ...finding, status: STATUSES[state] };
}
