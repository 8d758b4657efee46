import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

/** The two hash functions that the AWS SDK's signer needs, from node:crypto. */
class Sha256 {
  private readonly hash: ReturnType<typeof createHash | typeof createHmac>;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    if (secret === undefined) this.hash = createHash('sha256');
    else if (typeof secret === 'string') this.hash = createHmac('sha256', secret);
    else if (ArrayBuffer.isView(secret)) this.hash = createHmac('sha256', secret as Uint8Array);
    else this.hash = createHmac('sha256', Buffer.from(secret));
  }
  update(data: Uint8Array): void {
    this.hash.update(data);
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }
  reset(): void {
    throw new Error('the signer makes a new one each time');
  }
}

export interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | string[]>>;
  /** With `host`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export interface SdkSigning {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly at: number;
  readonly region?: string;
  readonly service?: string;
  /** Signs the path unchanged, as S3 does: neither resolved nor encoded. */
  readonly pathAsIs?: boolean;
}

const signerOf = (signing: SdkSigning): SignatureV4 => {
  const { at: _, region = 'us-east-1', service = 'execute-api', pathAsIs = false, ...credentials } = signing;
  return new SignatureV4({ service, region, credentials, sha256: Sha256, uriEscapePath: !pathAsIs });
};

const toHttpRequest = ({ query = {}, headers, ...rest }: SdkRequest) => ({
  protocol: 'http:',
  hostname: headers['host'] ?? '',
  query: { ...query },
  headers: { ...headers },
  ...rest,
});

/** The request's headers with those of the AWS SDK's own signer. */
export async function sdkSign(request: SdkRequest, signing: SdkSigning): Promise<Record<string, string>> {
  const signed = await signerOf(signing).sign(toHttpRequest(request), { signingDate: new Date(signing.at) });
  return signed.headers;
}

/** The query of the same request with its signature in it, as in a presigned URL. */
export async function sdkPresign(request: SdkRequest, signing: SdkSigning): Promise<Record<string, string>> {
  const signed = await signerOf(signing).presign(toHttpRequest(request), { signingDate: new Date(signing.at) });
  return signed.query as Record<string, string>;
}
