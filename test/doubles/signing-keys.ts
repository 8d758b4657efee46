import type { IncomingMessage } from 'node:http';

/** The access key of a request that is signed for AWS, and its session token; undefined: there is none. */
export function signingKeys({ headers }: IncomingMessage) {
  return {
    accessKeyId: /Credential=([^/]+)\//.exec(headers.authorization ?? '')?.[1],
    sessionToken: headers['x-amz-security-token'] as string | undefined,
  };
}
