import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

type CredentialsProvider = Extract<
  NonNullable<DynamoDBClientConfig['credentials']>,
  (...parameters: never[]) => unknown
>;
type Credentials = Awaited<ReturnType<CredentialsProvider>>;

/**
 * Stands in a bundle for `@aws-sdk/credential-provider-node`, whose `defaultProvider` every client of the SDK takes where it is
 * given no credentials (lib/operations/bundling.ts says why, and puts it there). Lambda sets the credentials of the function's role in the
 * environment of the process, so there is nothing to search for in profiles, token files and metadata services
 * (https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). The environment is read at every call, since
 * whoever signs must not keep what has been replaced.
 *
 * @throws Error `CredentialsProviderError`, as the SDK's own, naming the variables that are missing, or an expiration that is not a time; never with a value
 */
export const defaultProvider =
  (): CredentialsProvider =>
  // Async, so that what it throws is a rejection, as the SDK's own is.
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
