import { GetPublicKeyCommand, SignCommand, type GetPublicKeyCommandOutput, type KMSClient } from '@aws-sdk/client-kms';
import { KeywardError } from '../../../core/errors/errors';
import type { LogSigner } from '../../../core/transparency/ports/log-signer';
import { verifierKey, type SignatureType } from '../../../core/transparency/verifier-key';
import { orUnavailable, storeUnavailable } from '../dynamodb/store-unavailable';
import { unusableAnswer } from '../observability/name-failures';

export interface KmsLogSignerConfig {
  readonly client: KMSClient;
  /** ARN, id or alias of a key with the spec ECC_NIST_EDWARDS25519, to sign with. */
  readonly keyId: string;
  /** What its signatures carry: the log's origin, or the name of its cosigner. */
  readonly name: string;
  readonly type: SignatureType;
}

/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410 section 4), as GetPublicKey returns it (API_GetPublicKey). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const SIGNATURE_BYTES = 64;

/**
 * Opens a signer whose private key KMS keeps: signatures of ED25519_SHA_512 over the message itself, which is `RAW` and has at most
 * 4,096 bytes (AWS KMS Developer Guide, "Key spec reference"; API_Sign).
 *
 * @throws KeywardError `store_unavailable`; `configuration_invalid` if the key is none of Ed25519, or the name no key's
 */
export const openKmsLogSigner = async (config: KmsLogSignerConfig): Promise<LogSigner> =>
  signerOf(config, await orUnavailable(askFor(config), 'KMS'));

/**
 * The same for a key that has handed over: its owner may have disabled it, or have it deleted, and then it is none any more.
 *
 * @returns undefined for such a key
 * @throws as {@link openKmsLogSigner}
 */
export async function openRetiredKmsLogSigner(config: KmsLogSignerConfig): Promise<LogSigner | undefined> {
  const asked = askFor(config).catch((thrown: unknown) => {
    if (RETIRED.includes(String((Object(thrown) as { name?: unknown }).name))) return undefined;
    throw thrown;
  });
  const answer = await orUnavailable(asked, 'KMS');
  return answer && signerOf(config, answer);
}

/** Disabled, about to be deleted, or deleted (AWS KMS Developer Guide, "Key states of AWS KMS keys"; API_GetPublicKey, "Errors"). */
const RETIRED: readonly string[] = ['DisabledException', 'KMSInvalidStateException', 'NotFoundException'];

const askFor = ({ client, keyId }: KmsLogSignerConfig): Promise<GetPublicKeyCommandOutput> =>
  client.send(new GetPublicKeyCommand({ KeyId: keyId }));

function signerOf(
  { client, keyId, name, type }: KmsLogSignerConfig,
  { PublicKey }: GetPublicKeyCommandOutput,
): LogSigner {
  const der = Buffer.from(PublicKey ?? []);
  const isEd25519 = der.subarray(0, SPKI.length).equals(SPKI);
  const made = verifierKey(name, type, isEd25519 ? der.subarray(SPKI.length) : Buffer.of());
  if (made.fault !== undefined) {
    throw new KeywardError('configuration_invalid', 'the key of the log must be one of Ed25519, and its origin a name');
  }
  return {
    key: made.value,
    sign: async (message) => {
      const command = new SignCommand({
        KeyId: keyId,
        Message: message,
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      });
      const { Signature = [] } = await orUnavailable(client.send(command), 'KMS');
      if (Signature.length === SIGNATURE_BYTES) return Buffer.from(Signature);
      throw storeUnavailable(await unusableAnswer(client, 'Sign'), 'KMS');
    },
  };
}
