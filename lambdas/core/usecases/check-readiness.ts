import { toKeywardError } from '../domain/errors';
import type { Randomness } from '../domain/randomness';
import { openToken, parseToken, sealToken } from '../domain/token';
import type { AuditReader } from '../ports/audit-log';
import type { Application } from './application';
import type { AuditTrail } from './audit-trail';
import type { DekCache } from './dek-cache';
import type { KeysetAccess } from './keyset-access';

const CANARY = 'ready';

interface CheckReadinessDependencies {
  readonly keysets: KeysetAccess;
  readonly audit: AuditReader;
  readonly trail: AuditTrail;
  readonly deks: DekCache;
  readonly randomness: Randomness;
  readonly providers: readonly string[];
}

/**
 * Seals and opens a canary for every provider, asks the audit log a question, and looks at whether it took the last event.
 * Writes nothing. Never rejects.
 */
export const createCheckReadiness =
  (on: CheckReadinessDependencies): Application['checkReadiness'] =>
  async () => {
    const providers = await Promise.all(on.providers.map((provider) => checkProvider(on, provider)));
    const audit = (await answers(on.audit, on.providers)) && on.trail.takesEvents;
    return {
      ready: audit && providers.every((provider) => provider.ready),
      providers,
      audit,
      dek_cache: on.deks.counts,
    };
  };

async function checkProvider(
  on: CheckReadinessDependencies,
  provider: string,
): Promise<{ provider: string; ready: boolean; code?: string }> {
  try {
    const sealed = sealToken(await on.keysets.forSealing(provider), {}, CANARY, on.randomness);
    const token = parseToken(sealed);
    const { dek } = await on.keysets.forOpening(provider, token.version);
    return { provider, ready: openToken(dek, {}, token) === CANARY };
  } catch (thrown) {
    return { provider, ready: false, code: toKeywardError(thrown).code };
  }
}

const answers = (audit: AuditReader, providers: readonly string[]): Promise<boolean> =>
  Promise.all(providers.slice(0, 1).map((provider) => audit.wasUsed(provider))).then(
    () => true,
    () => false,
  );
