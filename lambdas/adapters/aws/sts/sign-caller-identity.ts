import { SignatureV4 } from '@smithy/signature-v4';
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

export interface SignCallerIdentityConfig {
  /** Of any client: who signs, and its hash. */
  readonly signing: Pick<SecretsManagerClient['config'], 'credentials' | 'sha256'>;
  /** Region whose endpoint is named; undefined: the global endpoint, which is in us-east-1. */
  readonly stsRegion: string | undefined;
}

interface SignedRequest {
  readonly method: 'POST';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
/** The global endpoint is signed for this region (IAM User Guide, "Manage AWS STS in an AWS Region"). */
const GLOBAL_REGION = 'us-east-1';

/**
 * Signs a request for `sts:GetCallerIdentity` and does not send it: whoever gets it can ask STS, for some minutes, who signed it,
 * and nothing else (AWS STS API Reference, GetCallerIdentity).
 *
 * @returns a function that rejects with the SDK's error if there are no credentials
 */
export const createSignCallerIdentity =
  ({ signing, stsRegion }: SignCallerIdentityConfig) =>
  async (headers: Readonly<Record<string, string>>): Promise<SignedRequest> => {
    const hostname = stsRegion === undefined ? 'sts.amazonaws.com' : `sts.${stsRegion}.amazonaws.com`;
    const signer = new SignatureV4({
      service: 'sts',
      region: stsRegion ?? GLOBAL_REGION,
      credentials: signing.credentials,
      sha256: signing.sha256,
    });
    const signed = await signer.sign({
      method: 'POST',
      protocol: 'https:',
      hostname,
      path: '/',
      headers: { ...headers, host: hostname, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: BODY,
    });
    return { method: 'POST', url: `https://${hostname}/`, headers: signed.headers, body: BODY };
  };
