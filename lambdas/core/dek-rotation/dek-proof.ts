import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { KekHome } from '../contract/kek-homes';
import { decodeCanonicalBase64 } from '../crypto/canonical-base64';
import type { Dek } from '../crypto/dek';
import { encodeStrings } from '../crypto/length-prefixed';
import { deriveMessageKey, SALT_BYTES } from '../crypto/message-key';
import { newId, type Randomness } from '../crypto/randomness';

/** The challenge to a region: prove that it unwraps this version of exactly this revision under this KEK. */
export interface ProofChallenge {
  readonly provider: string;
  readonly version: number;
  readonly revision: number;
  readonly kek_id: string;
  /** 64 hexadecimal characters, new for every challenge: an old answer proves nothing. */
  readonly nonce: string;
  /** Unwrap with the KEK of this home; left out: of the one in force. */
  readonly home?: KekHome | undefined;
}

const MAC_BYTES = 32;

export const newNonce = (randomness: Randomness): string => `${newId(randomness)}${newId(randomness)}`;

/**
 * A region's answer: HMAC-SHA-256 over the challenge and the region's name under bytes 0–31 of the DEK's `kw1-proof` derivation
 * with the nonce as salt. Only a holder of the unwrapped key can make it, and it reveals nothing of the key.
 *
 * @returns canonical base64, 44 characters
 */
export const proveDek = (dek: Dek, challenge: ProofChallenge, region: string): string =>
  proofMac(dek, challenge, region).toString('base64');

/** Whether `proof` is the answer of that region to that challenge. */
export function isProof(proof: string, dek: Dek, challenge: ProofChallenge, region: string): boolean {
  const given = decodeCanonicalBase64(proof);
  return given?.length === MAC_BYTES && timingSafeEqual(given, proofMac(dek, challenge, region));
}

function proofMac(
  dek: Dek,
  { version, revision, kek_id, nonce, provider, home }: ProofChallenge,
  region: string,
): Buffer {
  const derived = deriveMessageKey(dek.key, 'kw1-proof', Buffer.from(nonce, 'hex').subarray(0, SALT_BYTES));
  const macKey = createSecretKey(derived.subarray(0, MAC_BYTES));
  derived.fill(0);
  return createHmac('sha256', macKey)
    .update(
      encodeStrings([
        region,
        provider,
        String(version),
        String(revision),
        kek_id,
        ...(home === undefined ? [] : [home]),
      ]),
    )
    .digest();
}
