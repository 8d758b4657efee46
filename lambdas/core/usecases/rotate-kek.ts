import { KeywardError } from '../domain/errors';
import { MAX_KEK_SECRET_BYTES, parseKekSecret, parseKekSecretRecord, serializeKekSecret } from '../domain/kek-keyset';
import { kekIdsDropped, nextKekSecret } from '../domain/next-kek-secret';
import type { Randomness } from '../domain/randomness';
import type { Clock } from '../ports/clock';
import type { KekSecretStore, SecretVersion } from '../ports/kek-secret-store';
import type { KeysetReader } from '../ports/keyset-store';
import type { Logger } from '../ports/logger';
import type { Metrics } from '../ports/metrics';
import type { RewrapQueue } from '../ports/rewrap-queue';
import type { AuditTrail } from './audit-trail';
import type { Caller } from './caller';
import {
  checkPendingKek,
  referencedKekIds,
  UnfitKekSecret,
  type KekSecretVersion,
  type StoredKeysets,
} from './check-pending-kek';

export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret';

export interface RotateKekDependencies {
  readonly secret: KekSecretStore;
  /** One reader for each region, home included. */
  readonly keysets: readonly KeysetReader[];
  readonly providers: readonly string[];
  readonly queue: RewrapQueue;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

const CURRENT = 'AWSCURRENT';
const PENDING = 'AWSPENDING';
/** How far back the chain of parents is followed: Secrets Manager keeps about 100 versions. */
const MAX_ANCESTORS = 100;
/** How often, and after which pause, a value is asked for again that was just written and is not there yet. */
const READ_ATTEMPTS = 4;
const READ_PAUSE_MS = 250;

const SYSTEM = 'keyward:rotate-kek';

/**
 * The four steps of a Secrets Manager rotation. Each may come twice, late, out of order, or for a token that was
 * abandoned; each succeeds again once it has succeeded. A step throws where Secrets Manager should call it again.
 *
 * AWSCURRENT moves alone, by a compare-and-set against the version that the new value was built from: no KEK can be lost
 * to a stale parent. A pending version that can never become current takes its own AWSPENDING off before it fails, so
 * that the next rotation can run.
 */
export class RotateKek {
  constructor(private readonly on: RotateKekDependencies) {}

  async run(step: RotationStep, token: string): Promise<void> {
    const versions = await this.on.secret.versions();
    const current = currentOf(versions);
    if (!isPending(versions, token)) {
      if (!(await this.wasCurrent(token, current))) throw failed('the token is not AWSPENDING on any version');
      if (step === 'finishSecret') await this.announce(current);
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

  /** Stores the next KEK secret under `token`; what is there already is kept, byte by byte. */
  private async create(token: string, current: string): Promise<void> {
    if ((await this.on.secret.value(token)) !== undefined) return;
    const [currentVersion, stored] = [await this.currentVersion(current), await this.readKeysets()];
    await this.refuseToReplaceLost(token, currentVersion, stored);
    const next = nextKekSecret(
      currentVersion?.record,
      current,
      stored.complete ? referencedKekIds(stored.keysets) : undefined,
      this.on.clock.now(),
      this.on.randomness,
    );
    const text = serializeKekSecret(next);
    if (Buffer.byteLength(text, 'utf8') > MAX_KEK_SECRET_BYTES) throw failed('the KEK secret would be too big');
    const put = await this.on.secret.putPending(token, text);
    if (put === 'exists' && (await this.valueOf(token)) === undefined)
      throw failed('the pending value is not readable yet');
  }

  /**
   * Tests what is pending. A trial run (RotateImmediately=false) has nothing to test: a pending version without a value, or with
   * that of the current one. Secrets Manager takes it away again, and finishSecret would not let it through.
   */
  private async test(token: string, current: string): Promise<void> {
    const text = await this.valueOf(token);
    if (text === undefined || text === (await this.on.secret.value(current))) return;
    await this.checked(token, text, current);
  }

  /** Tests once more, moves AWSCURRENT, and asks for the rewrap. */
  private async finish(token: string, current: string): Promise<void> {
    const text = await this.valueOf(token);
    if (text === undefined) throw failed('the pending value is not readable');
    const { record } = await this.checked(token, text, current);
    const outcome = await this.on.trail.change(this.caller(token), changeOf(token), async () => {
      const moved = await this.on.secret.moveCurrent(current, token).catch(() => 'lost' as const);
      if (moved === 'moved') return 'written';
      // What was refused may be the retry of a move that was made; and the description may lag behind both.
      const holder = await this.currentAfter(current);
      if (holder === current) return 'unknown';
      return (await this.wasCurrent(token, holder)) ? 'written' : 'refused';
    });
    if (outcome === 'refused') return this.abandon(token, 'another version became current first');
    await this.on.queue.send({ secret_version_id: token, kek_id: record.primary });
  }

  /** The pending version, if it may become current; otherwise it loses AWSPENDING and the step fails. */
  private async checked(token: string, text: string, current: string): Promise<KekSecretVersion> {
    const pending = parsed(text);
    if (pending === undefined) return this.abandon(token, 'its value is damaged');
    const { parent_version_id: parent } = pending.record;
    if (parent !== current) {
      const holder = await this.currentAfter(current);
      if (holder === parent || holder === token) throw failed('the description of the secret lags');
      return this.abandon(token, 'it was built from another version');
    }
    const currentVersion = await this.currentVersion(current);
    const stored = await this.readKeysets();
    await this.refuseToReplaceLost(token, currentVersion, stored, pending);
    try {
      checkPendingKek(pending, currentVersion, stored.keysets, { ...this.on, now: this.on.clock.now() });
    } catch (thrown) {
      if (thrown instanceof UnfitKekSecret) return this.abandon(token, thrown.message);
      throw thrown;
    }
    const dropped = currentVersion === undefined ? [] : kekIdsDropped(currentVersion.record, pending.record);
    if (dropped.length === 0) return pending;
    if (!stored.complete) throw failed('a KEK is to leave, and not every region says that nothing refers to it');
    const referenced = referencedKekIds(stored.keysets);
    if (dropped.some((id) => referenced.has(id)))
      return this.abandon(token, 'a KEK that is to leave is referred to again');
    return pending;
  }

  /**
   * Fails where the secret has to be restored first: it holds no KEK while keysets may exist, or a keyset refers to a KEK that
   * only a version has which was pushed aside by hand. One more rotation would take the last label off that version.
   */
  private async refuseToReplaceLost(
    token: string,
    current: KekSecretVersion | undefined,
    stored: { keysets: StoredKeysets; complete: boolean },
    pending?: KekSecretVersion,
  ): Promise<void> {
    if (current === undefined) {
      if (stored.keysets.length === 0 && stored.complete) return;
      throw failed('the secret holds no KEK, and not every region says that it has no keyset: restore the secret');
    }
    const known = { ...current.record.keys, ...pending?.record.keys };
    const missing = [...referencedKekIds(stored.keysets)].filter((id) => !Object.hasOwn(known, id));
    if (missing.length === 0) return;
    for (const { versionId } of await this.on.secret.versions()) {
      if (versionId === token) continue;
      const keys = parsed(await this.on.secret.value(versionId))?.record.keys ?? {};
      if (missing.some((id) => Object.hasOwn(keys, id)))
        throw failed('a keyset refers to a KEK that only an older version of the secret has: restore the secret');
    }
  }

  /** Takes AWSPENDING off a version that can never become current, and fails. */
  private async abandon(token: string, why: string): Promise<never> {
    await this.on.secret.removePending(token);
    this.on.metrics.count('kek_rotation_abandoned');
    return this.on.trail.refuse(
      this.caller(token),
      changeOf(token),
      failed(`the pending KEK secret was abandoned: ${why}`),
    );
  }

  /** Asks for the rewrap once more, for a step that was done before: its own message may never have been sent. */
  private async announce(current: string): Promise<void> {
    const text = await this.valueOf(current);
    if (text === undefined) throw failed('the current value is not readable');
    await this.on.queue.send({ secret_version_id: current, kek_id: parseKekSecretRecord(text).primary });
  }

  /** Who holds AWSCURRENT, asked again for a moment while it is still `known`. */
  private async currentAfter(known: string): Promise<string> {
    for (let attempt = 1; attempt < READ_ATTEMPTS; attempt += 1) {
      const holder = currentOf(await this.on.secret.versions());
      if (holder !== known) return holder;
      await this.on.clock.sleep(READ_PAUSE_MS * attempt);
    }
    return currentOf(await this.on.secret.versions());
  }

  /** What AWSCURRENT holds, or undefined for the placeholder. A damaged one fails the step: nothing is built on it. */
  private async currentVersion(versionId: string): Promise<KekSecretVersion | undefined> {
    const text = await this.valueOf(versionId);
    if (text === undefined) throw failed('the current value is not readable');
    try {
      return parse(text);
    } catch (thrown) {
      if (thrown instanceof KeywardError && thrown.reason === 'kek_missing') return undefined;
      throw thrown;
    }
  }

  private async valueOf(versionId: string): Promise<string | undefined> {
    for (let attempt = 1; attempt < READ_ATTEMPTS; attempt += 1) {
      const text = await this.on.secret.value(versionId);
      if (text !== undefined) return text;
      await this.on.clock.sleep(READ_PAUSE_MS * attempt);
    }
    return this.on.secret.value(versionId);
  }

  /** Whether `token` is current or was once: it is the parent of the current version, or a parent's parent. */
  private async wasCurrent(token: string, current: string): Promise<boolean> {
    let versionId: string | null = current;
    for (let step = 0; step < MAX_ANCESTORS && versionId !== null; step += 1) {
      if (versionId === token) return true;
      const text: string | undefined = await this.on.secret.value(versionId);
      versionId = parsed(text)?.record.parent_version_id ?? null;
    }
    return false;
  }

  /** All keysets of all regions; `complete` where every region answered for every provider. */
  private async readKeysets(): Promise<{ keysets: StoredKeysets; complete: boolean }> {
    const keysets: { provider: string; value: unknown }[] = [];
    let complete = true;
    const read = async (reader: KeysetReader, provider: string): Promise<void> => {
      try {
        const value = await reader.get(provider);
        if (value !== undefined) keysets.push({ provider, value });
      } catch {
        complete = false;
        this.on.logger.warn('a region did not show its keysets', { region: reader.region, provider });
      }
    };
    // All at once: a region that does not answer must not cost its timeout for each provider.
    await Promise.all(this.on.keysets.flatMap((reader) => this.on.providers.map((provider) => read(reader, provider))));
    return { keysets, complete };
  }

  private caller(token: string): Caller {
    return { user_id: SYSTEM, ip_address: null, user_agent: null, request_id: token };
  }
}

const parse = (text: string): KekSecretVersion => ({
  record: parseKekSecretRecord(text),
  keyset: parseKekSecret(text),
});

/** Undefined where it is not a KEK secret; the placeholder is none either. */
function parsed(text: string | undefined): KekSecretVersion | undefined {
  try {
    return text === undefined ? undefined : parse(text);
  } catch {
    return undefined;
  }
}

const changeOf = (token: string) => ({
  event_type: 'rotate' as const,
  provider: null,
  metadata: { operation: 'rotate_kek', write_id: token },
});

function currentOf(versions: readonly SecretVersion[]): string {
  const current = versions.find((version) => version.stages.includes(CURRENT));
  if (current === undefined) throw failed('no version is AWSCURRENT');
  return current.versionId;
}

/** A pending version that is current already has nothing pending about it: AWSPENDING may stay where AWSCURRENT has joined it. */
const isPending = (versions: readonly SecretVersion[], token: string): boolean =>
  versions.some(
    ({ versionId, stages }) => versionId === token && stages.includes(PENDING) && !stages.includes(CURRENT),
  );

const failed = (message: string): KeywardError => new KeywardError('conflict', message);
