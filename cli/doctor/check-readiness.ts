import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { ApiCall } from '../client/api-call';
import { CliError, EXIT, type Unready } from '../io/cli-error';
import type { Finding } from './finding';
import { isDenied } from './is-denied';

interface Asked {
  /** The one to check; default: all. */
  readonly provider: string | undefined;
  /** What to do if the service fails. */
  readonly remedy: string;
}

/**
 * Whether every provider encrypts and decrypts, and the audit log answers. With one provider, failures of others are reported
 * and do not count.
 *
 * @throws CliError if the service does not answer, or fails without details
 */
export async function checkReadiness(
  send: (call: ApiCall) => Promise<Readonly<Record<string, unknown>>>,
  asked: Asked,
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
    if (!(thrown instanceof CliError)) throw thrown;
    if (thrown.more.unready !== undefined) return ofUnready(thrown.more.unready, asked);
    if (thrown.exitCode !== EXIT.refused) throw thrown;
    if (!isDenied(thrown)) {
      return {
        check: 'readiness',
        status: 'warn',
        detail: 'not checked: it needs a valid signature',
      };
    }
    const remedy = 'ask somebody with the grant keysets';
    return { check: 'readiness', status: 'warn', detail: 'this caller may not read it', remedy };
  }
}

function ofUnready({ audit, providers }: Unready, { provider, remedy }: Asked): Finding {
  const failing = providers.map((each) => `${each.provider} (${each.code})`).join(', ');
  const isOther = audit && provider !== undefined && providers.every((each) => each.provider !== provider);
  const detail = [
    ...(isOther ? [`${provider} encrypts and decrypts, the audit log answers`] : []),
    ...(failing === '' ? [] : [`these do not encrypt and decrypt: ${failing}`]),
    ...(audit ? [] : ['the audit log does not answer, and no call is answered without it']),
  ].join('; ');
  return isOther
    ? { check: 'readiness', status: 'warn', detail, remedy }
    : { check: 'readiness', status: 'fail', detail, remedy, exitCode: EXIT.unavailable };
}
