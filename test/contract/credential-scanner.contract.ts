import type { CredentialRecord, CredentialTombstone, StoredRow } from '../../lambdas/core/credentials/credential';
import type { CredentialScanner } from '../../lambdas/core/credentials/ports/credential-scanner';
import type { CredentialStore } from '../../lambdas/core/credentials/ports/credential-store';
import type { Contract, Statements } from './contract';
import { randomName } from './random-name';
import { UNAVAILABLE, type StoreFaults } from './store-under-test';
import { credential, previousValue, tombstone } from './stored-credentials';

interface CredentialScannerUnderTest {
  readonly port: CredentialScanner;
  /** A store over the same credentials; always works. */
  readonly store: Pick<CredentialStore, 'put'>;
  readonly faults: Pick<StoreFaults, 'readsFail'>;
  /** The shard of a name. */
  readonly shardOf: (name: string) => number;
  /** Waits until the index has all rows of the table. */
  readonly indexed?: () => Promise<void>;
}
type Under = CredentialScannerUnderTest;

/** The first names of one shard, in their order. */
export function namesIn({ shardOf }: Pick<Under, 'shardOf'>, shard: number, count: number): string[] {
  const names: string[] = [];
  for (let number = 0; names.length < count; number += 1) {
    const name = `name-${String(number).padStart(6, '0')}`;
    if (shardOf(name) === shard) names.push(name);
  }
  return names;
}

async function put({ store }: Under, records: readonly CredentialRecord[]): Promise<void> {
  const results = await Promise.all(records.map((record) => store.put(record, undefined)));
  expect(new Set(results)).toStrictEqual(new Set(['written']));
}

async function erase(
  { store }: Under,
  records: readonly CredentialRecord[],
  left: Partial<CredentialTombstone> = {},
): Promise<readonly CredentialTombstone[]> {
  const tombstones = records.map(({ provider, name }) => tombstone(provider, name, 2, left));
  const results = await Promise.all(tombstones.map((each, index) => store.put(each, records[index])));
  expect(new Set(results)).toStrictEqual(new Set(['written']));
  return tombstones;
}

async function readAll(
  { port }: Under,
  provider: string,
  shard: number,
  limit: number,
): Promise<{ rows: StoredRow[]; pages: number }> {
  const rows: StoredRow[] = [];
  for (let pages = 1, after: string | undefined; ; pages += 1) {
    const page = await port.page(provider, shard, { limit, ...(after !== undefined && { after }) });
    expect(page.rows.length).toBeLessThanOrEqual(limit);
    rows.push(...page.rows);
    if (page.next === undefined) return { rows, pages };
    // Every page must advance; otherwise the scan would not end.
    expect(after === undefined || page.next > after).toBe(true);
    after = page.next;
  }
}

const readsAShard: Statements<Under> = Object.fromEntries(
  [1, 2, 6, 7, 8, 100].map((limit) => [
    `reads a shard in the order of names, ${limit} at a time`,
    async (under: Under) => {
      const provider = randomName('p');
      const records = namesIn(under, 5, 7).map((name) => credential(provider, name));
      await put(under, [...records].reverse());
      const read = await readAll(under, provider, 5, limit);
      expect(read.rows).toStrictEqual(records);
      expect(read.pages).toBeGreaterThanOrEqual(Math.ceil(7 / limit));
      expect(read.pages).toBeLessThanOrEqual(Math.floor(7 / limit) + 1);
    },
  ]),
);

/** Statements that every CredentialScanner keeps. It is opened with 16 shards. */
export const credentialScannerContract: Contract<CredentialScanner, Under> = {
  shardCount: {
    'covers every name': async (under) => {
      const provider = randomName('p');
      const records = Array.from({ length: 60 }, (_, number) => credential(provider, `key.${number}`));
      await put(under, [...records, ...records.map((record) => ({ ...record, provider: `${provider}-x` }))]);
      const found = new Map<string, StoredRow>();
      expect(under.port.shardCount).toBe(16);
      for (let shard = 0; shard < under.port.shardCount; shard += 1) {
        for (const each of (await readAll(under, provider, shard, 50)).rows) {
          expect(found.has(each.name)).toBe(false);
          expect(under.shardOf(each.name)).toBe(shard);
          found.set(each.name, each);
        }
      }
      expect([...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))).toStrictEqual(
        [...records].sort((a, b) => (a.name < b.name ? -1 : 1)),
      );
    },
  },

  page: {
    ...readsAShard,

    'has nothing where there is nothing': async ({ port }) => {
      await expect(port.page(randomName('p'), 0, { limit: 5 })).resolves.toStrictEqual({ rows: [] });
    },

    'starts after a name that need not exist': async (under) => {
      const provider = randomName('p');
      const [first, second, third] = namesIn(under, 9, 3).map((name) => credential(provider, name));
      await put(under, [first!, third!]);
      const after = (name: string) => under.port.page(provider, 9, { after: name, limit: 5 });
      await expect(after(second!.name)).resolves.toStrictEqual({ rows: [third] });
      await expect(after(first!.name)).resolves.toStrictEqual({ rows: [third] });
      await expect(after(third!.name)).resolves.toStrictEqual({ rows: [] });
    },

    'shows whatever holds a value: a current one, a previous one beside it, and one that was deleted': async (
      under,
    ) => {
      const provider = randomName('p');
      const [plain, replaced, deleted, gone] = namesIn(under, 4, 4).map((name) => credential(provider, name));
      const both = { ...replaced!, key_version: 2, previous: previousValue({ metadata: { deep: { a: [null] } } }) };
      await put(under, [plain!, both, deleted!, gone!]);
      const kept = await erase(under, [deleted!], { previous: previousValue({ key_version: 3 }) });
      await erase(under, [gone!]);
      await expect(under.port.page(provider, 4, { limit: 10 })).resolves.toStrictEqual({
        rows: [plain, both, ...kept],
      });
    },

    'goes past deleted ones, through pages without any value': async (under) => {
      const provider = randomName('p');
      const records = namesIn(under, 3, 12).map((name) => credential(provider, name));
      await put(under, records);
      await erase(under, records.slice(1, 11));
      const read = await readAll(under, provider, 3, 3);
      expect(read.rows).toStrictEqual([records[0], records[11]]);
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.page(randomName('p'), 0, { limit: 1 })).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  countByVersion: {
    'counts none where there is nothing': async ({ port }) => {
      await expect(port.countByVersion(randomName('p'), 0)).resolves.toStrictEqual(new Map());
    },

    'counts both values of a row, and the one of a deleted row, each under its own version': async (under) => {
      const provider = randomName('p');
      const names = namesIn(under, 10, 6);
      const records = [
        credential(provider, names[0]!, { key_version: 2, previous: previousValue({ key_version: 1 }) }),
        credential(provider, names[1]!, { key_version: 1, previous: previousValue({ key_version: 3 }) }),
        credential(provider, names[2]!, { key_version: 3, previous: previousValue({ key_version: 3 }) }),
        credential(provider, names[3]!, { key_version: 4 }),
        credential(provider, names[4]!, { key_version: 5 }),
        credential(provider, names[5]!, { key_version: 6 }),
      ];
      await put(under, records);
      await erase(under, [records[4]!], { previous: previousValue({ key_version: 7 }) });
      await erase(under, [records[5]!]);
      const counts = await under.port.countByVersion(provider, 10);
      expect([...counts].sort(([a], [b]) => a - b)).toStrictEqual([
        [1, 2],
        [2, 1],
        [3, 3],
        [4, 1],
        [7, 1],
      ]);
    },

    'counts the live ones of a shard by their version': async (under) => {
      const provider = randomName('p');
      const records = namesIn(under, 12, 9).map((name, index) =>
        credential(provider, name, { key_version: 1 + (index % 3) }),
      );
      const elsewhere = namesIn(under, 11, 2).map((name) => credential(provider, name));
      await put(under, [...records, ...elsewhere, credential(`${provider}-x`, records[0]!.name)]);
      await erase(under, [records[0]!, records[1]!, records[4]!]);
      const counts = await under.port.countByVersion(provider, 12);
      expect([...counts].sort(([a], [b]) => a - b)).toStrictEqual([
        [1, 2],
        [2, 1],
        [3, 3],
      ]);
      await expect(under.port.countByVersion(provider, 11)).resolves.toStrictEqual(new Map([[1, 2]]));
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.countByVersion(randomName('p'), 0)).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  shardsWith: {
    'knows which shards hold a version in a range': async (under) => {
      const provider = randomName('p');
      const [inTwo, inSeven, inTen, inFifteen] = [2, 7, 10, 15].map((shard) => namesIn(under, shard, 1)[0]!);
      const records = [
        credential(provider, inTwo!, { key_version: 1 }),
        credential(provider, inSeven!, { key_version: 2 }),
        credential(provider, inTen!, { key_version: 4 }),
        credential(provider, inFifteen!, { key_version: 1 }),
      ];
      await put(under, [...records, credential(`${provider}-x`, namesIn(under, 5, 1)[0]!)]);
      await erase(under, [records[3]!]);
      await under.indexed?.();
      const { port } = under;
      await expect(port.shardsWith(provider, 1, 3)).resolves.toStrictEqual([2, 7]);
      await expect(port.shardsWith(provider, 2, 4)).resolves.toStrictEqual([7, 10]);
      await expect(port.shardsWith(provider, 3, 3)).resolves.toStrictEqual([]);
      await expect(port.shardsWith(provider, 4, 1)).resolves.toStrictEqual([]);
    },

    'goes by the lower version of a row that holds two values, and by that of a deleted one': async (under) => {
      const provider = randomName('p');
      const of = (shard: number, current: number, previous: number) =>
        credential(provider, namesIn(under, shard, 1)[0]!, {
          key_version: current,
          previous: previousValue({ key_version: previous }),
        });
      const records = [of(1, 3, 2), of(6, 2, 3), of(8, 3, 3)];
      const [deleted, moved] = [of(11, 3, 3), of(13, 3, 1)];
      await put(under, [...records, deleted, moved]);
      await erase(under, [deleted], { previous: previousValue({ key_version: 2 }) });
      const settled = { ...moved, write_id: 'moved', previous: previousValue({ key_version: 3 }) };
      await expect(under.store.put(settled, moved)).resolves.toBe('written');
      await under.indexed?.();
      const { port } = under;
      await expect(port.shardsWith(provider, 1, 1)).resolves.toStrictEqual([]);
      await expect(port.shardsWith(provider, 1, 2)).resolves.toStrictEqual([1, 6, 11]);
      await expect(port.shardsWith(provider, 3, 9)).resolves.toStrictEqual([8, 13]);
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.shardsWith(randomName('p'), 1, 2)).rejects.toMatchObject(UNAVAILABLE);
    },
  },
};
