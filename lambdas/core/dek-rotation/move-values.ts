import {
  canBeNamed,
  CREDENTIAL_DAMAGED,
  credentialContext,
  type CredentialMetadata,
  type CredentialRecord,
  type PreviousPlace,
  type PreviousValue,
  type StoredRow,
} from '../credentials/credential';
import { heldValues, withPrevious, type HeldValue, type WhichValue } from '../credentials/held-values';
import { openHeld, tryOpen } from '../credentials/open-credential';
import type { ScannedPage } from '../credentials/ports/credential-scanner';
import { newPageIds, writePage, type Replacement, type WritePageDependencies } from '../credentials/write-page';
import type { Dek } from '../crypto/dek';
import type { Randomness } from '../crypto/randomness';
import { parseTokenHeader, sealToken } from '../crypto/token';
import { KeywardError } from '../errors/errors';
import type { KeysetAccess } from '../keysets/keyset-access';
import type { KeysetRecord } from '../keysets/keyset-record';
import type { Metrics } from '../ports/metrics';
import { systemCaller } from '../ports/system-caller';

export interface MoveValuesDependencies extends WritePageDependencies {
  readonly keysets: KeysetAccess;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
}

export const REKEYER = systemCaller('keyward:rekey', 'rotation');

/** A row, and its values that are under another version than the primary. */
interface StaleRow {
  readonly row: StoredRow;
  readonly values: readonly HeldValue[];
}

/** The values of a page that are under another version than the primary; `others` counts the rest. */
export interface Stale {
  readonly rows: readonly StaleRow[];
  readonly others: number;
}

export function staleOf({ rows }: ScannedPage, { primary_version: primary }: KeysetRecord): Stale {
  const all = rows.map((row) => ({ row, held: heldValues(row) }));
  const stale = all.map(({ row, held }) => ({
    row,
    values: held.filter((value) => value.key_version !== primary || isElsewhere(row, value.which, primary)),
  }));
  const others = count(all.map(({ held }) => held)) - count(stale.map(({ values }) => values));
  return { rows: stale.filter(({ values }) => values.length > 0), others };
}

/** Whether the token of a value names another version than the primary, which an edited row may hide. */
function isElsewhere(row: StoredRow, which: WhichValue, primary: number): boolean {
  const { ciphertext } = (which === 'current' ? row : row.previous) as Partial<PreviousValue>;
  const header = parseTokenHeader(ciphertext ?? '');
  return header !== undefined && header.version !== primary;
}

const count = (lists: readonly (readonly unknown[])[]): number => lists.reduce((sum, { length }) => sum + length, 0);

/** The name and place of a value. */
export interface NamedValue {
  readonly name: string;
  readonly which: WhichValue;
}

/** The result for the stale values of a page. */
export interface Moved {
  readonly moved: number;
  readonly failed: readonly NamedValue[];
}

/** A row whose values were sealed anew, if they open. */
interface Resealed extends Partial<Replacement> {
  readonly moved: number;
  readonly failed: readonly NamedValue[];
}

/**
 * Rekeys the stale values of one page. The two values of a row are written together; one is rekeyed even if the other does not
 * open. Undefined if the primary is no longer that of `home`.
 */
export async function moveValues(
  deps: MoveValuesDependencies,
  { provider, shard, rotation_id: rotationId }: { provider: string; shard: number; rotation_id: string | null },
  { rows }: Stale,
  home: KeysetRecord,
): Promise<Moved | undefined> {
  if (rows.length === 0) return { moved: 0, failed: [] };
  const readAt = deps.clock.now();
  const dek = await deps.keysets.forStoring(provider);
  if (dek.version !== home.primary_version) return undefined;
  const ids = newPageIds(deps.randomness);
  const resealed = await Promise.all(rows.map((stale, index) => reseal(deps, home, dek, stale, ids.row(index))));
  const failed = resealed.flatMap((row) => row.failed);
  for (const each of failed) await noteFailure(deps, provider, each, rotationId);
  const replacements = resealed.flatMap(({ before, after }) =>
    before === undefined || after === undefined ? [] : [{ before, after }],
  );
  const entry = {
    event_type: 'rewrap',
    provider,
    key_version: dek.version,
    metadata: {
      operation: 'rekey_credentials',
      write_id: ids.page,
      ...(rotationId !== null && { rotation_id: rotationId }),
      shard,
    },
  } as const;
  const written = new Set(
    (await writePage(deps, REKEYER, entry, { readAt, replacements })).map(({ before }) => before),
  );
  const moved = resealed.filter(({ before }) => before !== undefined && written.has(before));
  return { moved: moved.reduce((total, row) => total + row.moved, 0), failed };
}

/** The row with its stale values under the primary, to replace the one that was read. */
async function reseal(
  deps: MoveValuesDependencies,
  home: KeysetRecord,
  dek: Dek,
  { row, values }: StaleRow,
  writeId: string,
): Promise<Resealed> {
  const { name } = row;
  const failed: NamedValue[] = [];
  let after = row;
  for (const { which } of values) {
    const moved = canBeNamed(row) ? await resealed(deps, home, dek, after, which) : undefined;
    if (moved === undefined) failed.push({ name, which });
    else after = moved;
  }
  const moved = values.length - failed.length;
  return moved === 0 ? { moved, failed } : { before: row, after: { ...after, write_id: writeId }, moved, failed };
}

/** The row with one of its values under the primary; undefined if that does not open. */
async function resealed(
  deps: MoveValuesDependencies,
  home: KeysetRecord,
  dek: Dek,
  row: StoredRow,
  which: WhichValue,
): Promise<StoredRow | undefined> {
  const { provider, name } = row;
  const opened = await tryOpen(openHeld(deps.keysets, row, which, home));
  if ('damaged' in opened) return undefined;
  const seal = (metadata: CredentialMetadata, previous?: PreviousPlace) => ({
    ciphertext: sealToken(dek, credentialContext(provider, name, metadata, previous), opened.apiKey, deps.randomness),
    key_version: dek.version,
  });
  // A value that opened exists and is not damaged.
  if (which === 'current') return { ...(row as CredentialRecord), ...seal((row as CredentialRecord).metadata) };
  const previous = row.previous as PreviousValue;
  return withPrevious(row, { ...previous, ...seal(previous.metadata, previous) });
}

/** Records a failure once per rotation; later the sweep counts it every hour, which raises the alarm each time. */
async function noteFailure(
  deps: MoveValuesDependencies,
  provider: string,
  { name: credential, which }: NamedValue,
  rotationId: string | null,
): Promise<void> {
  deps.metrics.count('rekey_failed');
  if (rotationId === null) return;
  const error = new KeywardError('credential_damaged', CREDENTIAL_DAMAGED);
  const metadata = {
    operation: 'rekey_credentials',
    credential,
    ...(which === 'previous' && { value: which }),
    rotation_id: rotationId,
  };
  await deps.trail.recordRefusal(REKEYER, { event_type: 'failed_decrypt', provider, metadata }, error);
}
