import { toKeywardError } from '../errors/errors';
import type { Randomness } from '../crypto/randomness';
import { openToken, parseToken, sealToken } from '../crypto/token';
import type { AuditReader } from '../audit/ports/audit-log';
import type { AuditTrail } from '../audit/audit-trail';
import type { DekCache } from '../keysets/dek-cache';
import type { KeysetAccess } from '../keysets/keyset-access';

/** Whether each provider's primary opens what it seals, and whether the audit log answers. */
export interface Readiness {
  readonly ready: boolean;
  readonly providers: readonly { readonly provider: string; readonly ready: boolean; readonly code?: string }[];
  readonly audit: boolean;
  /** Counts of this process since it started. */
  readonly dek_cache: { readonly hits: number; readonly misses: number };
}

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
 * Seals and opens a canary for every provider, reads the audit log, and checks whether it took the last event. Writes nothing.
 * Never rejects.
 */
export const createCheckReadiness = (deps: CheckReadinessDependencies) => async (): Promise<Readiness> => {
  const providers = await Promise.all(deps.providers.map((provider) => checkProvider(deps, provider)));
  const audit = (await answers(deps.audit, deps.providers)) && deps.trail.takesEvents;
  return {
    ready: audit && providers.every((provider) => provider.ready),
    providers,
    audit,
    dek_cache: deps.deks.counts,
  };
};

export type CheckReadiness = ReturnType<typeof createCheckReadiness>;

async function checkProvider(
  deps: CheckReadinessDependencies,
  provider: string,
): Promise<{ provider: string; ready: boolean; code?: string }> {
  try {
    const sealed = sealToken(await deps.keysets.forSealing(provider), {}, CANARY, deps.randomness);
    const token = parseToken(sealed);
    const { dek } = await deps.keysets.forOpening(provider, token.version);
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
