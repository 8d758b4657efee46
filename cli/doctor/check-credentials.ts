import type { Environment } from '../client/connection';
import type { Way } from '../client/way';
import { EXIT } from '../io/cli-error';
import { callerIdentity } from './caller-identity';
import type { Finding } from './finding';
import { localUser } from './local-user';

/** Reports the credentials that were found, their place and their owner. */
export async function checkCredentials(
  way: Way,
  deps: { env: Environment; signal: AbortSignal; clock: () => number; limitMs?: number },
): Promise<Finding> {
  const { source, notice, doubt, credentials } = way.found;
  if (doubt !== undefined) {
    const [detail = '', remedy = ''] = doubt.split(': ');
    return { check: 'credentials', status: 'warn', detail: `${source}: ${detail}`, remedy };
  }
  if (way.connection.isLocal) {
    const user = await localUser(credentials.accessKeyId, deps.env);
    const whose = user === undefined ? 'a user who is not in principals.json' : user;
    const detail = `${whose}, ${notice === undefined ? `by ${source}` : notice}`;
    return user === undefined
      ? {
          check: 'credentials',
          status: 'warn',
          detail,
          remedy: 'restart the local server, or check its principals.json',
        }
      : { check: 'credentials', status: 'ok', detail };
  }
  const identity = await callerIdentity(way, deps);
  switch (identity.kind) {
    case 'known':
      return { check: 'credentials', status: 'ok', detail: `${identity.arn}, by ${source}` };
    case 'refused':
      return { check: 'credentials', status: 'fail', detail: `${source}: ${identity.why}`, exitCode: EXIT.usage };
    case 'unknown':
      return {
        check: 'credentials',
        status: 'warn',
        detail: `${source}; AWS did not say whose they are: ${identity.why}`,
      };
  }
}
