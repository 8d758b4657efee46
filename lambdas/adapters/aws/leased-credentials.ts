import type { DynamoDBClient, DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { errorNameOf, type ErrorName } from '../../core/errors/error-names';
import type { NamableClient } from './observability/name-failures';

/** Credentials that are replaced while the process runs. */
export interface LeasedCredentials {
  /** What to sign a request with now. An error of it fails the request with that error's name. */
  current(): Promise<{
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  }>;
  /** Tells that AWS did not take the keys; whether the request may be sent once more. */
  refused(accessKeyId: string): boolean;
}

/**
 * What the services answer to keys that are expired or deleted, or that they do not know yet. It is checked before anything is
 * done, so that every request may be repeated (Common Error Types of DynamoDB, SQS and IAM).
 */
const KEYS_REFUSED: ReadonlySet<ErrorName> = new Set([
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
]);

const MIDDLEWARE = 'keywardRefusedCredentials';

/**
 * The credentials in the SDK's form. They are marked as memoized, because the SDK would keep them until five minutes before their
 * end, and for ever without one (@smithy/core 3, memoizeIdentityProvider.js); the owner decides at every request.
 */
export const toCredentialsProvider = (leased: LeasedCredentials): NonNullable<DynamoDBClientConfig['credentials']> =>
  Object.assign(() => leased.current(), { memoized: true });

/**
 * Makes a client repeat a request once whose keys were refused, with others. It stands before the middleware that signs, which
 * asks for the credentials anew at each attempt (@aws-sdk/core, AwsSdkSigV4Signer.js).
 */
export function repeatWithOtherKeys<C extends NamableClient>(client: C, leased: LeasedCredentials): C {
  const stack = client.middlewareStack as DynamoDBClient['middlewareStack'];
  stack.add(
    (next) => async (args) => {
      const { accessKeyId } = await leased.current();
      try {
        return await next(args);
      } catch (thrown) {
        if (!KEYS_REFUSED.has(errorNameOf(thrown)) || !leased.refused(accessKeyId)) throw thrown;
        return next(args);
      }
    },
    { step: 'build', priority: 'low', name: MIDDLEWARE, override: true },
  );
  return client;
}
