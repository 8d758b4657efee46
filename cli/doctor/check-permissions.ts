import { CALLER_GRANTS } from '../../lambdas/core/contract/grants';
import { DEFAULT_PROVIDERS } from '../../lambdas/core/contract/defaults';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { ApiCall } from '../client/api-call';
import { CliError, EXIT } from '../io/cli-error';
import type { Finding } from './finding';
import { isDenied } from './is-denied';

type Send = (call: ApiCall) => Promise<Readonly<Record<string, unknown>>>;
type Answer = 'allowed' | 'denied' | 'missing';

/**
 * Invalid calls, which are refused with 400 only after the permission check: they read nothing, write nothing,
 * and contain no key. A denied call leaves an event in the audit log, as every denied call does.
 */
const PROBES: Readonly<Record<(typeof CALLER_GRANTS)[number], (provider: string) => ApiCall>> = {
  encrypt: (provider) => ({ method: 'POST', path: `/v1/providers/${provider}/encrypt`, body: {} }),
  decrypt: (provider) => ({ method: 'POST', path: `/v1/providers/${provider}/decrypt`, body: {} }),
  rewrap: (provider) => ({ method: 'POST', path: `/v1/providers/${provider}/rewrap`, body: {} }),
  'manage-credentials': (provider) => emptyPage(`/v1/providers/${provider}/credentials`),
  reveal: (provider) => refusedQuery('POST', `/v1/providers/${provider}/credentials/doctor/reveal`),
  'change-metadata': (provider) => refusedQuery('PATCH', `/v1/providers/${provider}/credentials/doctor`),
  'restore-credentials': (provider) => refusedQuery('POST', `/v1/providers/${provider}/credentials/doctor/restore`),
  'purge-credentials': (provider) => refusedQuery('POST', `/v1/providers/${provider}/credentials/doctor/purge`),
};

const refusedQuery = (method: ApiCall['method'], path: string): ApiCall => ({
  method,
  path,
  query: { doctor: 'asks' },
});

const emptyPage = (path: string): ApiCall => ({ method: 'GET', path, query: { limit: '0' } });

/**
 * The caller's permissions, by the names of the policies.
 *
 * @param provider the one to check; default: all
 * @throws CliError if the service does not answer, or refuses for another reason than a policy
 */
export async function checkPermissions(send: Send, provider: string | undefined): Promise<Finding> {
  const listed = await providersOf(send);
  if (provider !== undefined && (await ask(send, PROBES.encrypt(provider))) === 'missing') {
    const remedy = listed === undefined ? {} : { remedy: `the providers are ${listed.join(', ')}` };
    return {
      check: 'permissions',
      status: 'fail',
      detail: 'there is no such provider',
      ...remedy,
      exitCode: EXIT.notFound,
    };
  }
  const providers = provider !== undefined ? [provider] : (listed ?? DEFAULT_PROVIDERS);
  const lines: string[] = [];
  let mayAny = listed !== undefined;
  for (const each of providers) {
    const grants = await grantsFor(send, each);
    if (grants === 'missing') lines.push(`${each}: no such provider`);
    else lines.push(`${each}: ${grants.length === CALLER_GRANTS.length ? 'all' : grants.join(', ') || 'nothing'}`);
    mayAny ||= grants !== 'missing' && grants.length > 0;
  }
  const operator = [
    ...(listed === undefined ? [] : ['keysets']),
    ...((await ask(send, emptyPage(`/v1/providers/${providers[0] ?? ''}/rotations`))) === 'denied'
      ? []
      : ['rotations']),
    ...((await ask(send, refusedQuery('GET', '/v1/kek'))) === 'denied' ? [] : ['kek']),
    ...((await ask(send, emptyPage('/v1/audit/events'))) === 'denied' ? [] : ['audit']),
  ];
  mayAny ||= operator.length > 0;
  const detail = `${lines.join('; ')}; as an operator: ${operator.join(', ') || 'nothing'}`;
  return mayAny
    ? { check: 'permissions', status: 'ok', detail }
    : {
        check: 'permissions',
        status: 'fail',
        detail: 'this caller has no permissions',
        remedy: 'attach the policies of docs/operations.md to it, or check whose credentials these are',
        exitCode: EXIT.refused,
      };
}

/** The providers; undefined if the caller may not list them. */
async function providersOf(send: Send): Promise<readonly string[] | undefined> {
  try {
    const { providers } = await send({ method: 'GET', path: '/v1/providers' });
    return Array.isArray(providers)
      ? providers.flatMap((each) => (isRecord(each) && typeof each['provider'] === 'string' ? [each['provider']] : []))
      : [];
  } catch (thrown) {
    if (isDenied(thrown)) return undefined;
    throw thrown;
  }
}

async function grantsFor(send: Send, provider: string): Promise<readonly string[] | 'missing'> {
  const granted: string[] = [];
  for (const grant of CALLER_GRANTS) {
    const answer = await ask(send, PROBES[grant](provider));
    if (answer === 'missing') return 'missing';
    if (answer === 'allowed') granted.push(grant);
  }
  return granted;
}

const NO_SUCH_CALL: readonly string[] = ['route_not_found', 'method_not_allowed'];

async function ask(send: Send, call: ApiCall): Promise<Answer> {
  try {
    await send(call);
    return 'allowed';
  } catch (thrown) {
    if (isDenied(thrown)) return 'denied';
    if (!(thrown instanceof CliError)) throw thrown;
    // An older service has no such call, which is not about the provider.
    if (NO_SUCH_CALL.includes(thrown.code)) return 'denied';
    if (thrown.exitCode === EXIT.requestRefused) return 'allowed';
    if (thrown.exitCode === EXIT.notFound) return 'missing';
    throw thrown;
  }
}
