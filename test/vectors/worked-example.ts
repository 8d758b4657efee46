import { createHash, createSecretKey } from 'node:crypto';
import { toDek } from '../../lambdas/core/crypto/dek';
import { encodeContext } from '../../lambdas/core/crypto/encryption-context';
import { deriveMessageKey } from '../../lambdas/core/crypto/message-key';
import { canonicalJson } from '../../lambdas/core/crypto/canonical-json';
import { parseToken } from '../../lambdas/core/crypto/token';
import { keysetVectors, wrappedDekVectors } from './key-vectors';
import { tokenVectors } from './token-vectors';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const labelInput = (label: string, salt: Uint8Array): string =>
  `00000001${hex(Buffer.from(label))}00${hex(salt)}00000200`;

/** Every step of one token, one wrapped DEK and one record's MAC, as docs/format.md shows them. */
export function workedExample(): Record<string, string> {
  const [, vector] = tokenVectors.valid;
  const [wrapped] = wrappedDekVectors.valid;
  const [keyset] = keysetVectors.valid;
  if (vector === undefined || wrapped === undefined || keyset === undefined) throw new Error('no vector');

  const dek = toDek(vector.provider, vector.version, Buffer.from(vector.dek_hex, 'hex'));
  const { message } = parseToken(vector.token);
  const derived = deriveMessageKey(dek.key, 'kw1', message);
  const kek = createSecretKey(Buffer.from(wrapped.kek_hex, 'hex'));
  const wrappedMessage = Buffer.from(wrapped.encrypted_dek, 'base64');
  const wrapDerived = deriveMessageKey(kek, 'kw1-wrap', wrappedMessage);
  const macDerived = deriveMessageKey(kek, 'kw1-mac', Buffer.alloc(32));
  const { mac, ...covered } = keyset.record;
  return {
    'token.dek': vector.dek_hex,
    'token.plaintext': vector.plaintext,
    'token.salt': hex(message.subarray(0, 32)),
    'token.kdf_input': labelInput('kw1', message.subarray(0, 32)),
    'token.kdf_output': hex(derived),
    'token.message_key': hex(derived.subarray(0, 32)),
    'token.iv': hex(derived.subarray(32, 48)),
    'token.aad_header': hex(dek.tokenHeader),
    'token.aad_context': hex(encodeContext(vector.context)),
    'token.tag': hex(message.subarray(48, 64)),
    'token.ciphertext': hex(message.subarray(64)),
    'token.text': vector.token,
    'wrap.kek_id': wrapped.kek_id,
    'wrap.kek': wrapped.kek_hex,
    'wrap.dek': wrapped.dek_hex,
    'wrap.salt': hex(wrappedMessage.subarray(0, 32)),
    'wrap.kdf_input': labelInput('kw1-wrap', wrappedMessage.subarray(0, 32)),
    'wrap.message_key': hex(wrapDerived.subarray(0, 32)),
    'wrap.iv': hex(wrapDerived.subarray(32, 48)),
    'wrap.tag': hex(wrappedMessage.subarray(48, 64)),
    'wrap.ciphertext': hex(wrappedMessage.subarray(64)),
    'wrap.encrypted_dek': wrapped.encrypted_dek,
    'mac.kdf_input': labelInput('kw1-mac', Buffer.alloc(32)),
    'mac.key': hex(macDerived.subarray(0, 32)),
    'mac.canonical_sha256': createHash('sha256').update(canonicalJson(covered)).digest('hex'),
    'mac.mac': String(mac),
  };
}
