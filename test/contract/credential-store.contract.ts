import { randomBytes } from 'node:crypto';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import type { CredentialRecord } from '../../lambdas/core/credentials/credential';
import type { CredentialStore } from '../../lambdas/core/credentials/ports/credential-store';
import { conditionalWriteStatements } from './conditional-write.statements';
import type { Contract } from './contract';
import { newWriteId, randomName } from './random-name';
import { UNAVAILABLE, type StoreUnderTest } from './store-under-test';
import { credential, tombstone } from './stored-credentials';

const METADATA = {
  base_url: 'https://example.invalid/v1',
  constructor: { name: 'Number' },
  toString: 'x',
  '': 'no name',
  number: 2 ** 60,
  tiny: 1e-100,
  list: [null, true, { a: [] }],
  ünï: '🔑',
};

/** The same credential under version 2, in the place of `before`. */
const moved = (before: CredentialRecord): CredentialRecord => ({
  ...before,
  write_id: newWriteId(),
  ciphertext: `kw1.${before.provider}.2.BBBB`,
  key_version: 2,
});

/** Every name, page by page; each page moves on. */
async function namesOf(port: CredentialStore, provider: string, limit: number): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await port.list(provider, { limit, consistent: true, ...(after !== undefined && { after }) });
    expect(page.credentials.length).toBeLessThanOrEqual(limit);
    names.push(...page.credentials.map(({ name }) => name));
    if (page.next === undefined) return names;
    expect(after === undefined || page.next > after).toBe(true);
    after = page.next;
  }
}

/** What every CredentialStore keeps. */
export const credentialStoreContract: Contract<CredentialStore, StoreUnderTest<CredentialStore>> = {
  get: {
    'has nothing under a name that was never used': async ({ port, rival }) => {
      const provider = randomName('p');
      const record = credential(provider, 'a');
      await rival.put(record, 0);
      expect(await port.get(provider, 'a', true)).toStrictEqual(record);
      await expect(port.get(provider, 'default', true)).resolves.toBeUndefined();
      await expect(port.get(provider, 'A', true)).resolves.toBeUndefined();
      await expect(port.get(randomName('p'), 'a', true)).resolves.toBeUndefined();
    },

    'returns a credential exactly as it was put, whatever its metadata': async ({ port, rival }) => {
      const record = credential(randomName('p'), 'default', { metadata: METADATA });
      await rival.put(record, 0);
      for (const consistent of [true, false]) {
        // As text, because Jest looks at a member called `constructor`, too.
        expect(canonicalJson(await port.get(record.provider, 'default', consistent))).toBe(canonicalJson(record));
      }
    },

    'shows a deletion as what is left of it': async ({ port, rival }) => {
      const provider = randomName('p');
      await rival.put(credential(provider, 'a'), 0);
      const deleted = tombstone(provider, 'a', 2);
      await rival.put(deleted, 1);
      expect(await port.get(provider, 'a', true)).toStrictEqual(deleted);
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.get(randomName('p'), 'a', true)).rejects.toMatchObject(UNAVAILABLE);
      await expect(port.get(randomName('p'), 'a', false)).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  list: {
    'pages through all names in the order of their bytes, without those that were deleted': async ({ port, rival }) => {
      const provider = randomName('p');
      const names = [
        ...['Zebra', 'a', 'A', '0', '9z', 'a-b', 'a.b', 'a_b', 'aB', 'z'.repeat(128)],
        ...Array.from({ length: 40 }, () => randomBytes(5).toString('hex')),
      ];
      await Promise.all(names.map((name) => rival.put(credential(provider, name), 0)));
      await rival.put(credential(`${provider}-x`, 'foreign'), 0);
      const deleted = names.filter((_, at) => at % 7 === 3);
      await Promise.all(deleted.map((name) => rival.put(tombstone(provider, name, 2), 1)));
      const live = names
        .filter((name) => !deleted.includes(name))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      for (const limit of [3, 33, live.length, 200]) {
        expect(await namesOf(port, provider, limit)).toStrictEqual(live);
      }
    },

    'lists credentials exactly as they were put': async ({ port, rival }) => {
      const provider = randomName('p');
      const records = ['a', 'b'].map((name) => credential(provider, name, { metadata: METADATA }));
      for (const record of records) await rival.put(record, 0);
      const { credentials } = await port.list(provider, { limit: 10, consistent: true });
      expect(canonicalJson(credentials)).toBe(canonicalJson(records));
    },

    'starts after a name that need not exist': async ({ port, rival }) => {
      const provider = randomName('p');
      await Promise.all(['a', 'c'].map((name) => rival.put(credential(provider, name), 0)));
      const names = async (after: string): Promise<string[]> =>
        (await port.list(provider, { limit: 5, consistent: false, after })).credentials.map(({ name }) => name);
      await expect(names('b')).resolves.toStrictEqual(['c']);
      await expect(names('a')).resolves.toStrictEqual(['c']);
      await expect(names('c')).resolves.toStrictEqual([]);
    },

    'has nothing where there is nothing, or nothing is left': async ({ port, rival }) => {
      const provider = randomName('p');
      await expect(port.list(provider, { limit: 5, consistent: true })).resolves.toStrictEqual({ credentials: [] });
      await rival.put(credential(provider, 'a'), 0);
      await rival.put(tombstone(provider, 'a', 2), 1);
      await expect(port.list(provider, { limit: 5, consistent: true })).resolves.toStrictEqual({ credentials: [] });
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      const page = { limit: 5, consistent: true };
      await expect(port.list(randomName('p'), page)).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  put: {
    ...putStatements('a first one', async () => {
      const provider = randomName('p');
      return { provider, revision: 0 };
    }),
    ...putStatements('in the place of another', async (rival) => {
      const provider = randomName('p');
      await rival.put(credential(provider, 'a', { revision: 4 }), 0);
      return { provider, revision: 4 };
    }),
    ...putStatements('in the place of a deleted one', async (rival) => {
      const provider = randomName('p');
      await rival.put(credential(provider, 'a'), 0);
      await rival.put(tombstone(provider, 'a', 2), 1);
      return { provider, revision: 2 };
    }),

    'is refused where nothing is there, though something was read': async ({ port, rival }) => {
      const provider = randomName('p');
      await expect(port.put(credential(provider, 'a', { revision: 2 }), 1)).resolves.toBe('refused');
      await expect(rival.get(provider, 'a', true)).resolves.toBeUndefined();
    },

    'is refused where something is there, or has been, though nothing was read': async ({ port, rival }) => {
      const provider = randomName('p');
      for (const left of [credential(provider, 'a'), tombstone(provider, 'b', 1)]) {
        await rival.put(left, 0);
        await expect(port.put(credential(provider, left.name), 0)).resolves.toBe('refused');
        expect(await rival.get(provider, left.name, true)).toStrictEqual(left);
      }
    },

    'is refused at any other revision than the one that was read, lower or higher': async ({ port, rival }) => {
      const provider = randomName('p');
      const stored = credential(provider, 'a', { revision: 5 });
      await rival.put(stored, 0);
      for (const read of [1, 4, 6, 50]) {
        await expect(port.put(credential(provider, 'a', { revision: read + 1 }), read)).resolves.toBe('refused');
        await expect(port.put(tombstone(provider, 'a', read + 1), read)).resolves.toBe('refused');
      }
      expect(await rival.get(provider, 'a', true)).toStrictEqual(stored);
    },

    'changes no other name, and no other provider’s': async ({ port, rival }) => {
      const provider = randomName('p');
      const others = [credential(provider, 'b'), credential(`${provider}-x`, 'a')];
      for (const other of others) await rival.put(other, 0);
      await expect(port.put(credential(provider, 'a'), 0)).resolves.toBe('written');
      for (const other of others) expect(await rival.get(other.provider, other.name, true)).toStrictEqual(other);
    },
  },

  rekey: {
    ...conditionalWriteStatements<CredentialStore>(async (rival) => {
      const provider = randomName('p');
      const before = credential(provider, 'a', { revision: 3 });
      await rival.put(before, 0);
      const ours = moved(before);
      const later = moved(ours);
      return {
        ours,
        write: (port) => port.rekey(ours, before.write_id),
        rivals: () => {
          const record = moved(before);
          return { record, write: (port) => port.rekey(record, before.write_id) };
        },
        cover: { record: later, write: (port) => port.rekey(later, ours.write_id) },
        read: (port) => port.get(provider, 'a', true),
      };
    }),

    'lets an update, a deletion and another move win, and makes nothing where nothing is': async ({ port, rival }) => {
      const provider = randomName('p');
      const before = credential(provider, 'a');
      const attempt = () => port.rekey(moved(before), before.write_id);
      await expect(attempt()).resolves.toBe('refused');
      await expect(rival.get(provider, 'a', true)).resolves.toBeUndefined();
      await rival.put(before, 0);
      const otherMove = moved(before);
      await rival.rekey(otherMove, before.write_id);
      await expect(attempt()).resolves.toBe('refused');
      expect(await rival.get(provider, 'a', true)).toStrictEqual(otherMove);
      const update = credential(provider, 'a', { revision: 2 });
      await rival.put(update, 1);
      await expect(attempt()).resolves.toBe('refused');
      expect(await rival.get(provider, 'a', true)).toStrictEqual(update);
      const deleted = tombstone(provider, 'a', 3);
      await rival.put(deleted, 2);
      await expect(port.rekey(moved(update), update.write_id)).resolves.toBe('refused');
      expect(await rival.get(provider, 'a', true)).toStrictEqual(deleted);
    },

    'stands in the way of nobody who holds the revision': async ({ port, rival }) => {
      const provider = randomName('p');
      const before = credential(provider, 'a');
      await rival.put(before, 0);
      await port.rekey(moved(before), before.write_id);
      await expect(rival.put(credential(provider, 'a', { revision: 2 }), 1)).resolves.toBe('written');
    },
  },

  hasAny: {
    'says no of a provider that never had one': async ({ port, rival }) => {
      const provider = randomName('p');
      await rival.put(credential(`${provider}-x`, 'a'), 0);
      await expect(port.hasAny(provider)).resolves.toBe(false);
      await expect(port.hasAny(`${provider}-x`)).resolves.toBe(true);
    },

    'counts deleted ones, too, in whatever place': async ({ port, rival }) => {
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const provider = randomName('p');
        await rival.put(credential(provider, name), 0);
        await expect(port.hasAny(provider)).resolves.toBe(true);
        await rival.put(tombstone(provider, name, 2), 1);
        await expect(port.hasAny(provider)).resolves.toBe(true);
      }
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.hasAny(randomName('p'))).rejects.toMatchObject(UNAVAILABLE);
    },
  },
};

/** What every put keeps, on what is there before. */
function putStatements(
  where: string,
  prepare: (rival: CredentialStore) => Promise<{ provider: string; revision: number }>,
) {
  const statements = conditionalWriteStatements<CredentialStore>(async (rival) => {
    const { provider, revision } = await prepare(rival);
    const next = (change: Partial<CredentialRecord> = {}): CredentialRecord =>
      credential(provider, 'a', { revision: revision + 1, ...change });
    const ours = next();
    const later = tombstone(provider, 'a', revision + 2);
    return {
      ours,
      write: (port) => port.put(ours, revision),
      rivals: () => {
        const record = next();
        return { record, write: (port) => port.put(record, revision) };
      },
      cover: { record: later, write: (port) => port.put(later, revision + 1) },
      read: (port) => port.get(provider, 'a', true),
    };
  });
  return Object.fromEntries(Object.entries(statements).map(([name, statement]) => [`${where} ${name}`, statement]));
}
