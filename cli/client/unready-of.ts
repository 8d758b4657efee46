import { isProvider } from '../../lambdas/core/crypto/provider';
import { isRecord } from '../../lambdas/core/crypto/record-checks';
import type { Unready } from '../io/cli-error';

/** What one of our errors contains. */
const CODE = /^[a-z][a-z_]{0,63}$/;

/** The unready parts in a problem document of `/readyz`, as far as it is valid. */
export function unreadyOf({ ready, audit, providers }: Readonly<Record<string, unknown>>): Unready | undefined {
  if (ready !== false || typeof audit !== 'boolean' || !Array.isArray(providers)) return undefined;
  const failing = (providers as readonly unknown[]).flatMap((each) => {
    if (!isRecord(each) || each['ready'] !== false) return [];
    const { provider, code } = each;
    if (typeof provider !== 'string' || !isProvider(provider)) return [];
    return [{ provider, code: typeof code === 'string' && CODE.test(code) ? code : 'unknown' }];
  });
  return audit && failing.length === 0 ? undefined : { audit, providers: failing };
}
