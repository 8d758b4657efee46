import { LONGEST_DELAY_S } from '../contract/function-times';
import { SETTLE_MS } from '../contract/protocol-times';
import { dekVersion } from '../keysets/dek-keyset';
import type { KeysetRecord, RunningDekRotation } from '../keysets/keyset-record';
import { isOld, noteReferences, promotionOf } from './dek-rotation';
import { newId } from '../crypto/randomness';
import { MAX_NAMED_FAILURES, type ShardProgress } from './dek-rotation-report';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { DekRotationMessage, DekRotationQueue } from './ports/dek-rotation-queue';
import type { DekRotationStore } from './ports/dek-rotation-store';
import type { KeysetWriter } from '../keysets/keyset-writer';
import { moveValues, REKEYER, staleOf, type MoveValuesDependencies, type NamedValue, type Stale } from './move-values';
import type { WhichValue } from '../credentials/held-values';

export interface RekeyShardDependencies extends MoveValuesDependencies {
  readonly writer: KeysetWriter;
  readonly scanner: CredentialScanner;
  readonly store: DekRotationStore;
  readonly queue: DekRotationQueue;
  /** Number of rows that are read, sealed and recorded together. */
  readonly page: number;
}

type RekeyMessage = Extract<DekRotationMessage, { kind: 'rekey' }>;

/**
 * Rekeys the values of one shard, previous ones too, and then verifies that none is left. Idempotent, also for concurrent runs; a
 * run that was stopped continues where the last page ended.
 *
 * @param deadline when to stop between two pages, in milliseconds since 1970
 * @returns seconds until the next run; undefined if nothing is left or another run does it
 * @throws KeywardError `store_unavailable`, `keys_unavailable`, `audit_unavailable`: try again later
 */
export type RekeyShard = (message: RekeyMessage, deadline: number) => Promise<number | undefined>;

export const createRekeyShard =
  (deps: RekeyShardDependencies): RekeyShard =>
  async (message, deadline) => {
    const { provider, rotation_id: rotationId, shard } = message;
    const { record } = await deps.writer.read(provider);
    if (rotationId === null) {
      await moveStragglers(deps, record, shard);
      return undefined;
    }
    const { rotation } = record;
    // The rotation has ended or was superseded, or the message is from before a crash.
    if (rotation?.id !== rotationId || rotation.phase !== 'rekeying') return undefined;
    let progress =
      (await deps.store.shard(provider, rotationId, shard)) ?? (await begin(deps, provider, rotationId, shard));
    while (progress?.phase === 'moving') {
      const next: ShardProgress | undefined = await movePage(deps, progress, record);
      progress = next === undefined ? undefined : await save(deps, next, progress.revision);
      if (progress?.phase === 'moving' && deps.clock.now() >= deadline) return 0;
    }
    if (progress?.phase === 'verifying') {
      const settled = promotionOf(rotation) + SETTLE_MS - deps.clock.now();
      if (settled > 0) return Math.min(SETTLE_MS / 1000, Math.ceil(settled / 1000));
      progress = await save(deps, await verify(deps, progress, rotation), progress.revision);
      if (progress?.phase === 'moving') return Math.min(LONGEST_DELAY_S, 10 * 2 ** progress.pass);
    }
    if (progress !== undefined) await deps.queue.send([{ kind: 'advance', provider }], 0);
    return undefined;
  };

/** Counts the values, and records that the shard has begun. Undefined if another run has recorded it. */
async function begin(
  deps: RekeyShardDependencies,
  provider: string,
  rotationId: string,
  shard: number,
): Promise<ShardProgress | undefined> {
  const counts = await deps.scanner.countByVersion(provider, shard);
  const now = new Date(deps.clock.now()).toISOString();
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
    previous_failures: [],
    started_at: now,
    updated_at: now,
  };
  return save(deps, first, 0);
}

/** Undefined if another run saved its progress in between: that one continues. */
async function save(
  deps: RekeyShardDependencies,
  progress: ShardProgress,
  expected: number,
): Promise<ShardProgress | undefined> {
  const next = {
    ...progress,
    revision: expected + 1,
    write_id: newId(deps.randomness),
    updated_at: new Date(deps.clock.now()).toISOString(),
  };
  return (await deps.store.putShard(next, expected)) === 'written' ? next : undefined;
}

async function movePage(
  deps: RekeyShardDependencies,
  progress: ShardProgress,
  home: KeysetRecord,
): Promise<ShardProgress | undefined> {
  const { provider, shard, after, pass } = progress;
  const page = await deps.scanner.page(provider, shard, { ...(after !== null && { after }), limit: deps.page });
  const stale = staleOf(page, home);
  await noteUse(deps, home, stale);
  const result = await moveValues(deps, progress, stale, home);
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
    failures: withNames(progress.failures, failed, 'current'),
    previous_failures: withNames(progress.previous_failures ?? [], failed, 'previous'),
  };
}

/**
 * The shard is verified if nothing is left, or only values that a pass could not open which began when nothing could be written
 * under an old version any more. Otherwise another pass follows.
 */
async function verify(
  deps: RekeyShardDependencies,
  progress: ShardProgress,
  rotation: RunningDekRotation,
): Promise<ShardProgress> {
  const counts = await deps.scanner.countByVersion(progress.provider, progress.shard);
  const left = sum(counts.values()) - (counts.get(rotation.version) ?? 0);
  const isSettled = Date.parse(progress.pass_started_at) - promotionOf(rotation) >= SETTLE_MS;
  if (left === 0 || (left <= progress.failed && isSettled)) return { ...progress, phase: 'verified' };
  return {
    ...progress,
    phase: 'moving',
    pass: progress.pass + 1,
    pass_started_at: new Date(deps.clock.now()).toISOString(),
    after: null,
    failed: 0,
    failures: [],
    previous_failures: [],
  };
}

/** Adds names of values that do not open, up to the limit. */
const withNames = (names: readonly string[], failed: readonly NamedValue[], of: WhichValue): readonly string[] =>
  [...names, ...failed.flatMap(({ name, which }) => (which === of ? [name] : []))].slice(0, MAX_NAMED_FAILURES);

/** Rekeys values outside of a rotation: written late, or not opening during it. */
async function moveStragglers(deps: RekeyShardDependencies, record: KeysetRecord, shard: number): Promise<void> {
  const { provider } = record;
  let after: string | undefined;
  do {
    const page = await deps.scanner.page(provider, shard, { ...(after !== undefined && { after }), limit: deps.page });
    const stale = staleOf(page, record);
    await noteUse(deps, record, stale);
    if ((await moveValues(deps, { provider, shard, rotation_id: null }, stale, record)) === undefined) return;
    after = page.next;
  } while (after !== undefined);
}

/** Records that versions are referenced, because values were found under them: their retention begins again. */
async function noteUse(deps: RekeyShardDependencies, home: KeysetRecord, { rows }: Stale): Promise<void> {
  const versions = new Set(rows.flatMap(({ values }) => values.map(({ key_version: version }) => version)));
  for (const version of versions) {
    if (!countsAsUnreferenced(home, version)) continue;
    await deps.writer.change(REKEYER, home.provider, (record, step) =>
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

const sum = (counts: Iterable<number>): number => [...counts].reduce((total, count) => total + count, 0);
