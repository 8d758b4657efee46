import { isProof, newNonce, proveDek } from '../../../lambdas/core/dek-rotation/dek-proof';
import { unwrapDek, wrapNewDek } from '../../../lambdas/core/crypto/wrapped-dek';
import { newKeks, testRandomness } from '../../doubles/memory-ports';

const { primary } = newKeks();
const newDek = () => unwrapDek(primary, 'openai', 2, wrapNewDek(primary, 'openai', 2, testRandomness));
const dek = newDek();
const challenge = { provider: 'openai', version: 2, revision: 7, kek_id: primary.id, nonce: newNonce(testRandomness) };
const proof = proveDek(dek, challenge, 'eu-west-1');

describe("a region's proof", () => {
  it('is the answer of that region to that challenge', () => {
    expect(proof).toHaveLength(44);
    expect(isProof(proof, dek, challenge, 'eu-west-1')).toBe(true);
  });

  it.each([
    ['another region', { region: 'ap-south-1' }],
    ['another version', { version: 3 }],
    ['another revision', { revision: 8 }],
    ['another KEK', { kek_id: 'kek-other' }],
    ['another provider', { provider: 'google' }],
    ['an earlier challenge', { nonce: newNonce(testRandomness) }],
  ])('is none for %s', (_, change) => {
    const { region = 'eu-west-1', ...changed } = change as { region?: string };
    expect(isProof(proof, dek, { ...challenge, ...changed }, region)).toBe(false);
  });

  it('is none under another key, and nothing that is not exactly 32 bytes in base64', () => {
    expect(isProof(proof, newDek(), challenge, 'eu-west-1')).toBe(false);
    for (const wrong of ['', 'no proof', proof.slice(0, -4), `${proof} `, Buffer.alloc(31).toString('base64')]) {
      expect(isProof(wrong, dek, challenge, 'eu-west-1')).toBe(false);
    }
  });
});
