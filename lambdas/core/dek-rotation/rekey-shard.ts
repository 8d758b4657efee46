import {
  CREDENTIAL_DAMAGED,
  credentialContext,
  type CredentialRecord,
  type DamagedCredential,
} from '../credentials/credential';
import { LONGEST_DELAY_S } from '../contract/function-times';
import { SETTLE_MS } from '../contract/protocol-times';
import type { Dek } from '../crypto/dek';
import { dekVersion } from '../keysets/dek-keyset';
import type { KeysetRecord, RunningRotation } from '../keysets/keyset-record';
import { isOld, noteReferences, promotionOf } from './dek-rotation';
import { KeywardError } from '../errors/errors';
import { newId, type Randomness } from '../crypto/randomness';
import { MAX_NAMED_FAILURES, type ShardProgress } from './rotation-report';
import { sealToken } from '../crypto/token';
import type { Clock } from '../ports/clock';
import type { CredentialScanner, ScannedPage } from '../credentials/ports/credential-scanner';
import type { CredentialStore } from '../credentials/ports/credential-store';
import type { Metrics } from '../ports/metrics';
import type { RotationMessage, RotationQueue } from './ports/rotation-queue';
import type { RotationStore } from './ports/rotation-store';
import type { AuditTrail } from '../audit/audit-trail';
import { systemCaller } from '../ports/system-caller';
import { isFresh } from '../credentials/change-credential';
import type { KeysetAccess } from '../keysets/keyset-access';
import type { KeysetWriter } from '../keysets/keyset-writer';
import { tryOpenCredential } from '../credentials/open-credential';
import { runBatch } from '../ports/run-batch';

export interface RekeyShardDependencies {
  readonly writer: KeysetWriter;
  readonly keysets: KeysetAccess;
  /** In the home region. */
  readonly credentials: CredentialStore;
  readonly scanner: CredentialScanner;
  readonly store: RotationStore;
  readonly queue: RotationQueue;
  readonly trail: AuditTrail;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  /** Writes under way at a time, so that callers who share the store or the process keep their latency. */
  readonly concurrency: number;
  /** Credentials that are read, sealed and put on record together. */
  readonly page: number;
}

type RekeyMessage = Extract<RotationMessage, { kind: 'rekey' }>;

/**
 * Moves the credentials of one shard to the primary version, then looks whether any is left. Running it twice or at once does
 * the same as running it once; a run that was stopped goes on where the last page ended.
 *
 * @param deadline when to stop between two pages, in milliseconds
 * @returns after how many seconds to come again; undefined where nothing is left to do, or another run is doing it
 * @throws KeywardError `store_unavailable`, `keys_unavailable`, `audit_unavailable`: come again later
 */
export type RekeyShard = (message: RekeyMessage, deadline: number) => Promise<number | undefined>;

const REKEYER = systemCaller('keyward:rekey', 'rotation');

export const createRekeyShard =
  (on: RekeyShardDependencies): RekeyShard =>
  async (message, deadline) => {
    const { provider, rotation_id: rotationId, shard } = message;
    const { record } = await on.writer.read(provider);
    if (rotationId === null) {
      await moveStragglers(on, record, shard);
      return undefined;
    }
    const { rotation } = record;
    // Ended, taken over, or a message from before a crash.
    if (rotation?.id !== rotationId || rotation.phase !== 'rekeying') return undefined;
    let progress =
      (await on.store.shard(provider, rotationId, shard)) ?? (await begin(on, provider, rotationId, shard));
    while (progress?.phase === 'moving') {
      const next: ShardProgress | undefined = await movePage(on, progress, record);
      progress = next === undefined ? undefined : await save(on, next, progress.revision);
      if (progress?.phase === 'moving' && on.clock.now() >= deadline) return 0;
    }
    if (progress?.phase === 'verifying') {
      const settled = promotionOf(rotation) + SETTLE_MS - on.clock.now();
      if (settled > 0) return Math.min(SETTLE_MS / 1000, Math.ceil(settled / 1000));
      progress = await save(on, await verify(on, progress, rotation), progress.revision);
      if (progress?.phase === 'moving') return Math.min(LONGEST_DELAY_S, 10 * 2 ** progress.pass);
    }
    if (progress !== undefined) await on.queue.send([{ kind: 'advance', provider }], 0);
    return undefined;
  };

/** Counts what there is, and notes that the shard has begun. Undefined where somebody else has. */
async function begin(
  on: RekeyShardDependencies,
  provider: string,
  rotationId: string,
  shard: number,
): Promise<ShardProgress | undefined> {
  const counts = await on.scanner.countByVersion(provider, shard);
  const now = new Date(on.clock.now()).toISOString();
  const first: ShardProgress = {
    provider,
    rotation_id: rotationId,
    shard,
    revision: 0,
    write_id: '',
    phase: 'moving',
    pass: 1,
    pass_started_at: now,
    after: null,
    total: sum(counts.values()),
    moved: 0,
    skipped: 0,
    failed: 0,
    failures: [],
    started_at: now,
    updated_at: now,
  };
  return save(on, first, 0);
}

/** Undefined where another run has saved its own in between: that one goes on. */
async function save(
  on: RekeyShardDependencies,
  progress: ShardProgress,
  expected: number,
): Promise<ShardProgress | undefined> {
  const next = {
    ...progress,
    revision: expected + 1,
    write_id: newId(on.randomness),
    updated_at: new Date(on.clock.now()).toISOString(),
  };
  return (await on.store.putShard(next, expected)) === 'written' ? next : undefined;
}

async function movePage(
  on: RekeyShardDependencies,
  progress: ShardProgress,
  home: KeysetRecord,
): Promise<ShardProgress | undefined> {
  const { provider, shard, after, pass } = progress;
  const page = await on.scanner.page(provider, shard, { ...(after !== null && { after }), limit: on.page });
  const stale = staleOf(page, home);
  await noteUse(on, home, [...stale.credentials, ...stale.damaged]);
  const result = await moveAll(on, progress, stale, home);
  if (result === undefined) return undefined;
  const { moved, failed } = result;
  const skipped = pass === 1 ? stale.others : 0;
  return {
    ...progress,
    phase: page.next === undefined ? 'verifying' : 'moving',
    after: page.next ?? null,
    moved: progress.moved + moved,
    skipped: progress.skipped + skipped,
    failed: progress.failed + failed.length,
    failures: [...progress.failures, ...failed].slice(0, MAX_NAMED_FAILURES),
  };
}

/**
 * Verified if nothing is left; or only as much as a pass could not open that began when nothing could be written under an old
 * version any more. Otherwise another pass follows.
 */
async function verify(
  on: RekeyShardDependencies,
  progress: ShardProgress,
  rotation: RunningRotation,
): Promise<ShardProgress> {
  const counts = await on.scanner.countByVersion(progress.provider, progress.shard);
  const left = sum(counts.values()) - (counts.get(rotation.version) ?? 0);
  const isSettled = Date.parse(progress.pass_started_at) - promotionOf(rotation) >= SETTLE_MS;
  if (left === 0 || (left <= progress.failed && isSettled)) return { ...progress, phase: 'verified' };
  return {
    ...progress,
    phase: 'moving',
    pass: progress.pass + 1,
    pass_started_at: new Date(on.clock.now()).toISOString(),
    after: null,
    failed: 0,
    failures: [],
  };
}

/** What a page has under another version than the primary; `others` is how many are not. */
interface Stale {
  readonly credentials: readonly CredentialRecord[];
  /** Nothing in them can be moved: they are named, and stay. */
  readonly damaged: readonly DamagedCredential[];
  readonly others: number;
}

function staleOf({ credentials, damaged = [] }: ScannedPage, { primary_version: primary }: KeysetRecord): Stale {
  const isStale = ({ key_version: version }: { readonly key_version: number }): boolean => version !== primary;
  const [stale, lost] = [credentials.filter(isStale), damaged.filter(isStale)];
  const others = credentials.length + damaged.length - stale.length - lost.length;
  return { credentials: stale, damaged: lost, others };
}

/** Outside of a rotation: what was written late, or could not be opened then. */
async function moveStragglers(on: RekeyShardDependencies, record: KeysetRecord, shard: number): Promise<void> {
  const { provider } = record;
  let after: string | undefined;
  do {
    const page = await on.scanner.page(provider, shard, { ...(after !== undefined && { after }), limit: on.page });
    const stale = staleOf(page, record);
    await noteUse(on, record, [...stale.credentials, ...stale.damaged]);
    if ((await moveAll(on, { provider, shard, rotation_id: null }, stale, record)) === undefined) return;
    after = page.next;
  } while (after !== undefined);
}

/** A version that something was found under is not unreferenced: what depends on for how long it has been starts anew. */
async function noteUse(
  on: RekeyShardDependencies,
  home: KeysetRecord,
  found: readonly { readonly key_version: number }[],
): Promise<void> {
  const versions = new Set(found.map(({ key_version: version }) => version));
  for (const version of versions) {
    if (!countsAsUnreferenced(home, version)) continue;
    await on.writer.change(REKEYER, home.provider, (record, step) =>
      !countsAsUnreferenced(record, version)
        ? undefined
        : {
            next: noteReferences(record, version, true, step),
            event_type: 'rotate',
            operation: 'note_references',
            key_version: version,
          },
    );
  }
}

function countsAsUnreferenced(record: KeysetRecord, version: number): boolean {
  const entry = dekVersion(record, version);
  return entry !== undefined && isOld(entry) && entry.unreferenced_since !== undefined;
}

/** What became of a page's stale credentials. */
interface Moved {
  readonly moved: number;
  readonly failed: readonly string[];
}

/** One credential and what is to be stored in its place. */
interface Replacement {
  readonly before: CredentialRecord;
  readonly after: CredentialRecord;
}

/** Hexadecimal digits of a page's `write_id`; four more number its credentials. */
const PAGE_ID_DIGITS = 28;

/**
 * Moves the credentials of one page. They are on record together, because nobody sees their keys and there may be millions: one
 * intent and one outcome name the first and the last. Undefined where the primary is another one than in `home` by now.
 */
async function moveAll(
  on: RekeyShardDependencies,
  { provider, shard, rotation_id: rotationId }: Pick<RekeyMessage, 'provider' | 'shard' | 'rotation_id'>,
  { credentials: stale, damaged }: Stale,
  home: KeysetRecord,
): Promise<Moved | undefined> {
  const lost = damaged.map(({ name }) => name);
  for (const name of lost) await noteFailure(on, provider, name, rotationId);
  if (stale.length === 0) return { moved: 0, failed: lost };
  const readAt = on.clock.now();
  const { primary_version: version } = home;
  const dek = await on.keysets.forStoring(provider);
  if (dek.version !== version) return undefined;
  const pageId = newId(on.randomness).slice(0, PAGE_ID_DIGITS);
  const writeIdOf = (index: number): string => pageId + index.toString(16).padStart(32 - PAGE_ID_DIGITS, '0');
  const sealed = await Promise.all(
    stale.map((credential, index) => reseal(on, home, credential, dek, writeIdOf(index))),
  );
  const replacements = sealed.filter((replacement) => replacement !== undefined);
  const unopened = stale.filter((_, index) => sealed[index] === undefined).map(({ name }) => name);
  for (const name of unopened) await noteFailure(on, provider, name, rotationId);
  const failed = [...lost, ...unopened];
  const [first, last] = [replacements[0], replacements.at(-1)];
  if (first === undefined || last === undefined) return { moved: 0, failed };
  const entry = {
    event_type: 'rewrap',
    provider,
    key_version: version,
    metadata: {
      operation: 'rekey_credentials',
      write_id: pageId,
      ...(rotationId !== null && { rotation_id: rotationId }),
      shard,
      credentials: replacements.length,
      first_credential: first.before.name,
      last_credential: last.before.name,
    },
  } as const;
  await on.trail.announce(REKEYER, entry);
  const results = await runBatch(
    replacements,
    ({ before, after }) =>
      isFresh(readAt, on.clock) ? on.credentials.rekey(after, before.write_id) : Promise.resolve('refused' as const),
    on.concurrency,
  );
  const written = results.filter((result) => result.ok && result.value === 'written').length;
  const refused = results.filter((result) => result.ok && result.value === 'refused').length;
  const metadata = { ...entry.metadata, moved: written, skipped: refused };
  const isKnown = written + refused === results.length;
  await on.trail.settle(REKEYER, { ...entry, metadata }, isKnown ? 'written' : 'unknown');
  // Comes again later, and not at once: the store has trouble.
  if (!isKnown) throw new KeywardError('store_unavailable', 'a page of credentials may not have been written');
  return { moved: written, failed };
}

/** The credential under the primary, to be written over the very record that was read; undefined where it does not open. */
async function reseal(
  on: RekeyShardDependencies,
  home: KeysetRecord,
  before: CredentialRecord,
  dek: Dek,
  writeId: string,
): Promise<Replacement | undefined> {
  const { provider, name, metadata } = before;
  const apiKey = await tryOpenCredential(on.keysets, home, before);
  if (apiKey === undefined) return undefined;
  const ciphertext = sealToken(dek, credentialContext(provider, name, metadata), apiKey, on.randomness);
  return { before, after: { ...before, ciphertext, key_version: dek.version, write_id: writeId } };
}

/** On record once for each rotation; what is left after it counts every hour, and raises the alarm each time. */
async function noteFailure(
  on: RekeyShardDependencies,
  provider: string,
  credential: string,
  rotationId: string | null,
): Promise<void> {
  on.metrics.count('rekey_failed');
  if (rotationId === null) return;
  const error = new KeywardError('credential_damaged', CREDENTIAL_DAMAGED);
  const metadata = { operation: 'rekey_credentials', credential, rotation_id: rotationId };
  await on.trail
    .refuse(REKEYER, { event_type: 'failed_decrypt', provider, metadata }, error)
    .catch((thrown: unknown) => {
      if (thrown !== error) throw thrown;
    });
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);
