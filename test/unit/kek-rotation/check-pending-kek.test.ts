import { KEK_RETENTION_MS } from '../../../lambdas/core/contract/protocol-times';
import { newKeyset, signKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import {
  newKekSecretRecord,
  parseKekSecret,
  serializeKekSecret,
  type KekSecretRecord,
} from '../../../lambdas/core/crypto/kek-keyset';
import { nextKekSecret } from '../../../lambdas/core/kek-rotation/next-kek-secret';
import { wrapNewDek } from '../../../lambdas/core/crypto/wrapped-dek';
import {
  checkPendingKek,
  referencedKekIds,
  UnfitKekSecret,
} from '../../../lambdas/core/kek-rotation/check-pending-kek';
import { CountingMetrics, TEST_START, testRandomness } from '../../doubles/memory-ports';

const version = (record: KekSecretRecord) => ({ record, keyset: parseKekSecret(serializeKekSecret(record)) });
const first = newKekSecretRecord(testRandomness, TEST_START);
const next = (current: KekSecretRecord, now: number, referenced: readonly string[] = []) =>
  nextKekSecret(current, 'parent', new Set(referenced), now, testRandomness);
const current = version(first);
const pending = version(next(first, TEST_START));

function check(to: KekSecretRecord, from = current, value?: unknown, now = TEST_START): CountingMetrics {
  const metrics = new CountingMetrics();
  const stored = value === undefined ? [] : [{ provider: 'openai', value }];
  checkPendingKek(version(to), from, stored, { randomness: testRandomness, metrics, now });
  return metrics;
}

test('the next secret is fit, with or without keysets', () => {
  expect(check(pending.record).of('keyset_damaged')).toBe(0);
  const value = newKeyset('openai', current.keyset.primary, TEST_START, testRandomness);
  expect(check(pending.record, current, value).of('keyset_damaged')).toBe(0);
});

/** A keyset with version 1 destroyed, and `wrapped` as its version 2. */
const keyset = (wrapped: string) => {
  const { mac: _mac, ...record } = newKeyset('openai', current.keyset.primary, TEST_START, testRandomness);
  const created_at = record.dek_created_at;
  const versions = {
    '1': { state: 'destroyed' as const, created_at },
    '2': { state: 'primary' as const, created_at, encrypted_dek: wrapped },
  };
  return signKeyset({ ...record, primary_version: 2, versions }, current.keyset.primary);
};

test('a version that was destroyed is not asked to open', () => {
  const value = keyset(wrapNewDek(current.keyset.primary, 'openai', 2, testRandomness));
  expect(check(pending.record, current, value).of('keyset_damaged')).toBe(0);
});

test('a version that did not open before is an alarm and blocks nothing', () => {
  const value = keyset(wrapNewDek(current.keyset.primary, 'google', 2, testRandomness));
  expect(check(pending.record, current, value).of('keyset_damaged')).toBe(1);
});

test.each([
  ['the current one again', first, 'the primary is not new'],
  ['one without the current primary', newKekSecretRecord(testRandomness, TEST_START), 'a KEK is missing'],
  [
    'one with another key under a known id',
    {
      ...pending.record,
      keys: {
        ...pending.record.keys,
        [first.primary]: { ...pending.record.keys[first.primary]!, material: Buffer.alloc(32, 7).toString('base64') },
      },
    },
    'a KEK was replaced',
  ],
])('%s is not', (_, record, why) => {
  expect(() => check(record)).toThrow(new UnfitKekSecret(why));
});

test('a KEK may be missing once nothing has needed it for 40 days, and not a moment before', () => {
  const retired = next(first, TEST_START);
  const { [first.primary]: _old, ...keys } = next(retired, TEST_START).keys;
  const without = {
    ...next(retired, TEST_START),
    keys,
    primary: Object.keys(keys).find((id) => !Object.hasOwn(retired.keys, id))!,
  };
  const checkAt = (now: number) => () => check(without, version(retired), undefined, now);
  expect(checkAt(TEST_START + KEK_RETENTION_MS - 1)).toThrow('a KEK is missing');
  expect(checkAt(TEST_START + KEK_RETENTION_MS)).not.toThrow();
});

test('what cannot even be read stops the check', () => {
  const value = {
    get versions(): never {
      throw new TypeError('a bug');
    },
  };
  expect(() => check(pending.record, current, value)).toThrow(TypeError);
});

test('references are counted in damaged records too', () => {
  const stored = [{ kek_id: 'a' }, { kek_id: 7 }, null, 'text', { kek_id: 'b', mac: 'broken' }];
  expect(referencedKekIds(stored.map((value) => ({ provider: 'openai', value })))).toEqual(new Set(['a', 'b']));
});
