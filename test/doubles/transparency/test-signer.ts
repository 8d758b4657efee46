import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { NoteSignature } from '../../../lambdas/core/transparency/signed-note';
import { verifierKey, type SignatureType, type VerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { cosignedMessage, encodeCosignature } from '../../../lambdas/core/transparency/verify-signature';

/** PKCS #8 of an Ed25519 private key up to its 32 bytes (RFC 8410 section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export interface TestSigner {
  readonly key: VerifierKey;
  /** The signature of a note's text, with a time where the key is a cosigner's. */
  sign(text: string, time?: number): NoteSignature;
  /** The bare signature of a message. */
  signMessage(message: Buffer): Buffer;
}

/** A key made from a word, the same in each run: seed and type decide it. */
export function testSigner(name: string, type: SignatureType = 'ed25519', word = name): TestSigner {
  const seed = createHash('sha256').update(word).digest();
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  const made = verifierKey(name, type, raw);
  if (made.fault !== undefined) throw new Error(made.fault);
  const key = made.value;
  const bytes = (text: string, time: number): Buffer =>
    type === 'ed25519'
      ? sign(null, Buffer.from(text, 'utf8'), privateKey)
      : encodeCosignature(time, sign(null, cosignedMessage(text, time), privateKey));
  return {
    key,
    sign: (text, time = 1_795_000_000) => ({ name, id: key.id, signature: bytes(text, time) }),
    signMessage: (message) => sign(null, message, privateKey),
  };
}
