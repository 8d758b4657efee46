import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { closeServer } from './close-server';
import type { TestSigner } from './transparency/test-signer';

/** Members of the requests of Sign and GetPublicKey that are read. */
interface KmsRequest {
  readonly KeyId: string;
  readonly Message?: string;
  readonly MessageType?: string;
  readonly SigningAlgorithm?: string;
}

export interface RunningKms {
  readonly endpoint: string;
  /** Keys of the spec ECC_NIST_EDWARDS25519, by id. */
  readonly keys: Map<string, TestSigner>;
  /** What was signed, with which key, in order. */
  readonly signed: { readonly keyId: string; readonly message: Buffer }[];
  /** An answer in place of the usual one. */
  answer: ((operation: string) => object | undefined) | undefined;
  /** The name of the error of every call. */
  failing: string | undefined;
  close(): Promise<void>;
}

const MAX_MESSAGE_BYTES = 4_096;
/** SubjectPublicKeyInfo of an Ed25519 key up to its 32 bytes (RFC 8410 section 4). */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Serves GetPublicKey and Sign of AWS KMS on a free port of 127.0.0.1, in AWS JSON 1.1, as API_GetPublicKey and API_Sign say: DER as
 * SubjectPublicKeyInfo; with ED25519_SHA_512 the message is RAW, of 0 to 4,096 bytes.
 */
export async function startKms(): Promise<RunningKms> {
  const errorOf = (operation: string, { KeyId, ...sign }: KmsRequest): string | undefined => {
    if (kms.failing !== undefined) return kms.failing;
    if (!kms.keys.has(KeyId)) return 'NotFoundException';
    if (operation === 'GetPublicKey') return undefined;
    if (operation !== 'Sign') return 'UnknownOperationException';
    if (sign.SigningAlgorithm !== 'ED25519_SHA_512') return 'InvalidKeyUsageException';
    const length = Buffer.from(sign.Message ?? '', 'base64').length;
    return sign.MessageType === 'RAW' && length <= MAX_MESSAGE_BYTES ? undefined : 'ValidationException';
  };
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void (async () => {
      const asked = (await json(request)) as KmsRequest;
      const [, operation = ''] = String(request.headers['x-amz-target']).split('.');
      const error = errorOf(operation, asked);
      response.writeHead(error === undefined ? 200 : 400, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify(error === undefined ? answerTo(operation, asked) : { __type: error }));
    })();
  });
  const answerTo = (operation: string, { KeyId, Message = '' }: KmsRequest): object => {
    const given = kms.answer?.(operation);
    if (given !== undefined) return given;
    const signer = kms.keys.get(KeyId) as TestSigner;
    if (operation === 'GetPublicKey') {
      const PublicKey = Buffer.concat([SPKI, signer.key.publicKey]).toString('base64');
      return { KeyId, PublicKey, KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' };
    }
    const message = Buffer.from(Message, 'base64');
    kms.signed.push({ keyId: KeyId, message });
    return { KeyId, Signature: signer.signMessage(message).toString('base64'), SigningAlgorithm: 'ED25519_SHA_512' };
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const kms: RunningKms = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    keys: new Map(),
    signed: [],
    answer: undefined,
    failing: undefined,
    close: () => closeServer(server),
  };
  return kms;
}
