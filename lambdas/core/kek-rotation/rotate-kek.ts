import type { AuditMetadata } from '../audit/audit-event';
import { ROTATE_KEK_ROLE_SPREADS_MS } from '../contract/function-times';
import type { FailureKind } from '../errors/error-names';
import { KeywardError, toKeywardError } from '../errors/errors';
import { MAX_KEK_SECRET_BYTES, parseKekSecretRecord, serializeKekSecret } from '../crypto/kek-keyset';
import { kekIdsDropped, nextKekSecret } from './next-kek-secret';
import { isProvider } from '../crypto/provider';
import type { Randomness } from '../crypto/randomness';
import type { KekMoveGuard } from '../kek-move/kek-move-guard';
import type { Clock } from '../ports/clock';
import type { KekSecretStore } from './ports/kek-secret-store';
import type { KeysetScanner } from '../keysets/ports/keyset-scanner';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { RewrapQueue } from './ports/rewrap-queue';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import { systemCaller } from '../ports/system-caller';
import {
  checkPendingKek,
  keysetsWithoutKek,
  referencedKekIds,
  UnfitKekSecret,
  type KekSecretVersion,
} from './check-pending-kek';
import { KekVersions, parsedKekSecret } from './kek-versions';
import { holderOfCurrent, isPending } from './staged-versions';
import { readStoredKeysets, type StoredKeysets } from '../keysets/read-stored-keysets';

export type KekRotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

export interface RotateKekDependencies {
  readonly secret: KekSecretStore;
  /** One for each region, home included. */
  readonly keysets: readonly KeysetScanner[];
  readonly queue: RewrapQueue;
  /** Left out: the KEK cannot be moved. */
  readonly moves?: KekMoveGuard;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const DENIED_PAUSE_MS = 5_000;
/** Failures that are not outages; a failure without a kind counts as an outage. */
const TURNED_DOWN: ReadonlySet<FailureKind | undefined> = new Set<FailureKind>(['denied', 'refused']);

/**
 * The four steps of a Secrets Manager rotation. Each may be called twice, late, out of order, or for an abandoned token; a step
 * that succeeded succeeds again. A step throws if Secrets Manager should retry it.
 *
 * AWSCURRENT moves alone, by a compare-and-set against the version that the new value was built from: no KEK can be lost to a
 * stale parent. For a pending version that can never become current a step removes AWSPENDING before it fails, so that the next
 * rotation can run ("If the AWSPENDING staging label is present but not attached to the same version as AWSCURRENT, then any
 * later invocation of RotateSecret … returns an error", API_RotateSecret). Nothing is lost: no keyset is under a KEK that was
 * never current. A failure that may pass, such as an outage, leaves the label in place.
 */
export class RotateKek {
  private readonly versions: KekVersions;

  constructor(private readonly deps: RotateKekDependencies) {
    this.versions = new KekVersions(deps);
  }

  async run(step: KekRotationStep, token: string): Promise<void> {
    const startedAt = this.deps.clock.now();
    for (;;) {
      try {
        await this.tryStep(step, token);
        return;
      } catch (thrown) {
        if (thrown instanceof UnfitKekSecret) return this.abandon(token, thrown.message, thrown);
        const { outside } = toKeywardError(thrown);
        if (outside === undefined || outside.kind === 'outage') throw thrown;
        if (outside.kind === 'denied' && this.deps.clock.now() - startedAt < ROTATE_KEK_ROLE_SPREADS_MS) {
          await this.deps.clock.sleep(DENIED_PAUSE_MS);
          continue;
        }
        // Moving AWSCURRENT and removing AWSPENDING need the same permission.
        if (step === 'finishSecret') throw thrown;
        const versions = await this.deps.secret.versions().catch(() => undefined);
        if (versions !== undefined && !isPending(versions, token)) throw thrown;
        const { service, operation, region, name } = outside;
        return this.abandon(token, `${service} in ${region} refuses ${operation}: ${name}`, { outside });
      }
    }
  }

  private async tryStep(step: KekRotationStep, token: string): Promise<void> {
    await this.deps.moves?.assertMayChange();
    const versions = await this.deps.secret.versions();
    const current = holderOfCurrent(versions);
    if (!isPending(versions, token)) {
      if (!(await this.versions.wasCurrent(token, current))) throw failed('the token is not AWSPENDING on any version');
      if (step === 'finishSecret') await this.requestRewrap(current);
      return;
    }
    switch (step) {
      case 'createSecret':
        return this.create(token, current);
      case 'setSecret':
        return;
      case 'testSecret':
        return this.test(token, current);
      case 'finishSecret':
        return this.finish(token, current);
    }
  }

  /** Stores the next KEK secret under `token`, unless it has a value, which is kept byte by byte. */
  private async create(token: string, current: string): Promise<void> {
    if ((await this.deps.secret.value(token)) !== undefined) return;
    const [currentVersion, stored] = [await this.versions.current(current), await readStoredKeysets(this.deps)];
    await this.refuseToReplaceLost(token, currentVersion, stored);
    const isCertain = stored.failures.length === 0 && this.allHaveKek(stored, currentVersion);
    const next = nextKekSecret(
      currentVersion?.record,
      current,
      isCertain ? referencedKekIds(stored.rows) : undefined,
      this.deps.clock.now(),
      this.deps.randomness,
    );
    const text = serializeKekSecret(next);
    if (Buffer.byteLength(text, 'utf8') > MAX_KEK_SECRET_BYTES)
      throw new UnfitKekSecret('the KEK secret would be too large');
    await this.deps.moves?.assertMayChange();
    const put = await this.deps.secret.putPending(token, text);
    if (put === 'exists' && (await this.versions.valueOf(token)) === undefined)
      throw failed('the pending value is not readable yet');
  }

  /**
   * Tests the pending version. A trial run (RotateImmediately=false) has nothing to test: its pending version has no value, or
   * the current one. Secrets Manager removes it again, and finishSecret would refuse it.
   */
  private async test(token: string, current: string): Promise<void> {
    const text = await this.versions.valueOf(token);
    if (text === undefined || text === (await this.deps.secret.value(current))) return;
    await this.checked(token, text, current);
  }

  /** Tests again, moves AWSCURRENT, and requests the rewrap. */
  private async finish(token: string, current: string): Promise<void> {
    const text = await this.versions.valueOf(token);
    if (text === undefined) throw failed('the pending value is not readable');
    const { pending, dropped } = await this.checked(token, text, current);
    const { primary } = pending.record;
    await this.deps.moves?.assertMayChange();
    const metadata = { kek_id: primary, ...(dropped.length > 0 && { dropped_kek_ids: dropped.join(',') }) };
    const outcome = await this.deps.trail.change(this.caller(token), changeOf(token, metadata), async () => {
      const moved = await this.deps.secret.moveCurrent(current, token).catch(() => 'lost' as const);
      if (moved === 'moved') return 'written';
      // A refused move may be the retry of one that was made; and the description may lag behind both.
      const holder = await this.versions.holderAfter(current);
      if (holder === current) return 'unknown';
      return (await this.versions.wasCurrent(token, holder)) ? 'written' : 'refused';
    });
    if (outcome === 'refused') throw new UnfitKekSecret('another version became current first');
    await this.deps.queue.send({ secret_version_id: token, kek_id: primary });
  }

  /**
   * Returns the pending version, and the KEKs of the current one that it lacks.
   *
   * @throws UnfitKekSecret if it can never become current
   */
  private async checked(
    token: string,
    text: string,
    current: string,
  ): Promise<{ pending: KekSecretVersion; dropped: readonly string[] }> {
    const pending = parsedKekSecret(text);
    if (pending === undefined) throw new UnfitKekSecret('its value is damaged');
    const { parent_version_id: parent } = pending.record;
    if (parent !== current) {
      const holder = await this.versions.holderAfter(current);
      if (holder === parent || holder === token) throw failed('the description of the secret lags');
      throw new UnfitKekSecret('it was built from another version');
    }
    const currentVersion = await this.versions.current(current);
    const stored = await readStoredKeysets(this.deps);
    await this.refuseToReplaceLost(token, currentVersion, stored, pending);
    checkPendingKek(pending, currentVersion, stored.rows, { ...this.deps, now: this.deps.clock.now() });
    const dropped = currentVersion === undefined ? [] : kekIdsDropped(currentVersion.record, pending.record);
    if (dropped.length === 0) return { pending, dropped };
    const referenced = referencedKekIds(stored.rows);
    if (dropped.some((id) => referenced.has(id)))
      throw new UnfitKekSecret('a KEK that would be removed is referenced again');
    if (!this.allHaveKek(stored, currentVersion))
      throw new UnfitKekSecret('a KEK would be removed, but a keyset does not name the KEK that it needs');
    if (stored.failures.length > 0)
      throw failed('a KEK would be removed, but not every region confirms that it is unreferenced');
    return { pending, dropped };
  }

  /** Whether every keyset names a KEK of the secret. If one does not, this raises an alarm and no KEK is removed. */
  private allHaveKek({ rows }: StoredKeysets, current: KekSecretVersion | undefined): boolean {
    const without = current === undefined ? [] : keysetsWithoutKek(rows, current.record);
    for (const { provider } of without) {
      this.deps.metrics.count('keyset_damaged');
      this.deps.logger.error('a keyset names no KEK of the secret: no KEK is removed', {
        operation: 'rotate_kek',
        ...(isProvider(provider) && { provider }),
      });
    }
    return without.length === 0;
  }

  /**
   * Throws if the secret must be restored first: it holds no KEK while keysets may exist, or a keyset refers to a KEK that only
   * an older version has, because AWSCURRENT was moved by hand. Another rotation would remove the last label of that version, so
   * AWSPENDING stays and blocks it; when AWSCURRENT is restored, this rotation continues.
   */
  private async refuseToReplaceLost(
    token: string,
    current: KekSecretVersion | undefined,
    { rows, failures }: StoredKeysets,
    pending?: KekSecretVersion,
  ): Promise<void> {
    if (current === undefined) {
      if (rows.length > 0) throw new UnfitKekSecret('the secret holds no KEK, but keysets exist: restore the secret');
      if (failures.length === 0) return;
      const turnedDown = failures.find((failure) => TURNED_DOWN.has(toKeywardError(failure).outside?.kind));
      if (turnedDown !== undefined) throw turnedDown as Error;
      throw failed('the secret holds no KEK, and not every region confirms that it has no keyset: restore the secret');
    }
    const known = { ...current.record.keys, ...pending?.record.keys };
    const missing = [...referencedKekIds(rows)].filter((id) => !Object.hasOwn(known, id));
    if (missing.length === 0) return;
    for (const { versionId } of await this.deps.secret.versions()) {
      if (versionId === token) continue;
      const keys = parsedKekSecret(await this.deps.secret.value(versionId))?.record.keys ?? {};
      if (missing.some((id) => Object.hasOwn(keys, id)))
        throw failed('a keyset refers to a KEK that only an older version of the secret has: restore the secret');
    }
  }

  /**
   * Removes AWSPENDING from a version that can never become current, and throws. The reason is recorded first; if the label
   * stays, the retried step removes it.
   */
  private async abandon(token: string, why: string, cause: Pick<KeywardError, 'reason' | 'outside'>): Promise<never> {
    this.deps.metrics.count('kek_rotation_abandoned');
    const message = `the pending KEK secret is abandoned: ${why}`;
    const error = new KeywardError('conflict', message, cause.reason, cause.outside);
    await this.deps.trail.recordRefusal(this.caller(token), changeOf(token), error);
    await this.deps.secret.removePending(token).catch(() => undefined);
    throw error;
  }

  /** Requests the rewrap again, for a step that was done before: its own message may never have been sent. */
  private async requestRewrap(current: string): Promise<void> {
    const text = await this.versions.valueOf(current);
    if (text === undefined) throw failed('the current value is not readable');
    await this.deps.queue.send({ secret_version_id: current, kek_id: parseKekSecretRecord(text).primary });
  }

  private caller(token: string): Caller {
    return systemCaller('keyward:rotate-kek', token);
  }
}

const changeOf = (token: string, metadata: AuditMetadata = {}) => ({
  event_type: 'rotate' as const,
  provider: null,
  metadata: { ...metadata, operation: 'rotate_kek', write_id: token },
});

const failed = (message: string): KeywardError => new KeywardError('conflict', message);
