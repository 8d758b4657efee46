import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { newKeyset } from '../../lambdas/core/keysets/dek-keyset';
import { newKekSecretRecord, parseKekSecret, serializeKekSecret } from '../../lambdas/core/crypto/kek-keyset';
import { toItem } from '../../lambdas/adapters/aws/dynamodb/stored-value';
import { createSystemRandomness } from '../../lambdas/adapters/system/system-randomness';
import { answerBatchExecuteStatement } from './partiql-inserts';
import { closeServer } from './close-server';
import { signingKeys } from './signing-keys';

/** An attribute's value in DynamoDB's JSON protocol. */
type Item = Readonly<Record<string, { readonly S?: string; readonly N?: string; readonly M?: Item } | undefined>>;

interface InstantAws {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** The names of the tables and the secret in the functions' environment. */
const INSTANT = {
  region: 'us-east-1',
  keysets: 'keyward-keysets',
  credentials: 'keyward-credentials',
  audit: 'keyward-audit',
  rotations: 'keyward-rotations',
  kekSecret: 'keyward/kek',
};

/** The key members of each table. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  [INSTANT.keysets]: ['provider'],
  [INSTANT.credentials]: ['provider_shard', 'name'],
  [INSTANT.audit]: ['bucket', 'event_key'],
};

const answerOf = (status: number, body: unknown) => ({ status, body: JSON.stringify(body) });
const REFUSED = answerOf(400, {
  __type: 'com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException',
  message: 'The conditional request failed',
});

/**
 * A Secrets Manager and a DynamoDB in memory that answer at once, for functions that serve one region's API: a KEK, and a keyset
 * for each provider. It knows one condition: that an event does not exist yet. Each row of another table has one writer here.
 *
 * @param onEvent called once for each written audit event
 * @param errorOf the error of a request that these keys signed; undefined: it is served
 */
export async function startInstantAws(
  providers: readonly string[],
  onEvent: (event: Item) => void = () => undefined,
  errorOf: (accessKeyId: string, sessionToken: string | undefined) => string | undefined = () => undefined,
): Promise<InstantAws> {
  const randomness = createSystemRandomness();
  const secret = serializeKekSecret(newKekSecretRecord(randomness, Date.now()));
  const { primary } = parseKekSecret(secret);
  const rows = new Map<string, Item>();
  const keyOf = (table: string, item: Item): string =>
    [table, ...(KEYS[table] ?? []).map((name) => item[name]?.S)].join('\n');
  for (const provider of providers) {
    const item = toItem(newKeyset(provider, primary, Date.now(), randomness)) as Item;
    rows.set(keyOf(INSTANT.keysets, item), item);
  }

  const put = (table: string, item: Item) => {
    const key = keyOf(table, item);
    if (table !== INSTANT.audit) {
      rows.set(key, item);
      return answerOf(200, {});
    }
    if (rows.has(key)) return REFUSED;
    // The key suffices to find the row.
    rows.set(key, {});
    onEvent(item);
    return answerOf(200, {});
  };

  const answer = (operation: string, body: string) => {
    const input = JSON.parse(body) as { TableName: string; Key: Item; Item: Item };
    switch (operation) {
      case 'GetSecretValue':
        return answerOf(200, { SecretString: secret, VersionId: '1'.repeat(32), VersionStages: ['AWSCURRENT'] });
      case 'GetItem':
        return answerOf(200, { Item: rows.get(keyOf(input.TableName, input.Key)) });
      case 'PutItem':
        return put(input.TableName, input.Item);
      case 'BatchExecuteStatement':
        return answerBatchExecuteStatement(body, (_, one) => {
          const { TableName, Item } = JSON.parse(one) as { TableName: string; Item: Item };
          return Promise.resolve(put(TableName, Item));
        });
      default:
        return answerOf(400, { __type: 'UnknownOperationException', message: operation });
    }
  };

  const server = createServer({ keepAliveTimeout: 0 }, (request: IncomingMessage, response) => {
    void text(request).then(async (body) => {
      const operation = String(request.headers['x-amz-target']).split('.').pop() ?? '';
      const { accessKeyId = '', sessionToken } = signingKeys(request);
      const error = errorOf(accessKeyId, sessionToken);
      const refused = error === undefined ? undefined : answerOf(400, { __type: error, message: 'no' });
      const { status, body: answered } = refused ?? (await answer(operation, body));
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(answered);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => closeServer(server),
  };
}

/** The environment of a function that uses this AWS. */
export const instantEnvironment = (endpoint: string, providers: readonly string[]): Record<string, string> => ({
  AWS_REGION: INSTANT.region,
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'example-not-a-secret',
  AWS_ENDPOINT_URL: endpoint,
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  KEYWARD_PROVIDERS: providers.join(','),
  KEYWARD_REGIONS: INSTANT.region,
  KEYWARD_KEYSETS_TABLE: INSTANT.keysets,
  KEYWARD_CREDENTIALS_TABLE: INSTANT.credentials,
  KEYWARD_AUDIT_TABLE: INSTANT.audit,
  KEYWARD_ROTATIONS_TABLE: INSTANT.rotations,
  KEYWARD_KEK_SECRET: INSTANT.kekSecret,
  POWERTOOLS_SERVICE_NAME: 'keyward',
});
