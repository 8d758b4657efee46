import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { stillAtRevision, writeConditionally, type StoredVersion } from '../../lambdas/adapters/aws/conditional-write';
import type { AuditEvent } from '../../lambdas/core/domain/audit-event';
import { isTombstone, type CredentialRecord, type StoredCredential } from '../../lambdas/core/domain/credential';
import type { KeysetRecord } from '../../lambdas/core/domain/dek-keyset';
import type { RotationReport, ShardProgress } from '../../lambdas/core/domain/rotation-report';
import type { CredentialScanner } from '../../lambdas/core/ports/credential-scanner';
import type { CredentialStore } from '../../lambdas/core/ports/credential-store';
import type { KeysetScanner } from '../../lambdas/core/ports/keyset-scanner';
import type { KeysetStore } from '../../lambdas/core/ports/keyset-store';
import type { WriteResult } from '../../lambdas/core/ports/write-result';
import { storeUnavailable } from './no-answer';
import { HOME, REGIONS } from './regions';
import { ReplicatedTable, type ReplicationLag } from './replicated-table';
import type { SimulatedProcess } from './simulated-process';
import type { Network } from './network';
import type { Scheduler } from './scheduler';

/** What is stored about rotations in the home region. */
export type RotationItem = RotationReport | ShardProgress | { readonly time: string };

/** All tables of a deployment. */
export interface SimulatedTables {
  readonly keysets: ReplicatedTable<KeysetRecord>;
  readonly credentials: ReplicatedTable<StoredCredential>;
  readonly audit: ReplicatedTable<AuditEvent>;
  readonly rotations: ReplicatedTable<RotationItem>;
  /** Providers that ever had a keyset. */
  readonly used: Set<string>;
  /** The index of key versions as it was a while ago: by credential, the version. */
  readonly index: Map<string, number>;
}

export const createTables = (on: {
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly lag: ReplicationLag;
}): SimulatedTables => ({
  keysets: new ReplicatedTable(REGIONS, on),
  credentials: new ReplicatedTable(REGIONS, on),
  audit: new ReplicatedTable(REGIONS, on),
  rotations: new ReplicatedTable([HOME], on),
  used: new Set(),
  index: new Map(),
});

/** What both kinds of versioned records have. */
interface Versioned {
  readonly revision: number;
  readonly write_id: string;
}

/** One table as a process sees it in one region: a call for each read, and for each attempt at a write. */
export class TableAccess<V extends object> {
  constructor(
    readonly process: SimulatedProcess,
    readonly table: ReplicatedTable<V>,
    readonly region: string,
    private readonly name: string,
  ) {}

  read<T>(what: string, take: () => T): Promise<T> {
    return this.process.call(this.region, `${this.name}.${what}`, take, storeUnavailable);
  }

  get(key: string): Promise<V | undefined> {
    return this.read(`get ${key}`, () => this.table.get(this.region, key));
  }

  /** The adapters' own protocol for conditional writes, over calls that may fail. */
  write(
    key: string,
    value: V & Versioned,
    isUnchanged: (stored: StoredVersion | undefined) => boolean,
  ): Promise<WriteResult> {
    const put = (): void => {
      if (!isUnchanged(this.table.get(this.region, key))) {
        throw new ConditionalCheckFailedException({ message: '', $metadata: { attempts: 1 } });
      }
      this.table.write(this.region, key, value);
    };
    return writeConditionally({
      writeId: value.write_id,
      isUnchanged,
      send: () => this.read(`put ${key} ${value.revision}`, put),
      read: () => this.get(key),
    });
  }
}

export function keysetStore(access: TableAccess<KeysetRecord>): KeysetStore & KeysetScanner {
  return {
    region: access.region,
    get: (provider) => access.get(provider),
    all: () =>
      access.read('scan', () =>
        [...access.table.entries(access.region)].map(([provider, value]) => ({ provider, value })),
      ),
    create: (record) => access.write(record.provider, record, stillAtRevision(0)),
    replace: (record, expectedRevision) => access.write(record.provider, record, stillAtRevision(expectedRevision)),
  };
}

export const credentialKey = (provider: string, name: string): string => `${provider}/${name}`;

/** Live credentials of a provider in a region, in the order of their names. */
export const liveCredentials = (
  table: ReplicatedTable<StoredCredential>,
  region: string,
  provider: string,
): readonly CredentialRecord[] =>
  [...table.entries(region)]
    .map(([, stored]) => stored)
    .filter((stored): stored is CredentialRecord => stored.provider === provider && !isTombstone(stored))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const pageOf = (records: readonly CredentialRecord[], { after = '', limit }: { after?: string; limit: number }) => {
  const rest = records.filter(({ name }) => name > after);
  const credentials = rest.slice(0, limit);
  const last = rest.length > limit ? credentials.at(-1)?.name : undefined;
  return { credentials, ...(last !== undefined && { next: last }) };
};

export function credentialStore(access: TableAccess<StoredCredential>): CredentialStore {
  const { table, region } = access;
  return {
    get: (provider, name) => access.get(credentialKey(provider, name)),
    list: (provider, page) =>
      access.read(`list ${provider}`, () => pageOf(liveCredentials(table, region, provider), page)),
    put: (record, expectedRevision) =>
      access.write(credentialKey(record.provider, record.name), record, stillAtRevision(expectedRevision)),
    rekey: (record, expectedWriteId) =>
      access.write(
        credentialKey(record.provider, record.name),
        record,
        (stored) => stored?.write_id === expectedWriteId,
      ),
    hasAny: (provider) =>
      access.read(`any ${provider}`, () =>
        [...table.entries(region)].some(([, stored]) => stored.provider === provider),
      ),
  };
}

/** Which shard a name is in; the adapter's own rule has 16 of them. */
const shardOf = (name: string, shardCount: number): number =>
  Buffer.from(name).reduce((sum, byte) => (sum * 31 + byte) >>> 0, 7) % shardCount;

export function credentialScanner(
  access: TableAccess<StoredCredential>,
  index: ReadonlyMap<string, number>,
  shardCount: number,
): CredentialScanner {
  const inShard = (provider: string, shard: number): readonly CredentialRecord[] =>
    liveCredentials(access.table, access.region, provider).filter(({ name }) => shardOf(name, shardCount) === shard);
  return {
    shardCount,
    page: (provider, shard, page) =>
      access.read(`page ${provider} ${shard}`, () => pageOf(inShard(provider, shard), page)),
    countByVersion: (provider, shard) =>
      access.read(`count ${provider} ${shard}`, () => {
        const counts = new Map<number, number>();
        for (const { key_version: version } of inShard(provider, shard))
          counts.set(version, (counts.get(version) ?? 0) + 1);
        return counts;
      }),
    shardsWith: (provider, from, to) =>
      access.read(`index ${provider}`, () => {
        const shards = new Set<number>();
        for (const [key, version] of index) {
          const [of, name] = key.split('/') as [string, string];
          if (of === provider && version >= from && version <= to) shards.add(shardOf(name, shardCount));
        }
        return [...shards].sort((a, b) => a - b);
      }),
  };
}
