import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromCredentialItem, toCredentialItem } from '../../lambdas/adapters/aws/dynamodb/credential-item';
import {
  credentialContext,
  isDamaged,
  isPreviousDamaged,
  isTombstone,
  type StoredRow,
} from '../../lambdas/core/credentials/credential';
import { toDek } from '../../lambdas/core/crypto/dek';
import { openToken, parseToken } from '../../lambdas/core/crypto/token';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { previousVectorsText } from './generate';
import { fromHex } from './published-vectors';
import { openCurrent, openPrevious, versionMembers } from './second-credential';
import { credentialPairs } from './second-implementation';
import type { PreviousVectors } from './vector-types';

/** Each row twice: by the product, and by the implementation that is written from docs/format.md alone. */

const text = readFileSync(join(__dirname, '../../docs/vectors/kw1-previous.json'), 'utf8');
const vectors = JSON.parse(text) as PreviousVectors;
const { provider, name, deks_hex: hexes } = vectors;
const deks = new Map(Object.entries(hexes).map(([version, hex]) => [Number(version), fromHex(hex)]));

test('docs/vectors/kw1-previous.json is what the generator writes', () => {
  expect(text).toBe(previousVectorsText());
});

test('docs/vectors/kw1-previous.json is as it was first published', () => {
  expect(createHash('sha256').update(text, 'utf8').digest('hex')).toBe(
    'f6cc3e643f892317369f361fd34cf81a24704af5e41a61f16f61f2f6e709f9e0',
  );
});

type Value = Parameters<typeof credentialContext>[2];

function opens(ciphertext: string, metadata: Value, place?: Parameters<typeof credentialContext>[3]): string | null {
  try {
    const token = parseToken(ciphertext);
    const dek = toDek(provider, token.version, fromHex(hexes[token.version]!));
    return openToken(dek, credentialContext(provider, name, metadata, place), token);
  } catch (thrown) {
    if (thrown instanceof KeywardError) return null;
    throw thrown;
  }
}

const currentOf = (row: StoredRow): string | null =>
  isDamaged(row) || isTombstone(row) ? null : opens(row.ciphertext, row.metadata);

const previousOf = ({ previous }: StoredRow): string | null =>
  previous === undefined || isPreviousDamaged(previous)
    ? null
    : opens(previous.ciphertext, previous.metadata, previous);

test.each(vectors.rows)('a row: $comment', async ({ row, current, previous }) => {
  const stored = fromCredentialItem(provider, name, row);
  expect([currentOf(stored), previousOf(stored)]).toEqual([current, previous]);
  const second = [await openCurrent(row, deks), await openPrevious(row, deks)];
  expect(second.map((each) => each ?? null)).toEqual([current, previous]);
});

test.each(vectors.rows)('what is read of a row is written as it was: $comment', ({ row }) => {
  const stored = fromCredentialItem(provider, name, row) as StoredRow & { readonly write_id: string };
  const { key_version: _, current_key_version: __, ...members } = row;
  expect(toCredentialItem(stored)).toMatchObject(members);
});

const written = vectors.rows.slice(
  0,
  vectors.rows.findIndex(({ comment }) => comment.includes('exchanged')),
);

test.each(written)('the versions in a row: $comment', ({ row }) => {
  const { key_version: lower, current_key_version: current } = row;
  expect({
    ...(lower !== undefined && { key_version: lower }),
    ...(current !== undefined && { current_key_version: current }),
  }).toEqual(versionMembers(row));
});

test.each(vectors.contexts)('the context of a $comment value', async ({ comment, context }) => {
  const { row } = vectors.rows[0]!;
  const before = row['previous'] as Readonly<Record<string, unknown>>;
  const { revision, replaced_at: replacedAt } = before as { revision: number; replaced_at: string };
  const [value, place] = comment === 'current' ? [row] : [before, { revision, replacedAt }];
  expect(await credentialPairs(provider, name, JSON.parse(String(value['metadata'])), place)).toEqual(context);
});

test('rows are of each kind: both open, one, none', () => {
  const kinds = new Set(vectors.rows.map(({ current, previous }) => `${current !== null} ${previous !== null}`));
  expect(kinds.size).toBe(4);
  expect(written.length).toBeGreaterThan(6);
});
