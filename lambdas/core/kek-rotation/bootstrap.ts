import { HOUR_MS } from '../contract/time-units';
import { KeywardError, toKeywardError } from '../errors/errors';
import { BOOTSTRAP_WAIT_MS, KNOWN_REGION_WAIT_MS } from '../contract/function-times';
import { newId, type Randomness } from '../crypto/randomness';
import type { AuditReader } from '../audit/ports/audit-log';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { AuditTrail } from '../audit/audit-trail';
import { systemCaller, type SystemUser } from '../ports/system-caller';
import type { KeysetStatus } from './ensure-keysets';
import { awaitFirstKek, type FirstKekDependencies } from './first-kek';
import { unreadyRegions, type RegionKeys } from './unready-regions';

export interface BootstrapDependencies extends FirstKekDependencies {
  /** Every region but the home region. */
  readonly regions: readonly RegionKeys[];
  readonly ensureKeysets: (providers: readonly string[], user: SystemUser) => Promise<readonly KeysetStatus[]>;
  readonly providers: readonly string[];
  readonly trail: AuditTrail;
  readonly audit: AuditReader;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** Regions and providers of a deployment. Left out: unknown. */
export interface Served {
  readonly regions?: readonly string[] | undefined;
  readonly providers?: readonly string[] | undefined;
}

interface Serving {
  readonly regions: readonly string[];
  readonly providers: readonly string[];
}

const SYSTEM = 'keyward:bootstrap';

/** Attempts for a keyset that could not be read or made: the secret and the tables may lag a moment. */
const KEYSET_ATTEMPTS = 3;
const KEYSET_PAUSE_MS = 2_000;

/** A rollback restores within hours the regions and providers that the failed update removed. */
const ROLLBACK_WITHIN_MS = 3 * HOUR_MS;
const CHANGES_LOOKED_AT = 100;

/**
 * Makes what a deployment needs before it can serve: a first KEK, a keyset for every provider, and both in every region. Changes
 * no existing key. Safe to run again, concurrently, or after a crash at any point.
 *
 * A first deployment fails if anything is missing, and an update fails for regions and providers that it adds. Any other problem
 * is logged, counted and raises an alarm, but fails no update: its rollback would fail for the same reason and be stuck. A
 * rollback is also an update: it "adds" the regions and providers that the failed update removed, which the audit log tells.
 *
 * @param before regions and providers of the previous deployment; undefined: this is the first one
 * @returns the status of each provider's keyset; empty if there is no KEK
 * @throws KeywardError `keys_unavailable`, with one sentence for the operator
 */
export const createBootstrap =
  (deps: BootstrapDependencies) =>
  async (before?: Served): Promise<readonly KeysetStatus[]> => {
    const end = deps.clock.now() + BOOTSTRAP_WAIT_MS;
    const regions = [deps.secret.region, ...deps.regions.map(({ region }) => region)];
    const added =
      before === undefined
        ? { regions, providers: deps.providers }
        : { regions: newIn(regions, before.regions), providers: newIn(deps.providers, before.providers) };
    const problems: Problem[] = [];
    const attempt = async <T>(work: () => Promise<T>, fallback: T): Promise<T> => {
      try {
        return await work();
      } catch (thrown) {
        const error = toKeywardError(thrown);
        problems.push({ kind: 'other', what: error.message, error });
        return fallback;
      }
    };
    if (before !== undefined)
      await attempt(() => noteChanges(deps, { regions, providers: deps.providers }, before), undefined);
    const hasKek = await attempt(() => awaitFirstKek(deps).then(() => true), false);
    const statuses = hasKek ? await attempt(() => allKeysets(deps, end), []) : [];
    problems.push(...unusable(deps, statuses));
    if (hasKek) problems.push(...(await unready(deps, statuses, added.regions, end)));
    if (problems.length > 0) await conclude(deps, problems, before === undefined ? undefined : added);
    return statuses;
  };

/** A problem of a provider or region. */
interface Problem {
  readonly kind: 'provider' | 'region' | 'other';
  readonly what: string;
  /** The provider or region. */
  readonly of?: string;
  readonly error?: KeywardError;
}

/**
 * Throws for problems that this deployment caused, and logs the others.
 *
 * @param added regions and providers that the update adds; undefined: first deployment, all are new
 */
async function conclude(
  deps: BootstrapDependencies,
  problems: readonly Problem[],
  added: Serving | undefined,
): Promise<void> {
  deps.metrics.count('bootstrap_failed');
  const blamed = added === undefined ? problems : await blamedOn(deps, problems, added);
  if (blamed.length > 0) throw toError(blamed);
  for (const { what, error } of problems) {
    deps.logger.error(`the update goes on, but ${what}`, {
      operation: 'bootstrap',
      code: error?.code ?? 'keys_unavailable',
    });
  }
}

/** Problems of regions and providers that an update adds and no recent update removed. */
async function blamedOn(
  deps: BootstrapDependencies,
  problems: readonly Problem[],
  added: Serving,
): Promise<readonly Problem[]> {
  const all = [...added.regions, ...added.providers];
  if (all.length === 0) return [];
  const takenOff = await lastTakenOff(deps).catch(() => new Set<string>());
  const fresh = all.filter((each) => !takenOff.has(each));
  return problems.filter(({ of }) => (of === undefined ? fresh.length > 0 : fresh.includes(of)));
}

/** Regions and providers that an update removed in the last hours. */
async function lastTakenOff({ audit, clock }: BootstrapDependencies): Promise<ReadonlySet<string>> {
  const now = clock.now();
  const { events } = await audit.query({
    from: new Date(now - ROLLBACK_WITHIN_MS).toISOString(),
    to: new Date(now).toISOString(),
    provider: null,
    event_type: 'config_change',
    limit: CHANGES_LOOKED_AT,
  });
  const off = events.flatMap(({ user_id: user, metadata }) => {
    if (user !== SYSTEM) return [];
    const { old_regions, new_regions, old_providers, new_providers } = metadata;
    return [...newIn(listOf(old_regions), listOf(new_regions)), ...newIn(listOf(old_providers), listOf(new_providers))];
  });
  return new Set(off);
}

const listOf = (text = ''): readonly string[] => text.split(',').filter((each) => each !== '');

/** One sentence for the operator. */
function toError(problems: readonly Problem[]): KeywardError {
  const of = (kind: Problem['kind']): readonly string[] =>
    problems.filter((problem) => problem.kind === kind).map(({ what }) => what);
  const [providers, regions] = [of('provider'), of('region')];
  const sentences = [
    ...of('other'),
    ...(providers.length === 0
      ? []
      : [`these providers have no usable keyset, and no new one was made: ${providers.join(', ')}`]),
    ...(regions.length === 0
      ? []
      : [
          `these regions are not ready: ${regions.join('; ')} (for the KEK check ReplicationStatus of describe-secret, for keysets the replicas of the table)`,
        ]),
  ];
  const error = problems.find((problem) => problem.error !== undefined)?.error;
  return new KeywardError(error?.code ?? 'keys_unavailable', sentences.join('; '), error?.reason, error?.outside);
}

const newIn = (now: readonly string[], before: readonly string[] | undefined): readonly string[] =>
  before === undefined ? [] : now.filter((each) => !before.includes(each));

/** Records the regions and providers that this deployment adds and removes. */
async function noteChanges(deps: BootstrapDependencies, now: Serving, before: Served): Promise<void> {
  const caller = systemCaller(SYSTEM, newId(deps.randomness));
  const note = (operation: string, metadata: object): Promise<unknown> =>
    deps.trail.record(caller, { event_type: 'config_change', provider: null, metadata: { operation, ...metadata } });
  const [regions, providers] = [now.regions.join(','), now.providers.join(',')];
  const [oldRegions, oldProviders] = [before.regions?.join(','), before.providers?.join(',')];
  if (oldRegions !== undefined && oldRegions !== regions)
    await note('change_regions', { old_regions: oldRegions, new_regions: regions });
  if (oldProviders !== undefined && oldProviders !== providers)
    await note('change_providers', { old_providers: oldProviders, new_providers: providers });
}

async function allKeysets(deps: BootstrapDependencies, end: number): Promise<readonly KeysetStatus[]> {
  let statuses = await deps.ensureKeysets(deps.providers, SYSTEM);
  for (let attempt = 1; attempt < KEYSET_ATTEMPTS; attempt += 1) {
    if (!statuses.some(({ status }) => status === 'failed') || deps.clock.now() >= end) break;
    await deps.clock.sleep(KEYSET_PAUSE_MS);
    statuses = await deps.ensureKeysets(deps.providers, SYSTEM);
  }
  return statuses;
}

const isUsable = ({ status }: KeysetStatus): boolean => status === 'ready' || status === 'created';

function unusable({ metrics }: BootstrapDependencies, statuses: readonly KeysetStatus[]): readonly Problem[] {
  if (statuses.some(({ status }) => status === 'damaged')) metrics.count('keyset_damaged');
  return statuses
    .filter((each) => !isUsable(each))
    .map(({ provider, status, code, reason, error_name: name }) => {
      const why = name ?? reason ?? code;
      return { kind: 'provider', of: provider, what: `${provider} (${status}${why === undefined ? '' : `: ${why}`})` };
    });
}

async function unready(
  deps: BootstrapDependencies,
  statuses: readonly KeysetStatus[],
  added: readonly string[],
  end: number,
): Promise<readonly Problem[]> {
  const providers = statuses.filter(isUsable).map(({ provider }) => provider);
  const knownUntil = Math.min(end, deps.clock.now() + KNOWN_REGION_WAIT_MS);
  const until = (region: string): number => (added.includes(region) ? end : knownUntil);
  const wrong = await unreadyRegions({ home: deps.secret, regions: deps.regions, clock: deps.clock }, providers, until);
  return [...wrong].map(([region, what]) => ({ kind: 'region', of: region, what: `${region} ${what}` }));
}
