import { createHash, createHmac } from 'node:crypto';

/** SHA-256, or HMAC-SHA-256 if there is a secret, with the interface of the AWS SDK's signer. */
export class Sha256 {
  private readonly hash: ReturnType<typeof createHash | typeof createHmac>;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.hash = createHash('sha256');
    else if (typeof secret === 'string') this.hash = createHmac('sha256', secret);
    else if (ArrayBuffer.isView(secret)) {
      this.hash = createHmac('sha256', Buffer.from(secret.buffer, secret.byteOffset, secret.byteLength));
    } else this.hash = createHmac('sha256', Buffer.from(secret));
  }

  update(data: Uint8Array): void {
    this.hash.update(data);
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }

  /** @throws always: the signer makes a new one each time */
  reset(): void {
    throw new Error('a digest is made once');
  }
}
