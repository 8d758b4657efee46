import type { VerifierKey } from '../verifier-key';

/** A private key that signs with Ed25519 (RFC 8032), in KMS or in a file. */
export interface LogSigner {
  readonly key: VerifierKey;
  /** The 64 bytes of the signature of a message, at most 4,096 bytes long: KMS takes no more. */
  readonly sign: (message: Buffer) => Promise<Buffer>;
}
