import { formatCheckpoint } from '../../../lambdas/core/transparency/checkpoint';
import { followHandOver } from '../../../lambdas/core/transparency/follow-hand-over';
import { formatKeyHandOver } from '../../../lambdas/core/transparency/key-hand-over';
import { formatLogProof } from '../../../lambdas/core/transparency/log-proof';
import type { Tree } from '../../../lambdas/core/transparency/merkle-proof';
import { isOneAccount, openCheckpoint } from '../../../lambdas/core/transparency/open-checkpoint';
import { parseTrustPolicy } from '../../../lambdas/core/transparency/parse-trust-policy';
import { formatNote } from '../../../lambdas/core/transparency/signed-note';
import type { TrustPolicy } from '../../../lambdas/core/transparency/trust-policy';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { verifyLogProof } from '../../../lambdas/core/transparency/verify-log-proof';
import { naiveTree, someEntries } from './naive-tree';
import { testSigner, type TestSigner } from '../../doubles/transparency/test-signer';

const ORIGIN = '123456789012/keyward/prod/us-east-1';
const log = testSigner(ORIGIN);
const own = testSigner(`${ORIGIN}/cosigner`, 'cosignature');
const outside = testSigner('witness.example/w', 'cosignature');
const naive = naiveTree(someEntries(9));

function policyOf(...lines: readonly string[]): TrustPolicy {
  const parsed = parseTrustPolicy(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  if (parsed.fault !== undefined) throw new Error(parsed.fault);
  return parsed.value;
}
const LOG = `log ${formatVerifierKey(log.key)}`;
const OWN = `witness own ${formatVerifierKey(own.key)}`;
const OUTSIDE = `witness outside ${formatVerifierKey(outside.key)}`;
const BOTH = policyOf(LOG, OWN, OUTSIDE, 'group both all own outside', 'quorum both');

function checkpoint(tree: Tree, signers: readonly (TestSigner | [TestSigner, number])[], origin = ORIGIN): Buffer {
  const text = formatCheckpoint({ origin, ...tree, extensions: [] });
  const signatures = signers.map((each) => (Array.isArray(each) ? each[0].sign(text, each[1]) : each.sign(text)));
  return formatNote({ text, signatures });
}

test('opens a checkpoint that the log and the quorum signed, and says when the quorum had', () => {
  const { value } = openCheckpoint(checkpoint(naive.tree(7), [log, [own, 50], [outside, 40]]), BOTH);
  expect(value).toEqual({
    checkpoint: { origin: ORIGIN, ...naive.tree(7), extensions: [] },
    signers: [log.key],
    cosigned: new Map([
      ['own', 50],
      ['outside', 40],
    ]),
    witnessedAt: 40,
  });
});

test('of several cosignatures of one witness the latest counts', () => {
  const bytes = checkpoint(naive.tree(7), [log, [own, 50], [own, 90], [own, 60], [outside, 70]]);
  expect(openCheckpoint(bytes, BOTH).value).toMatchObject({ witnessedAt: 70 });
  expect(openCheckpoint(bytes, BOTH).value?.cosigned.get('own')).toBe(90);
});

test.each([
  ['without the log', [own, outside], 'log_signature_missing'],
  ['without the outside witness', [log, own], 'quorum_missing'],
  ['without its own cosigner', [log, outside], 'quorum_missing'],
  ['of strangers', [testSigner('example.net/x')], 'signature_missing'],
  ['of another key of the log’s name', [testSigner(ORIGIN, 'ed25519', 'other'), own, outside], 'log_signature_missing'],
])('refuses a checkpoint %s', (_, signers, fault) => {
  expect(openCheckpoint(checkpoint(naive.tree(7), signers), BOTH)).toEqual({ fault });
});

test('refuses the signature of a log under another log’s origin, though both are trusted', () => {
  const other = testSigner('123456789012/keyward/prod/eu-west-1');
  const policy = policyOf(LOG, `log ${formatVerifierKey(other.key)}`, OUTSIDE, 'quorum outside');
  expect(openCheckpoint(checkpoint(naive.tree(7), [log, outside]), policy).fault).toBeUndefined();
  const swapped = checkpoint(naive.tree(7), [log, outside], other.key.name);
  expect(openCheckpoint(swapped, policy)).toEqual({ fault: 'log_signature_missing' });
});

test('refuses what is no note, and a note that is no checkpoint', () => {
  expect(openCheckpoint(Buffer.from('x'), BOTH)).toEqual({ fault: 'note_form' });
  const text = 'x\n';
  expect(openCheckpoint(formatNote({ text, signatures: [log.sign(text)] }), BOTH)).toEqual({
    fault: 'checkpoint_form',
  });
});

test.each([
  ['no witness', policyOf(LOG, 'quorum none'), true],
  ['its own cosigner', policyOf(LOG, OWN, 'quorum own'), true],
  ['either of both', policyOf(LOG, OWN, OUTSIDE, 'group g any own outside', 'quorum g'), true],
  ['both', BOTH, false],
  ['an outside witness', policyOf(LOG, OUTSIDE, 'quorum outside'), false],
])('a policy that asks for %s is one account: %#', (_, policy, is) => {
  expect(isOneAccount(policy, ORIGIN)).toBe(is);
});

describe('proofs', () => {
  const entry = someEntries(9)[4]!;
  const bytes = checkpoint(naive.tree(9), [log, own, outside]);
  const proof = formatLogProof({ index: 4, hashes: naive.inclusion(4, 9), checkpoint: bytes });

  test('an entry is in the log of a checkpoint', () => {
    expect(verifyLogProof(proof, entry, BOTH).value).toMatchObject({ index: 4, checkpoint: { size: 9 } });
  });

  test('another entry, another index, a checkpoint without quorum and a text that is none are refused', () => {
    expect(verifyLogProof(proof, someEntries(9)[5]!, BOTH)).toEqual({ fault: 'proof_mismatch' });
    const elsewhere = Buffer.from(proof.toString('utf8').replace('index 4', 'index 5'));
    expect(verifyLogProof(elsewhere, entry, BOTH)).toEqual({ fault: 'proof_mismatch' });
    const unwitnessed = formatLogProof({
      index: 4,
      hashes: naive.inclusion(4, 9),
      checkpoint: checkpoint(naive.tree(9), [log, own]),
    });
    expect(verifyLogProof(unwitnessed, entry, BOTH)).toEqual({ fault: 'quorum_missing' });
    expect(verifyLogProof(Buffer.from('x'), entry, BOTH)).toEqual({ fault: 'proof_form' });
  });
});

describe('a hand-over', () => {
  const next = testSigner(ORIGIN, 'ed25519', 'next');
  const entry = formatKeyHandOver({ from: log.key, to: next.key });
  const withEntry = naiveTree([...someEntries(4), entry, ...someEntries(9)]);
  const proofOf = (tree: ReturnType<typeof naiveTree>, index: number, size: number, signers = [log, own, outside]) =>
    formatLogProof({
      index,
      hashes: tree.inclusion(index, size),
      checkpoint: checkpoint(tree.tree(size), signers),
    });
  const followed = followHandOver(proofOf(withEntry, 4, 7), entry, BOTH).value!;
  const opens = (size: number, signer: TestSigner, policy = followed) =>
    openCheckpoint(checkpoint(withEntry.tree(size), [signer, own, outside]), policy).fault === undefined;

  test('makes the new key trusted from its entry on, and the old one up to the checkpoint that proves it', () => {
    expect([4, 5, 7, 8, 13].map((size) => opens(size, next))).toEqual([false, true, true, true, true]);
    expect([1, 4, 7, 8, 13].map((size) => opens(size, log))).toEqual([true, true, true, false, false]);
    expect(opens(8, next, BOTH)).toBe(false);
  });

  test('can be followed by another, and the old key hands over nothing any more', () => {
    const third = testSigner(ORIGIN, 'ed25519', 'third');
    const again = formatKeyHandOver({ from: next.key, to: third.key });
    const longer = naiveTree([...someEntries(4), entry, ...someEntries(3), again]);
    const twice = followHandOver(proofOf(longer, 8, 9, [next, own, outside]), again, followed).value!;
    const text = checkpoint(longer.tree(9), [third, own, outside]);
    expect(openCheckpoint(text, twice).fault).toBeUndefined();
    const forged = formatKeyHandOver({ from: log.key, to: third.key });
    const byOld = naiveTree([...someEntries(4), entry, ...someEntries(3), forged]);
    expect(followHandOver(proofOf(byOld, 8, 9), forged, followed)).toEqual({ fault: 'log_signature_missing' });
  });

  test('of the log’s own cosigner is followed, too', () => {
    const cosigner = testSigner(own.key.name, 'cosignature', 'next cosigner');
    const of = formatKeyHandOver({ from: own.key, to: cosigner.key });
    const tree = naiveTree([of, ...someEntries(3)]);
    const policy = followHandOver(proofOf(tree, 0, 2), of, BOTH).value!;
    const by = (signer: TestSigner) =>
      openCheckpoint(checkpoint(tree.tree(3), [log, [signer, 5], [outside, 9]]), policy);
    expect(by(cosigner).value).toMatchObject({ witnessedAt: 5 });
    expect(by(own)).toEqual({ fault: 'quorum_missing' });
  });

  test.each([
    ['of an outside witness’s key', outside.key, testSigner(outside.key.name, 'cosignature', 'of the log').key],
    ['from a key that nobody trusts', testSigner(ORIGIN, 'ed25519', 'x').key, next.key],
    ['to a key that is trusted already', log.key, testSigner(ORIGIN, 'ed25519', outside.key.name).key],
  ])('%s is refused', (_, from, to) => {
    const of = formatKeyHandOver({ from, to });
    const tree = naiveTree([of, ...someEntries(3)]);
    expect(followHandOver(proofOf(tree, 0, 2), of, BOTH)).toEqual({ fault: 'hand_over_keys' });
  });

  test('needs the old key’s signature, its entry in the log, and an entry that is one', () => {
    expect(followHandOver(proofOf(withEntry, 4, 7, [next, own, outside]), entry, BOTH)).toEqual({
      fault: 'log_signature_missing',
    });
    expect(followHandOver(proofOf(withEntry, 3, 7), entry, BOTH)).toEqual({ fault: 'proof_mismatch' });
    const [other] = someEntries(1);
    expect(followHandOver(proofOf(withEntry, 0, 7), other!, BOTH)).toEqual({ fault: 'entry_form' });
    const event = Buffer.from(`${'a'.repeat(32)} ${Buffer.alloc(32).toString('base64')}`);
    const events = naiveTree([event]);
    expect(followHandOver(proofOf(events, 0, 1), event, BOTH)).toEqual({ fault: 'entry_form' });
  });
});
