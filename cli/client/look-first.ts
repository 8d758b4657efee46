import { MAX_CREDENTIALS_PAGE } from '../../lambdas/core/contract/limits';
import { nameFingerprint } from '../../lambdas/core/crypto/name-fingerprint';
import { CliError, EXIT } from '../io/cli-error';
import { IN_HISTORY } from '../io/in-history';
import type { ApiClient } from '../session';

/**
 * Makes no call about a credential whose name looks like a key until a list, also of deleted ones, contains that name: a key that was typed in place of a
 * name does not leave this machine.
 *
 * @returns a client whose calls throw CliError `credential_not_found` if no such name is listed; a caller who may not list sends the call at once
 */
export function lookFirst(client: ApiClient, provider: string, name: string): ApiClient {
  let looked: Promise<void> | undefined;
  return {
    send: async (call, signal) => {
      looked ??= look(client, provider, name, signal);
      await looked;
      return client.send(call, signal);
    },
  };
}

async function look(client: ApiClient, provider: string, name: string, signal?: AbortSignal): Promise<void> {
  const path = `/v1/providers/${provider}/credentials`;
  try {
    for (const which of [{}, DELETED]) {
      let cursor: unknown;
      do {
        const more = typeof cursor === 'string' ? { cursor } : {};
        const page = await client.send({ method: 'GET', path, query: { ...QUERY, ...which, ...more } }, signal);
        if (namesOn(page).includes(name)) return;
        // A repeated cursor would never end.
        cursor = page['next_cursor'] === cursor ? undefined : page['next_cursor'];
      } while (cursor !== undefined);
    }
  } catch (thrown) {
    if (thrown instanceof CliError && thrown.exitCode === EXIT.refused) return;
    // An older service keeps no deleted values and has no such list.
    if (!(thrown instanceof CliError && thrown.code === 'invalid_request')) throw thrown;
  }
  throw new CliError(EXIT.notFound, 'credential_not_found', notListed(name));
}

const QUERY = { limit: String(MAX_CREDENTIALS_PAGE), consistent: 'true' } as const;
const DELETED = { deleted: 'true' } as const;

/** Names of intact rows, of damaged ones, and of deleted ones that can be restored. */
function namesOn({ credentials, deleted, damaged }: Readonly<Record<string, unknown>>): readonly unknown[] {
  const named = [credentials, deleted].flatMap((rows) =>
    Array.isArray(rows) ? (rows as { readonly name?: unknown }[]).map((each) => each.name) : [],
  );
  return [...named, ...(Array.isArray(damaged) ? (damaged as unknown[]) : [])];
}

const notListed = (name: string): string =>
  `there is no credential of this name, which looks like an API key (${nameFingerprint(name)}); it was not sent, but ${IN_HISTORY}`;
