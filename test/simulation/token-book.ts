import type { EncryptionContext } from '../../lambdas/core/crypto/encryption-context';

/** A token that a user received, and its plaintext. */
export interface IssuedToken {
  readonly provider: string;
  readonly version: number;
  readonly ciphertext: string;
  readonly plaintext: string;
  readonly context: EncryptionContext;
}

/** Every token that was issued. */
export class TokenBook {
  readonly all: IssuedToken[] = [];

  add(token: IssuedToken): void {
    this.all.push(token);
  }
}
