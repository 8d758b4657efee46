import { newKeyset, signKeyset, verifyKeyset } from '../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import type { KeysetScanner } from '../../lambdas/core/keysets/ports/keyset-scanner';
import type { KeysetStore } from '../../lambdas/core/keysets/ports/keyset-store';
import { newKeks, TEST_START, testRandomness } from '../doubles/memory-ports';
import { conditionalWriteStatements } from './conditional-write.statements';
import type { Contract } from './contract';
import { newWriteId, randomName } from './random-name';
import { UNAVAILABLE, type StoreUnderTest } from './store-under-test';

const keks = newKeks();
export const keyset = (provider: string): KeysetRecord => newKeyset(provider, keks.primary, TEST_START, testRandomness);

/** The record with another revision, signed. */
function inRevision({ mac: _, ...record }: KeysetRecord, revision: number): KeysetRecord {
  return signKeyset({ ...record, revision, write_id: newWriteId() }, keks.primary);
}

/** The record with members that this release does not know. */
const extended = ({ mac: _, ...record }: KeysetRecord): KeysetRecord =>
  signKeyset(
    {
      ...record,
      later: {
        nothing: null,
        yes: true,
        empty: '',
        list: [1, 'two', [], {}, null],
        numbers: [0.1, 1 / 3, -1.5e-100, Number.MAX_SAFE_INTEGER, 2 ** 80, 1e100, Number.EPSILON],
        text: 'ünïcode 🔑',
        map: { deep: { deeper: { deepest: 'x' } } },
      },
      left_out: undefined,
      versions: { ...record.versions, '7': { state: 'destroyed', created_at: record.dek_created_at, by: ['a'] } },
    },
    keks.primary,
  );

const withoutUndefined = (record: KeysetRecord): unknown => JSON.parse(JSON.stringify(record));

/** Statements that every KeysetStore keeps. It is opened for us-east-1. */
export const keysetStoreContract: Contract<KeysetStore, StoreUnderTest<KeysetStore>> = {
  region: {
    'is the one that it was opened for': async ({ port }) => {
      expect(port.region).toBe('us-east-1');
    },
  },

  get: {
    'has nothing for a provider without a keyset': async ({ port, rival }) => {
      const provider = randomName('p');
      const record = keyset(provider);
      await rival.create(record);
      expect(await port.get(provider)).toStrictEqual(record);
      await expect(port.get(randomName('p'))).resolves.toBeUndefined();
      await expect(port.get(`${provider}x`)).resolves.toBeUndefined();
    },

    'returns a keyset exactly as it was written, so that its MAC verifies': async ({ port, rival }) => {
      const provider = randomName('p');
      const records = [keyset(provider), inRevision(keyset(provider), 2)] as const;
      await rival.create(records[0]);
      expect(await port.get(provider)).toStrictEqual(records[0]);
      await rival.replace(records[1], 1);
      const read = await port.get(provider);
      expect(read).toStrictEqual(records[1]);
      expect(() => verifyKeyset(read, provider, keks)).not.toThrow();
    },

    'keeps members that this release does not know, down to the last bit of a number': async ({ port, rival }) => {
      const record = extended(keyset(randomName('p')));
      await rival.create(record);
      const read = await port.get(record.provider);
      expect(read).toStrictEqual(withoutUndefined(record));
      expect(() => verifyKeyset(read, record.provider, keks)).not.toThrow();
    },

    'is unavailable where the region does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.get(randomName('p'))).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  create: {
    ...conditionalWriteStatements<KeysetStore>(async () => {
      const provider = randomName('p');
      const ours = keyset(provider);
      const later = inRevision(ours, 2);
      return {
        ours,
        write: (port) => port.create(ours),
        rivals: () => {
          const record = keyset(provider);
          return { record, write: (port) => port.create(record) };
        },
        cover: { record: later, write: (port) => port.replace(later, 1) },
        read: (port) => port.get(provider),
      };
    }),

    'is refused where there is a record, whatever its revision': async ({ port, rival }) => {
      for (const revision of [0, 1, 7]) {
        const provider = randomName('p');
        const record = inRevision(keyset(provider), revision);
        await rival.create(record);
        await expect(port.create(keyset(provider))).resolves.toBe('refused');
        expect(await rival.get(provider)).toStrictEqual(record);
      }
    },
  },

  replace: {
    ...conditionalWriteStatements<KeysetStore>(async (rival) => {
      const provider = randomName('p');
      const first = inRevision(keyset(provider), 5);
      await rival.create(first);
      const ours = inRevision(first, 6);
      const later = inRevision(first, 7);
      return {
        ours,
        write: (port) => port.replace(ours, 5),
        rivals: () => {
          const record = inRevision(first, 6);
          return { record, write: (port) => port.replace(record, 5) };
        },
        cover: { record: later, write: (port) => port.replace(later, 6) },
        read: (port) => port.get(provider),
      };
    }),

    'is refused where there is no record': async ({ port, rival }) => {
      const record = inRevision(keyset(randomName('p')), 2);
      await expect(port.replace(record, 1)).resolves.toBe('refused');
      await expect(rival.get(record.provider)).resolves.toBeUndefined();
    },

    'is refused at any other revision than the one that was read, lower or higher': async ({ port, rival }) => {
      const provider = randomName('p');
      const stored = inRevision(keyset(provider), 5);
      await rival.create(stored);
      for (const read of [1, 4, 6, 50]) {
        await expect(port.replace(inRevision(stored, read + 1), read)).resolves.toBe('refused');
      }
      expect(await rival.get(provider)).toStrictEqual(stored);
    },

    'changes no other provider’s': async ({ port, rival }) => {
      const [one, other] = [keyset(randomName('p')), keyset(randomName('p'))];
      await rival.create(one);
      await rival.create(other);
      await expect(port.replace(inRevision(one, 2), 1)).resolves.toBe('written');
      expect(await rival.get(other.provider)).toStrictEqual(other);
    },
  },
};

export interface KeysetScannerUnderTest extends StoreUnderTest<KeysetScanner> {
  /** A store over the same keysets. */
  readonly store: Pick<KeysetStore, 'create'>;
}

/** Statements that every KeysetScanner keeps. It is opened for us-east-1. */
export const keysetScannerContract: Contract<KeysetScanner, KeysetScannerUnderTest> = {
  region: {
    'is the one that it was opened for': async ({ port }) => {
      expect(port.region).toBe('us-east-1');
    },
  },

  all: {
    'finds every keyset, exactly as it was written': async ({ port, store }) => {
      const records = Array.from({ length: 5 }, () => extended(keyset(randomName('p'))));
      for (const record of records) await store.create(record);
      const found = new Map((await port.all()).map((row) => [row.provider, row.value]));
      for (const record of records) expect(found.get(record.provider)).toStrictEqual(withoutUndefined(record));
    },

    'is unavailable where the region does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.all()).rejects.toMatchObject(UNAVAILABLE);
    },
  },
};
