import type { EncryptionContext } from '../../lambdas/core/crypto/encryption-context';

/** A token that a user was given, and what is in it. */
export interface IssuedToken {
  readonly provider: string;
  readonly version: number;
  readonly ciphertext: string;
  readonly plaintext: string;
  readonly context: EncryptionContext;
}

/** Every token that was ever given out. */
export class TokenBook {
  readonly all: IssuedToken[] = [];

  add(token: IssuedToken): void {
    this.all.push(token);
  }
}
