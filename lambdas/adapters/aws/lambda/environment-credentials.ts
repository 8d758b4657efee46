import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

type CredentialsProvider = Extract<
  NonNullable<DynamoDBClientConfig['credentials']>,
  (...parameters: never[]) => unknown
>;
type Credentials = Awaited<ReturnType<CredentialsProvider>>;

/**
 * Replaces `@aws-sdk/credential-provider-node` in bundles, whose `defaultProvider` every SDK client uses by default (see
 * lib/operations/bundling.ts). Lambda sets the credentials of the function's role in the environment, so a search in profiles,
 * token files and metadata services is not needed (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). The
 * environment is read at every call, because credentials are replaced.
 *
 * @throws Error `CredentialsProviderError`, like the SDK's own, naming missing variables or an invalid expiration, never a value
 */
export const defaultProvider =
  (): CredentialsProvider =>
  // Async, so that an error is a rejection, as with the SDK's own.
  // eslint-disable-next-line @typescript-eslint/require-await
  async () =>
    readCredentials(process.env);

function readCredentials(env: NodeJS.ProcessEnv): Credentials {
  const accessKeyId = env['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = env['AWS_SECRET_ACCESS_KEY'] ?? '';
  const missing = [
    ...(accessKeyId === '' ? ['AWS_ACCESS_KEY_ID'] : []),
    ...(secretAccessKey === '' ? ['AWS_SECRET_ACCESS_KEY'] : []),
  ];
  if (missing.length > 0) throw noCredentials(`${missing.join(' and ')} not set in the environment`);
  const sessionToken = env['AWS_SESSION_TOKEN'] ?? '';
  const expires = env['AWS_CREDENTIAL_EXPIRATION'] ?? '';
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== '' && { sessionToken }),
    ...(expires !== '' && { expiration: toDate(expires) }),
  };
}

function toDate(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw noCredentials('AWS_CREDENTIAL_EXPIRATION is not a time');
  return date;
}

const noCredentials = (why: string): Error =>
  Object.assign(new Error(`no credentials: ${why}`), { name: 'CredentialsProviderError' });
