import type { CredentialRecord } from '../credentials/credential';
import { CENSUS_BUDGET_MS, PUBLISH_MS, SETTLE_MS } from '../contract/protocol-times';
import { nextVersion } from '../keysets/dek-keyset';
import type { KeysetRecord } from '../keysets/keyset-record';
import { invalidRequest } from '../errors/errors';
import type { Clock } from '../ports/clock';
import type { CredentialScanner } from '../credentials/ports/credential-scanner';
import type { AuditTrail } from '../audit/audit-trail';
import type { Caller } from '../ports/caller';
import type { KeysetAccess } from '../keysets/keyset-access';
import type { KeysetWriter } from '../keysets/keyset-writer';
import { givenReason, type Reasoned } from './given-reason';
import { tryOpenCredential } from '../credentials/open-credential';

export interface CensusDependencies {
  readonly writer: KeysetWriter;
  readonly keysets: KeysetAccess;
  readonly scanner: CredentialScanner;
  readonly trail: AuditTrail;
  readonly clock: Clock;
}

/** Where a census goes on: a shard, and the last name in it that was counted. */
export interface CensusPosition {
  readonly shard: number;
  readonly after?: string | undefined;
}

/** What a rotation would find and do. Of a large provider it is one part, and `next` says where the next one begins. */
export interface CensusView {
  readonly provider: string;
  readonly dry_run: true;
  readonly from_version: number;
  readonly to_version: number;
  readonly credentials: number;
  readonly by_version: readonly { readonly key_version: number; readonly credentials: number }[];
  /** Names of those that do not open. */
  readonly undecryptable: readonly string[];
  readonly would_move: number;
  /** Of a rotation of what was counted, with one worker; region lag comes on top. */
  readonly estimated_seconds: number;
  /** The rotation that is running; another one would be refused. */
  readonly running_rotation_id?: string;
  readonly next?: CensusPosition;
}

const PAGE = 100;
/** What one worker moves in a second, from `npm run bench`; docs/operations.md says where it is from. */
const MOVED_PER_SECOND = 400;

/**
 * A dry run of a rotation: counts the credentials by version and tries to open every one. Writes nothing but its audit event.
 *
 * @throws KeywardError `keys_unavailable`, `store_unavailable`, `audit_unavailable`; `invalid_request` for a position that
 *   does not exist
 */
export const createCensus =
  (on: CensusDependencies) =>
  async (
    caller: Caller,
    { provider, from, ...reasoned }: { provider: string; from?: CensusPosition } & Reasoned,
  ): Promise<CensusView> => {
    if (from !== undefined && from.shard >= on.scanner.shardCount)
      throw invalidRequest('cursor is not one of this call');
    const { record } = await on.writer.read(provider);
    const deadline = on.clock.now() + CENSUS_BUDGET_MS;
    const byVersion = new Map<number, number>();
    const undecryptable: string[] = [];
    let position: CensusPosition | undefined = from ?? { shard: 0 };
    do {
      const { shard, after }: CensusPosition = position;
      const page = await on.scanner.page(provider, shard, { ...(after !== undefined && { after }), limit: PAGE });
      const unreadable = page.damaged ?? [];
      for (const { key_version: version } of [...page.credentials, ...unreadable])
        byVersion.set(version, (byVersion.get(version) ?? 0) + 1);
      undecryptable.push(
        ...(await damagedOf(on.keysets, record, page.credentials)),
        ...unreadable.map(({ name }) => name),
      );
      position = nextPosition(shard, page.next, on.scanner.shardCount);
    } while (position !== undefined && on.clock.now() < deadline);
    const credentials = [...byVersion.values()].reduce((total, count) => total + count, 0);
    await on.trail.record(caller, {
      event_type: 'rotate',
      provider,
      key_version: record.primary_version,
      metadata: {
        operation: 'rotation_dry_run',
        credentials,
        undecryptable: undecryptable.length,
        ...givenReason(reasoned),
      },
    });
    const wouldMove = credentials - undecryptable.length;
    return {
      provider,
      dry_run: true,
      from_version: record.primary_version,
      to_version: nextVersion(record),
      credentials,
      by_version: [...byVersion]
        .map(([key_version, count]) => ({ key_version, credentials: count }))
        .sort((a, b) => a.key_version - b.key_version),
      undecryptable,
      would_move: wouldMove,
      estimated_seconds: Math.ceil((PUBLISH_MS + SETTLE_MS) / 1000 + wouldMove / MOVED_PER_SECOND),
      ...(record.rotation !== undefined && { running_rotation_id: record.rotation.id }),
      ...(position !== undefined && { next: position }),
    };
  };

function nextPosition(shard: number, after: string | undefined, shardCount: number): CensusPosition | undefined {
  if (after !== undefined) return { shard, after };
  return shard + 1 < shardCount ? { shard: shard + 1 } : undefined;
}

async function damagedOf(
  keysets: KeysetAccess,
  home: KeysetRecord,
  credentials: readonly CredentialRecord[],
): Promise<readonly string[]> {
  const opened = await Promise.all(credentials.map((credential) => tryOpenCredential(keysets, home, credential)));
  return credentials.filter((_, index) => opened[index] === undefined).map(({ name }) => name);
}
