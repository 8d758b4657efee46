import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { isProvider } from '../../lambdas/core/crypto/provider';
import { CliError } from '../io/cli-error';
import type { ApiClient } from '../session';

/** So many names are still read. */
const MOST_NAMES = 20;

/**
 * Says with a provider that is not there which ones there are, as far as the caller may see them: the service tells their names
 * to nobody who may not list them.
 *
 * @returns a client that throws what the other one throws
 */
export const nameProviders = (client: ApiClient): ApiClient => ({
  send: async (call, signal) => {
    try {
      return await client.send(call, signal);
    } catch (thrown) {
      if (!(thrown instanceof CliError) || thrown.code !== 'provider_not_found') throw thrown;
      const names = await providerNames(client, signal);
      if (names.length === 0) throw thrown;
      const detail = `${thrown.detail}; there are ${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ' and more' : ''}`;
      throw new CliError(thrown.exitCode, thrown.code, detail, thrown.requestId, thrown.more);
    }
  },
});

/** Those that there are; none where the list cannot be had. Never throws: another answer is what counts. */
export async function providerNames(client: ApiClient, signal?: AbortSignal): Promise<readonly string[]> {
  try {
    const { providers } = await client.send({ method: 'GET', path: '/v1/providers' }, signal);
    const names = Array.isArray(providers)
      ? providers.map((each) => (isRecord(each) ? each['provider'] : undefined))
      : [];
    return names.filter((name): name is string => typeof name === 'string' && isProvider(name));
  } catch {
    return [];
  }
}
