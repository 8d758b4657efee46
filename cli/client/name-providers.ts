import { isRecord } from '../../lambdas/core/crypto/record-checks';
import { isProvider } from '../../lambdas/core/crypto/provider';
import { CliError } from '../io/cli-error';
import type { ApiClient } from '../session';

/** A longer list would not be read. */
const MOST_NAMES = 20;

/**
 * Adds the existing providers to the error about an unknown one, if the caller may list them: the service names them only to
 * callers who may.
 *
 * @returns a client that throws what the wrapped one throws
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

/** The providers; empty if the list is not available. Never throws, because the first error is what counts. */
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
