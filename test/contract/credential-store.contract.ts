import { randomBytes } from 'node:crypto';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import type { CredentialRecord, StoredCredential } from '../../lambdas/core/credentials/credential';
import type { CredentialStore, ReadRow } from '../../lambdas/core/credentials/ports/credential-store';
import { conditionalWriteStatements } from './conditional-write.statements';
import type { Contract } from './contract';
import { newWriteId, randomName } from './random-name';
import { UNAVAILABLE, type StoreUnderTest } from './store-under-test';
import { credential, listed, previousValue, tombstone } from './stored-credentials';

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

/** The same credential under version 2, in place of `before`. */
const moved = (before: CredentialRecord): CredentialRecord => ({
  ...before,
  write_id: newWriteId(),
  ciphertext: `kw1.${before.provider}.2.BBBB`,
  key_version: 2,
});

type Lists = 'list' | 'listDeleted';

/** Every name, page by page; each page must advance. */
async function namesOf(port: CredentialStore, by: Lists, provider: string, limit: number): Promise<string[]> {
  const names: string[] = [];
  for (let after: string | undefined; ;) {
    const { rows, next } = await pageOf(port, by, provider, { limit, after });
    expect(rows.length).toBeLessThanOrEqual(limit);
    names.push(...rows.map(({ name }) => name));
    if (next === undefined) return names;
    expect(after === undefined || next > after).toBe(true);
    after = next;
  }
}

async function pageOf(
  port: CredentialStore,
  by: Lists,
  provider: string,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<{ rows: readonly { readonly name: string }[]; next: string | undefined }> {
  const page = { limit, consistent: true, ...(after !== undefined && { after }) };
  if (by === 'listDeleted') {
    const { deleted, next } = await port.listDeleted(provider, page);
    return { rows: deleted, next };
  }
  const { credentials, next } = await port.list(provider, page);
  return { rows: credentials, next };
}

const byBytes = (names: readonly string[]): string[] =>
  [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Statements that every CredentialStore keeps. */
export const credentialStoreContract: Contract<CredentialStore, StoreUnderTest<CredentialStore>> = {
  get: {
    'has nothing under a name that was never used': async ({ port, rival }) => {
      const provider = randomName('p');
      const record = credential(provider, 'a');
      await rival.put(record, undefined);
      expect(await port.get(provider, 'a', true)).toStrictEqual(record);
      await expect(port.get(provider, 'default', true)).resolves.toBeUndefined();
      await expect(port.get(provider, 'A', true)).resolves.toBeUndefined();
      await expect(port.get(randomName('p'), 'a', true)).resolves.toBeUndefined();
    },

    'returns a credential exactly as it was put, whatever its metadata': async ({ port, rival }) => {
      const record = credential(randomName('p'), 'default', { metadata: METADATA });
      await rival.put(record, undefined);
      for (const consistent of [true, false]) {
        // As text, because Jest also reads a member called `constructor`.
        expect(canonicalJson(await port.get(record.provider, 'default', consistent))).toBe(canonicalJson(record));
      }
    },

    'returns the previous value exactly as it was put, whatever its metadata and whichever version is the lower':
      async ({ port, rival }) => {
        for (const [current, previous] of [
          [2, 1],
          [1, 2],
          [3, 3],
        ] as const) {
          const before = previousValue({ key_version: previous, metadata: METADATA });
          const record = credential(randomName('p'), 'default', { key_version: current, previous: before });
          await rival.put(record, undefined);
          for (const consistent of [true, false]) {
            expect(canonicalJson(await port.get(record.provider, 'default', consistent))).toBe(canonicalJson(record));
          }
        }
      },

    'shows a deletion as what is left of it, with the value that can be restored or without': async ({
      port,
      rival,
    }) => {
      const provider = randomName('p');
      let read: ReadRow = credential(provider, 'a');
      await rival.put(read as CredentialRecord, undefined);
      for (const change of [{}, { previous: previousValue({ key_version: 2 }) }]) {
        const deleted = tombstone(provider, 'a', 2, change);
        await rival.put(deleted, read);
        expect(await port.get(provider, 'a', true)).toStrictEqual(deleted);
        read = deleted;
      }
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
      const names = await putNames(rival, provider);
      const deleted = names.filter((_, at) => at % 7 === 3);
      const kept = (name: string) => (deleted.indexOf(name) % 2 === 0 ? { previous: previousValue() } : {});
      await deleteNames(rival, provider, deleted, kept);
      const live = byBytes(names.filter((name) => !deleted.includes(name)));
      for (const limit of [3, 33, live.length, 200]) {
        expect(await namesOf(port, 'list', provider, limit)).toStrictEqual(live);
      }
    },

    'lists credentials as they were put, with what is told of the previous value, and without the ciphertexts': async ({
      port,
      rival,
    }) => {
      const provider = randomName('p');
      const records = [
        credential(provider, 'a', { metadata: METADATA }),
        credential(provider, 'b', { key_version: 2, previous: previousValue({ metadata: METADATA }) }),
        credential(provider, 'c', { previous: previousValue({ key_version: 3 }) }),
      ];
      for (const record of records) await rival.put(record, undefined);
      const { credentials } = await port.list(provider, { limit: 10, consistent: true });
      expect(canonicalJson(credentials)).toBe(canonicalJson(records.map((record) => listed(record))));
    },

    'starts after a name that need not exist': async ({ port, rival }) => {
      const provider = randomName('p');
      await Promise.all(['a', 'c'].map((name) => rival.put(credential(provider, name), undefined)));
      const names = async (after: string): Promise<string[]> =>
        (await port.list(provider, { limit: 5, consistent: false, after })).credentials.map(({ name }) => name);
      await expect(names('b')).resolves.toStrictEqual(['c']);
      await expect(names('a')).resolves.toStrictEqual(['c']);
      await expect(names('c')).resolves.toStrictEqual([]);
    },

    'has nothing where there is nothing, or nothing is left': async ({ port, rival }) => {
      const provider = randomName('p');
      await expect(port.list(provider, { limit: 5, consistent: true })).resolves.toStrictEqual({ credentials: [] });
      const before = credential(provider, 'a');
      await rival.put(before, undefined);
      await rival.put(tombstone(provider, 'a', 2, { previous: previousValue() }), before);
      await expect(port.list(provider, { limit: 5, consistent: true })).resolves.toStrictEqual({ credentials: [] });
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      const page = { limit: 5, consistent: true };
      await expect(port.list(randomName('p'), page)).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  listDeleted: {
    'pages through the deleted ones that hold a value, in the order of their bytes': async ({ port, rival }) => {
      const provider = randomName('p');
      const names = await putNames(rival, provider);
      const deleted = names.filter((_, at) => at % 5 !== 3);
      const restorable = deleted.filter((_, at) => at % 3 !== 1);
      await deleteNames(rival, provider, deleted, (name) =>
        restorable.includes(name) ? { previous: previousValue() } : {},
      );
      for (const limit of [3, 17, restorable.length, 200]) {
        expect(await namesOf(port, 'listDeleted', provider, limit)).toStrictEqual(byBytes(restorable));
      }
    },

    'lists them as they were put, without the ciphertexts': async ({ port, rival }) => {
      const provider = randomName('p');
      const deleted = ['a', 'b'].map((name) =>
        tombstone(provider, name, 3, { previous: previousValue({ revision: 2, key_version: 2, metadata: METADATA }) }),
      );
      for (const each of deleted) await rival.put(each, undefined);
      const page = await port.listDeleted(provider, { limit: 10, consistent: true });
      expect(canonicalJson(page)).toBe(canonicalJson({ deleted: deleted.map((row) => listed(row)) }));
    },

    'starts after a name that need not exist': async ({ port, rival }) => {
      const provider = randomName('p');
      const change = { previous: previousValue() };
      for (const name of ['a', 'c']) await rival.put(tombstone(provider, name, 2, change), undefined);
      const names = async (after: string): Promise<string[]> =>
        (await port.listDeleted(provider, { limit: 5, consistent: false, after })).deleted.map(({ name }) => name);
      await expect(names('b')).resolves.toStrictEqual(['c']);
      await expect(names('a')).resolves.toStrictEqual(['c']);
      await expect(names('c')).resolves.toStrictEqual([]);
    },

    'has nothing where there is nothing, nothing is deleted, or nothing is left of it': async ({ port, rival }) => {
      const provider = randomName('p');
      const page = { limit: 5, consistent: true };
      await expect(port.listDeleted(provider, page)).resolves.toStrictEqual({ deleted: [] });
      await rival.put(credential(provider, 'a', { previous: previousValue() }), undefined);
      await rival.put(tombstone(provider, 'b', 2), undefined);
      await rival.put(tombstone(`${provider}-x`, 'c', 2, { previous: previousValue() }), undefined);
      await expect(port.listDeleted(provider, page)).resolves.toStrictEqual({ deleted: [] });
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      const page = { limit: 5, consistent: true };
      await expect(port.listDeleted(randomName('p'), page)).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  put: {
    ...putStatements('a first one', () => undefined),
    ...putStatements('in the place of another', (provider) =>
      credential(provider, 'a', { revision: 4, previous: previousValue() }),
    ),
    ...putStatements('in the place of a deleted one', (provider) =>
      tombstone(provider, 'a', 2, { previous: previousValue() }),
    ),
    ...putStatements('of one whose write is lost', (provider) =>
      credential(provider, 'a', { revision: 4, write_id: WRITE_LOST }),
    ),
    ...putStatements(
      'of a move to another key',
      (provider) => credential(provider, 'a', { revision: 3, previous: previousValue() }),
      (before) => moved(before),
    ),

    'is refused where nothing is there, though something was read': async ({ port, rival }) => {
      const provider = randomName('p');
      for (const read of [{ write_id: newWriteId(), revision: 1 }, { revision: 1 }]) {
        await expect(port.put(credential(provider, 'a', { revision: 2 }), read)).resolves.toBe('refused');
        await expect(rival.get(provider, 'a', true)).resolves.toBeUndefined();
      }
    },

    'is refused where something is there, or has been, though nothing was read': async ({ port, rival }) => {
      const provider = randomName('p');
      for (const left of [credential(provider, 'a'), tombstone(provider, 'b', 1)]) {
        await rival.put(left, undefined);
        await expect(port.put(credential(provider, left.name), undefined)).resolves.toBe('refused');
        expect(await rival.get(provider, left.name, true)).toStrictEqual(left);
      }
    },

    'is refused over any other write than the one that was read, whatever its revision': async ({ port, rival }) => {
      const provider = randomName('p');
      const stored = credential(provider, 'a', { revision: 5 });
      await rival.put(stored, undefined);
      for (const revision of [1, 4, 5, 6, 50]) {
        for (const read of [{ write_id: newWriteId(), revision }, { revision }]) {
          await expect(port.put(credential(provider, 'a', { revision: revision + 1 }), read)).resolves.toBe('refused');
          await expect(port.put(tombstone(provider, 'a', revision + 1), read)).resolves.toBe('refused');
        }
      }
      expect(await rival.get(provider, 'a', true)).toStrictEqual(stored);
    },

    'is refused after a move to another key, an update, and a deletion': async ({ port, rival }) => {
      const provider = randomName('p');
      const first = credential(provider, 'a');
      const move = moved(first);
      const update = credential(provider, 'a', { revision: 2 });
      const deleted = tombstone(provider, 'a', 3, { previous: previousValue() });
      const expired = tombstone(provider, 'a', 3);
      await rival.put(first, undefined);
      let read: ReadRow = first;
      for (const next of [move, update, deleted, expired]) {
        await expect(rival.put(next, read)).resolves.toBe('written');
        await expect(port.put(credential(provider, 'a', { revision: 2 }), read)).resolves.toBe('refused');
        await expect(port.put(moved(first), read)).resolves.toBe('refused');
        expect(await rival.get(provider, 'a', true)).toStrictEqual(next);
        read = next;
      }
    },

    'of one whose write is lost goes by the revision, lower or higher': async ({ port, rival }) => {
      const provider = randomName('p');
      await rival.put(credential(provider, 'a', { revision: 5, write_id: WRITE_LOST }), undefined);
      for (const revision of [1, 4, 6, 50]) {
        await expect(port.put(tombstone(provider, 'a', revision + 1), { revision })).resolves.toBe('refused');
      }
      expect(await rival.get(provider, 'a', true)).toMatchObject({ revision: 5 });
      await expect(port.put(tombstone(provider, 'a', 6), { revision: 5 })).resolves.toBe('written');
    },

    'of one whose write is lost is refused once it has one again, under the same revision or deleted': async ({
      port,
      rival,
    }) => {
      for (const next of [credential, (of: string, name: string) => tombstone(of, name, 5)]) {
        const provider = randomName('p');
        await rival.put(credential(provider, 'a', { revision: 5, write_id: WRITE_LOST }), undefined);
        const mended = { ...next(provider, 'a'), revision: 5 };
        await expect(rival.put(mended, { revision: 5 })).resolves.toBe('written');
        await expect(port.put(tombstone(provider, 'a', 6), { revision: 5 })).resolves.toBe('refused');
        expect(await rival.get(provider, 'a', true)).toStrictEqual(mended);
      }
    },

    'takes a previous value away where the row has none': async ({ port, rival }) => {
      const provider = randomName('p');
      for (const kept of [credential(provider, 'a'), tombstone(provider, 'b', 2)]) {
        const before = { ...kept, write_id: newWriteId(), previous: previousValue({ key_version: 3 }) };
        await rival.put(before, undefined);
        await expect(port.put(kept, before)).resolves.toBe('written');
        expect(await rival.get(provider, kept.name, true)).toStrictEqual(kept);
      }
    },

    'changes no other name, and no other provider’s': async ({ port, rival }) => {
      const provider = randomName('p');
      const others = [credential(provider, 'b'), credential(`${provider}-x`, 'a')];
      for (const other of others) await rival.put(other, undefined);
      await expect(port.put(credential(provider, 'a'), undefined)).resolves.toBe('written');
      for (const other of others) expect(await rival.get(other.provider, other.name, true)).toStrictEqual(other);
    },
  },

  hasAny: {
    'says no of a provider that never had one': async ({ port, rival }) => {
      const provider = randomName('p');
      await rival.put(credential(`${provider}-x`, 'a'), undefined);
      await expect(port.hasAny(provider)).resolves.toBe(false);
      await expect(port.hasAny(`${provider}-x`)).resolves.toBe(true);
    },

    'counts deleted ones, too, in whatever place': async ({ port, rival }) => {
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
        const provider = randomName('p');
        const before = credential(provider, name);
        await rival.put(before, undefined);
        await expect(port.hasAny(provider)).resolves.toBe(true);
        await rival.put(tombstone(provider, name, 2), before);
        await expect(port.hasAny(provider)).resolves.toBe(true);
      }
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.hasAny(randomName('p'))).rejects.toMatchObject(UNAVAILABLE);
    },
  },
};

/** The row after an edit has removed a member. */
const WRITE_LOST = '';

/** Stores many names, and one of another provider. */
async function putNames(rival: CredentialStore, provider: string): Promise<readonly string[]> {
  const names = [
    ...['Zebra', 'a', 'A', '0', '9z', 'a-b', 'a.b', 'a_b', 'aB', 'z'.repeat(128)],
    ...Array.from({ length: 40 }, () => randomBytes(5).toString('hex')),
  ];
  const puts = names.map((name) => rival.put(credential(provider, name, { write_id: `of-${name}` }), undefined));
  await Promise.all(puts);
  await rival.put(credential(`${provider}-x`, 'foreign'), undefined);
  return names;
}

/** The names of {@link putNames}. */
async function deleteNames(
  rival: CredentialStore,
  provider: string,
  names: readonly string[],
  left: (name: string) => Partial<StoredCredential>,
): Promise<void> {
  const deletions = names.map((name) =>
    rival.put(tombstone(provider, name, 2, left(name)), { write_id: `of-${name}` }),
  );
  expect(new Set(await Promise.all(deletions))).toStrictEqual(new Set(['written']));
}

/**
 * Statements for every put, by the row that was there before.
 *
 * @param prepare stores that row
 * @param next the new row; different for each call
 */
function putStatements<R extends StoredCredential | undefined>(
  where: string,
  prepare: (provider: string) => R,
  next: (before: R, provider: string) => CredentialRecord = (before, provider) =>
    credential(provider, 'a', { revision: (before?.revision ?? 0) + 1, previous: previousValue({ key_version: 2 }) }),
) {
  const statements = conditionalWriteStatements<CredentialStore>(async (rival) => {
    const provider = randomName('p');
    const before = prepare(provider);
    if (before !== undefined) await rival.put(before, undefined);
    const read = before?.write_id === WRITE_LOST ? { revision: before.revision } : before;
    const ours = next(before, provider);
    const expected = structuredClone(ours);
    const later = tombstone(provider, 'a', expected.revision + 1);
    return {
      ours,
      write: (port) => port.put(ours, read),
      rivals: () => {
        const record = next(before, provider);
        return { record, write: (port) => port.put(record, read) };
      },
      cover: { record: later, write: (port) => port.put(later, expected) },
      read: (port) => port.get(provider, 'a', true),
    };
  });
  return Object.fromEntries(Object.entries(statements).map(([name, statement]) => [`${where} ${name}`, statement]));
}
