import { newKekSecretRecord, parseKekSecretRecord, serializeKekSecret } from '../../../lambdas/core/crypto/kek-keyset';
import { kekIdsDropped, mayLeave, nextKekSecret } from '../../../lambdas/core/kek-rotation/next-kek-secret';
import { testRandomness } from '../../doubles/memory-ports';

/** In days, as separate numbers: a change in the product needs one here, too. */
const KEK_RETENTION_MS = 40 * 86_400_000;

const START = Date.parse('2026-11-21T09:00:00.000Z');
const at = (ms: number): string => new Date(START + ms).toISOString();
const first = newKekSecretRecord(testRandomness, START);
const id = first.primary;
const NONE: ReadonlySet<string> = new Set();

test('from the placeholder: one fresh KEK, and a parent', () => {
  const made = nextKekSecret(undefined, 'v0', NONE, START, testRandomness);
  expect(Object.keys(made.keys)).toEqual([made.primary]);
  expect(made.parent_version_id).toBe('v0');
});

test('a fresh primary in front; the old one keeps its key, and when it retired', () => {
  const second = nextKekSecret(first, 'v1', new Set([id]), START + 5, testRandomness);
  expect(parseKekSecretRecord(serializeKekSecret(second))).toEqual(second);
  expect(second.primary).not.toBe(id);
  expect(second.keys[id]).toEqual({ ...first.keys[id], state: 'unwrap_only', retired_at: at(5) });
  const third = nextKekSecret(second, 'v2', new Set([id]), START + 9, testRandomness);
  expect(third.keys[id]).toEqual(second.keys[id]);
  expect(kekIdsDropped(second, third)).toEqual([]);
});

test('unreferenced_since: set when first seen, kept where nobody can tell, gone when referred to again', () => {
  const rotate = (from: typeof first, referenced: ReadonlySet<string> | undefined, ms: number) =>
    nextKekSecret(from, 'v', referenced, START + ms, testRandomness);
  const unseen = rotate(first, undefined, 1);
  expect(unseen.keys[id]).not.toHaveProperty('unreferenced_since');
  const seen = rotate(unseen, NONE, 2);
  expect(seen.keys[id]).toMatchObject({ retired_at: at(1), unreferenced_since: at(2) });
  expect(rotate(seen, undefined, 3).keys[id]).toMatchObject({ unreferenced_since: at(2) });
  expect(rotate(seen, NONE, 4).keys[id]).toMatchObject({ unreferenced_since: at(2) });
  expect(rotate(seen, new Set([id]), 5).keys[id]).not.toHaveProperty('unreferenced_since');
});

test('a KEK leaves 40 days after both, never while a region is silent', () => {
  const retired = nextKekSecret(first, 'v1', undefined, START, testRandomness);
  const unreferenced = nextKekSecret(retired, 'v2', NONE, START + 1000, testRandomness);
  const idsAt = (ms: number, referenced: ReadonlySet<string> | undefined) =>
    Object.keys(nextKekSecret(unreferenced, 'v3', referenced, START + ms, testRandomness).keys);
  expect(idsAt(1000 + KEK_RETENTION_MS - 1, NONE)).toContain(id);
  expect(idsAt(1000 + KEK_RETENTION_MS, undefined)).toContain(id);
  expect(idsAt(1000 + KEK_RETENTION_MS, new Set([id]))).toContain(id);
  expect(idsAt(1000 + KEK_RETENTION_MS, NONE)).not.toContain(id);
});

test('the primary never may leave, whatever else its record says', () => {
  const long = { unreferenced_since: at(-2 * KEK_RETENTION_MS), retired_at: at(-2 * KEK_RETENTION_MS) };
  const kek = { ...first.keys[id]!, ...long };
  expect(mayLeave(kek, START)).toBe(false);
  expect(mayLeave({ ...kek, state: 'unwrap_only' }, START)).toBe(true);
  expect(mayLeave({ ...kek, state: 'unwrap_only', retired_at: at(0) }, START)).toBe(false);
  const { retired_at: _retired, ...without } = kek;
  expect(mayLeave({ ...without, state: 'unwrap_only' }, START)).toBe(false);
});
