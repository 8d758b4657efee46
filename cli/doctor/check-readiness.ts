import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { ApiCall } from '../client/api-call';
import { CliError, EXIT } from '../io/cli-error';
import type { Finding } from './finding';
import { isDenied } from './is-denied';

/**
 * Whether every provider encrypts and decrypts, and the audit log answers.
 *
 * @throws CliError where it says no, or nothing
 */
export async function checkReadiness(
  send: (call: ApiCall) => Promise<Readonly<Record<string, unknown>>>,
): Promise<Finding> {
  try {
    const { ready, providers } = await send({ method: 'GET', path: '/readyz' });
    const names = Array.isArray(providers)
      ? providers.flatMap((each) => (isRecord(each) ? [String(each['provider'])] : []))
      : [];
    return ready === true
      ? { check: 'readiness', status: 'ok', detail: `${names.join(', ')} encrypt and decrypt, the audit log answers` }
      : { check: 'readiness', status: 'fail', detail: 'the service is not ready', exitCode: EXIT.unavailable };
  } catch (thrown) {
    if (!(thrown instanceof CliError) || thrown.exitCode !== EXIT.refused) throw thrown;
    if (!isDenied(thrown)) {
      return {
        check: 'readiness',
        status: 'warn',
        detail: 'not looked at, for a signature that holds is needed for it',
      };
    }
    const remedy = 'ask somebody with the grant keysets';
    return { check: 'readiness', status: 'warn', detail: 'this caller may not ask for it', remedy };
  }
}
