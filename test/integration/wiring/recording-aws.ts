import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer, text as textOf } from 'node:stream/consumers';
import { answerBatchExecuteStatement, insertsOf } from '../../doubles/partiql-inserts';
import { closeServer } from '../../doubles/close-server';

/** One call of a function. */
export interface OutsideCall {
  /** The access key of its signature, which identifies the function. */
  readonly by: string;
  /** The region of its signature. */
  readonly region: string;
  /** The action, in one word. */
  readonly verb: string;
  /** The table, index, secret, queue or function, without the deployment's prefix. */
  readonly target: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** The address to which calls are forwarded. */
interface Upstreams {
  readonly dynamodbSocket: string;
  readonly secretsManager: string;
  readonly sqs: string;
  /** The answer of a function in a region. */
  readonly invoke: (functionName: string, region: string, event: unknown) => Promise<unknown>;
}

export interface RecordingAws {
  readonly endpoint: string;
  /** In order of arrival, with each attempt. */
  readonly calls: OutsideCall[];
  /** Events that functions were invoked with and nobody waits for. */
  readonly pending: Promise<unknown>[];
  /** The calls that get an error of the service, or no answer. */
  fault: (call: OutsideCall) => 'error' | 'hang' | undefined;
  close(): Promise<void>;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html: key, day, region, service. */
const SIGNED = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([a-z0-9-]+)\/([a-z]+)\/aws4_request/;
const INVOKE = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** An operation that is not here keeps its own name, which no row of the table has. */
const VERBS: Readonly<Record<string, string>> = {
  PutItem: 'writes',
  // Of INSERTs; what is none has no table.
  BatchExecuteStatement: 'writes',
  GetSecretValue: 'reads',
  DescribeSecret: 'describes',
  PutSecretValue: 'puts',
  UpdateSecretVersionStage: 'labels',
  RotateSecret: 'rotates',
  SendMessage: 'sends to',
  SendMessageBatch: 'sends to',
};

/**
 * Stands between functions and the doubles of AWS, one address for all services and regions: which of them a call is meant for
 * is what it was signed for, as AWS itself would see it. Signatures are read, not checked.
 */
export async function startRecordingAws(upstreams: Upstreams): Promise<RecordingAws> {
  const serve = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await buffer(incoming);
    const [, by = '', region = '', service = ''] = SIGNED.exec(incoming.headers.authorization ?? '') ?? [];
    const call = { by, region, ...described(service, incoming, text) };
    running.calls.push(call);
    const fault = running.fault(call);
    if (fault === 'hang') return;
    if (fault === 'error') {
      response.writeHead(500, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify({ __type: 'InternalServerError', message: 'as the test wants it' }));
      return;
    }
    if (service === 'lambda' && incoming.headers['x-amz-invocation-type'] === 'Event') {
      // "returns 202" as soon as the event is kept (API_Invoke, InvocationType); what becomes of it is in the function's log.
      running.pending.push(upstreams.invoke(call.target, region, call.body).catch(() => undefined));
      response.writeHead(202).end();
      return;
    }
    if (service === 'lambda') {
      const answer = await upstreams.invoke(call.target, region, call.body);
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer));
      return;
    }
    if (String(incoming.headers['x-amz-target']).endsWith('.BatchExecuteStatement')) {
      const { status, body } = await answerBatchExecuteStatement(text.toString('utf8'), (operation, put) =>
        askDynamoDB(upstreams, incoming, operation, put),
      );
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(body);
      return;
    }
    pass(service, upstreams, incoming, text, response);
  };
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const running: RecordingAws = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    pending: [],
    fault: () => undefined,
    close: () => closeServer(server),
  };
  return running;
}

function described(service: string, incoming: IncomingMessage, text: Buffer): Omit<OutsideCall, 'by' | 'region'> {
  const body = text.length === 0 ? {} : (JSON.parse(text.toString('utf8')) as Record<string, unknown>);
  if (service === 'lambda') {
    const [, name = ''] = INVOKE.exec(incoming.url ?? '') ?? [];
    return { verb: 'invokes', target: shortName(decodeURIComponent(name)), body };
  }
  const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
  if (service === 'secretsmanager') {
    const isKek = body['SecretId'] === 'keyward/kek';
    return { verb: VERBS[operation] ?? operation, target: isKek ? 'kek' : String(body['SecretId']), body };
  }
  if (service === 'sqs') {
    return { verb: VERBS[operation] ?? operation, target: shortName(String(body['QueueUrl']).split('/').at(-1)), body };
  }
  const table = body['Statements'] === undefined ? body['TableName'] : insertsOf(body).table;
  const index = typeof body['IndexName'] === 'string' ? `/${body['IndexName']}` : '';
  const isRead = ['GetItem', 'Query', 'Scan'].includes(operation);
  const reads = body['ConsistentRead'] === true ? 'reads now' : 'reads';
  return {
    verb: isRead ? reads : (VERBS[operation] ?? operation),
    target: `${shortName(String(table))}${index}`,
    body,
  };
}

const shortName = (name = ''): string => (name.startsWith('keyward-') ? name.slice('keyward-'.length) : `? ${name}`);

function pass(
  service: string,
  { dynamodbSocket, secretsManager, sqs }: Upstreams,
  incoming: IncomingMessage,
  text: Buffer,
  response: ServerResponse,
): void {
  const to =
    service === 'dynamodb' ? { socketPath: dynamodbSocket } : new URL(service === 'sqs' ? sqs : secretsManager);
  const address = to instanceof URL ? { host: to.hostname, port: to.port } : to;
  const onward = httpRequest(
    { ...address, method: incoming.method, path: incoming.url, headers: incoming.headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    },
  );
  onward.on('error', () => response.destroy());
  onward.end(text);
}

/** The embedded DynamoDB has no PartiQL. */
async function askDynamoDB(
  { dynamodbSocket }: Upstreams,
  incoming: IncomingMessage,
  operation: string,
  body: string,
): Promise<{ status: number; body: string }> {
  const { 'content-length': _, ...given } = incoming.headers;
  const headers = { ...given, 'x-amz-target': `DynamoDB_20120810.${operation}` };
  const onward = httpRequest({ socketPath: dynamodbSocket, method: 'POST', path: '/', headers });
  onward.end(body);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 500, body: await textOf(answer) };
}
