import type { StepContext } from '../keysets/step-context';
import type { DekVersionRecord, KeysetRecord } from '../keysets/keyset-record';
import { SETTLE_MS } from '../contract/protocol-times';
import { destroyVersion, noteReferences, retireVersion } from './dek-rotation';
import { destructionDue } from './when-version-may-be-destroyed';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { Metrics } from '../ports/metrics';
import type { Caller } from '../ports/caller';
import type { KeysetWriter } from '../keysets/keyset-writer';
import type { DekRotationQueue } from './ports/dek-rotation-queue';
import { shardsUnder } from './version-references';

export interface RetireVersionsDependencies {
  readonly writer: KeysetWriter;
  readonly scanner: CredentialScanner;
  readonly queue: DekRotationQueue;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

type Due = 'retire' | 'destroy' | 'look';

/**
 * Retires versions after their grace period and destroys those whose destruction is due, each only after consistent reads of all
 * credentials found none under it. Checks a retired version that had some again. Queues the rekey of values that these reads find
 * and the index lacks, because nothing else would find them.
 *
 * @throws KeywardError `store_unavailable`; as {@link KeysetWriter} and {@link DekRotationQueue}
 */
export const createRetireVersions =
  (deps: RetireVersionsDependencies) =>
  async (caller: Caller, provider: string): Promise<void> => {
    const { record } = await deps.writer.read(provider);
    for (const [number, entry] of Object.entries(record.versions)) {
      const due = dueOf(entry, deps.clock.now());
      if (due !== undefined) await carryOut(deps, caller, { provider, version: Number(number), due });
    }
  };

async function carryOut(
  deps: RetireVersionsDependencies,
  caller: Caller,
  { provider, version, due }: { provider: string; version: number; due: Due },
): Promise<void> {
  // The index may lag, but a hit is enough to wait: a rotation or the sweep rekeys what it finds.
  const hinted = due !== 'destroy' && (await deps.scanner.shardsWith(provider, version, version)).length > 0;
  const unlisted = hinted ? [] : await shardsUnder(deps.scanner, provider, version);
  const referenced = hinted || unlisted.length > 0;
  if (referenced && due !== 'look') deps.metrics.count('version_referenced');
  if (hinted) return;
  if (referenced) {
    // The index lacks a row of which another release rekeyed one value only, or whose entry the embedded store has lost.
    const moves = unlisted.map((shard) => ({ kind: 'rekey', provider, rotation_id: null, shard }) as const);
    await deps.queue.send(moves, 0);
  }
  await deps.writer.change(caller, provider, (record, step) => {
    const entry = record.versions[version];
    if (entry === undefined || dueOf(entry, step.now) !== due) return undefined;
    if (referenced && entry.unreferenced_since === undefined) return undefined;
    const [operation, next] = stepFor(due, referenced);
    return { next: next(record, version, step), event_type: 'rotate', operation, key_version: version };
  });
}

type Step = (record: KeysetRecord, version: number, deps: StepContext) => KeysetRecord;

function stepFor(due: Due, referenced: boolean): readonly [string, Step] {
  if (referenced) return ['note_references', (record, version, deps) => noteReferences(record, version, true, deps)];
  switch (due) {
    case 'retire':
      return ['retire_version', retireVersion];
    case 'destroy':
      return ['destroy_version', destroyVersion];
    case 'look':
      return ['note_no_references', (record, version, deps) => noteReferences(record, version, false, deps)];
  }
}

function dueOf(entry: DekVersionRecord, now: number): Due | undefined {
  // A value that was sealed just before the promotion of the next version may not be stored yet.
  if (!(now - Date.parse(entry.superseded_at ?? '') >= SETTLE_MS)) return undefined;
  if (entry.state === 'decrypt_only') {
    return entry.grace_until !== undefined && Date.parse(entry.grace_until) <= now ? 'retire' : undefined;
  }
  if (entry.unreferenced_since === undefined) return 'look';
  return (destructionDue(entry) ?? Infinity) <= now ? 'destroy' : undefined;
}
