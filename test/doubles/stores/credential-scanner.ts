import type { StoredRow } from '../../../lambdas/core/credentials/credential';
import { heldValues } from '../../../lambdas/core/credentials/held-values';
import type { CredentialScanner } from '../../../lambdas/core/credentials/ports/credential-scanner';
import { credentialsOf } from './credential-store';
import type { Rows, Table } from './table';

/** The distribution of a provider's credentials. */
export interface Shards {
  readonly count: number;
  readonly of: (name: string) => number;
}

/**
 * The version that the index has for a row, by provider and name: that of its oldest value; undefined: the index follows the
 * table at once.
 */
export type VersionIndex = Iterable<readonly [string, number]> | undefined;

/** The index's version of a row: that of its oldest value; none if a version is lost. */
export function oldestOf(row: StoredRow): readonly number[] {
  const versions = heldValues(row).map(({ key_version: version }) => version);
  return versions.length === 0 || versions.includes(0) ? [] : [Math.min(...versions)];
}

/** Scans the table of a credential store. */
export function credentialScanner(
  table: Table<StoredRow>,
  shards: Shards,
  index: () => VersionIndex = () => undefined,
): CredentialScanner {
  const inShard = (rows: Rows<StoredRow>, provider: string, shard: number): StoredRow[] =>
    credentialsOf(rows, provider).filter(({ name }) => shards.of(name) === shard);
  const indexed = (rows: Rows<StoredRow>): Iterable<readonly [string, number]> =>
    index() ??
    Array.from(rows.entries()).flatMap(([key, row]) => oldestOf(row).map((version) => [key, version] as const));
  return {
    shardCount: shards.count,
    /** Counts deleted names into the page and cannot tell that a full page is the last one, as DynamoDB. */
    page: (provider, shard, { after = '', limit }) =>
      table.read(`page ${provider} ${shard}`, (rows) => {
        const page = inShard(rows, provider, shard)
          .filter(({ name }) => name > after)
          .slice(0, limit);
        const next = page.length === limit ? page.at(-1)?.name : undefined;
        return {
          rows: page.filter((row) => heldValues(row).length > 0),
          ...(next !== undefined && { next }),
        };
      }),
    countByVersion: (provider, shard) =>
      table.read(`count ${provider} ${shard}`, (rows) => {
        const counts = new Map<number, number>();
        for (const { key_version: version } of inShard(rows, provider, shard).flatMap(heldValues)) {
          counts.set(version, (counts.get(version) ?? 0) + 1);
        }
        return counts;
      }),
    shardsWith: (provider, from, to) =>
      table.read(`index ${provider}`, (rows) => {
        const found = new Set<number>();
        for (const [key, version] of indexed(rows)) {
          const [of, name] = key.split('/') as [string, string];
          if (of === provider && version >= from && version <= to) found.add(shards.of(name));
        }
        return [...found].sort((a, b) => a - b);
      }),
  };
}
