import { formatCheckpoint } from '../../../lambdas/core/transparency/checkpoint';
import { formatLogProof, parseLogProof } from '../../../lambdas/core/transparency/log-proof';
import { formatNote } from '../../../lambdas/core/transparency/signed-note';
import { naiveTree, someEntries } from './naive-tree';
import { testSigner } from '../../doubles/transparency/test-signer';

const naive = naiveTree(someEntries(7));
const log = testSigner('example.org/log');
const text = formatCheckpoint({ origin: log.key.name, ...naive.tree(7), extensions: [] });
const note = { text, signatures: [log.sign(text)] };
const checkpoint = formatNote(note);
const proof = { index: 4, hashes: naive.inclusion(4, 7), checkpoint };
const written = formatLogProof(proof).toString('utf8');
const HASH = naive.leaf(0).toString('base64');

test.each([
  ['without extra data', proof],
  ['with extra data', { ...proof, extra: Buffer.alloc(32, 7) }],
  ['with empty extra data', { ...proof, extra: Buffer.alloc(0) }],
  ['of a tree with one entry', { ...proof, index: 0, hashes: [] }],
])('reads a proof %s and writes it again', (_, each) => {
  expect(parseLogProof(formatLogProof(each))).toEqual({ value: { ...each, note } });
});

test('has the form of the specification', () => {
  expect(written).toBe(
    `c2sp.org/tlog-proof@v1\nindex 4\n${proof.hashes.map((hash) => `${hash.toString('base64')}\n`).join('')}\n${checkpoint.toString('utf8')}`,
  );
});

test.each([
  ['nothing', '', 'proof_form'],
  ['another header', written.replace('@v1', '@v2'), 'proof_form'],
  ['no blank line', 'c2sp.org/tlog-proof@v1\nindex 4\n', 'proof_form'],
  ['a line before it', `\n${written}`, 'proof_form'],
  ['no index', written.replace('index 4\n', ''), 'proof_index'],
  ['an index in words', written.replace('index 4', 'index four'), 'proof_index'],
  ['a leading zero', written.replace('index 4', 'index 04'), 'proof_index'],
  ['two blanks', written.replace('index 4', 'index  4'), 'proof_index'],
  ['the index first', written.replace('index 4\n', 'index 4\nextra AAAA\n'), 'proof_hash'],
  ['two lines of extra data', written.replace('index', 'extra AAAA\nextra AAAA\nindex'), 'proof_index'],
  ['extra data in another alphabet', written.replace('index', 'extra -_-_\nindex'), 'proof_extra'],
  ['extra data without padding', written.replace('index', 'extra AA\nindex'), 'proof_extra'],
  ['more than 64 KiB of it', written.replace('index', `extra ${'AAAA'.repeat(21_846)}\nindex`), 'proof_extra'],
  ['a hash of 31 bytes', written.replace('4\n', `4\n${Buffer.alloc(31).toString('base64')}\n`), 'proof_hash'],
  ['a hash with a blank', written.replace('4\n', `4\n${HASH} \n`), 'proof_hash'],
  ['65 hashes', written.replace('4\n', `4\n${`${HASH}\n`.repeat(62)}`), 'proof_hash'],
  ['no checkpoint', written.slice(0, written.indexOf('\n\n') + 2), 'note_form'],
  ['a checkpoint without signature', written.slice(0, written.indexOf('\n— ')), 'note_form'],
  ['a control character', written.replace('index', '\u0001index'), 'proof_index'],
])('refuses %s', (_, other, fault) => {
  expect(parseLogProof(Buffer.from(other, 'utf8'))).toEqual({ fault });
});

test('refuses what is too long before it reads it, and bytes that are not UTF-8', () => {
  expect(parseLogProof(Buffer.alloc(400_000, '\n'))).toEqual({ fault: 'proof_form' });
  expect(parseLogProof(Buffer.concat([Buffer.of(0xff), Buffer.from(written)]))).toEqual({ fault: 'proof_form' });
});
