import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { closeServer } from './close-server';
import { signingKeys } from './signing-keys';

/** The failure of AWS: an error, or no answer. */
export type Failing =
  | { readonly kind: 'error'; readonly name: string; readonly status: number; readonly message: string }
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  /** No failure: this is the answer. */
  | { readonly kind: 'answer'; readonly body: string; readonly headers?: Readonly<Record<string, string>> };

export interface FailingAws {
  readonly endpoint: string;
  /** The requests, in order: operation, body, and the access key that signed. */
  readonly requests: { readonly operation: string; readonly body: string; readonly keyId: string | undefined }[];
  /** Failures by operation, where they differ. */
  failing: Failing | ((operation: string) => Failing);
  close(): Promise<void>;
}

/**
 * Fails every call of DynamoDB, Secrets Manager, KMS, S3, SQS and Lambda as the services do: AWS JSON 1.0 and 1.1 name the error in
 * `__type` with its namespace (smithy.io, AWS JSON protocols, "Operation error serialization"), SQS also in the header
 * `x-amzn-query-error` (awsQueryCompatible trait), REST JSON in the header `x-amzn-errortype`, followed by a colon and a URI,
 * S3 in XML (Amazon S3 API Reference, "REST error responses").
 */
export async function startFailingAws(): Promise<FailingAws> {
  const requests: FailingAws['requests'] = [];
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void (async () => {
      const body = await text(request);
      const operation = operationOf(request);
      requests.push({ operation, body, keyId: signingKeys(request).accessKeyId });
      const { failing } = aws;
      answer(typeof failing === 'function' ? failing(operation) : failing, request, response);
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const aws: FailingAws = {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    failing: { kind: 'hang' },
    close: () => closeServer(server),
  };
  return aws;
}

const targetOf = ({ headers }: IncomingMessage): string => String(headers['x-amz-target'] ?? '');

const operationOf = (request: IncomingMessage): string =>
  targetOf(request).split('.').at(-1) || (isLambda(request) ? 'Invoke' : s3OperationOf(request));

/** "Invoke", API_Invoke. */
const isLambda = ({ url = '' }: IncomingMessage): boolean => url.startsWith('/2015-03-31/functions/');

function s3OperationOf({ method, url = '' }: IncomingMessage): string {
  if (method === 'PUT') return 'PutObject';
  return url.includes('list-type=2') ? 'ListObjectsV2' : 'GetObject';
}

const NAMESPACES: Readonly<Record<string, string>> = {
  DynamoDB_20120810: 'com.amazonaws.dynamodb.v20120810',
  AmazonSQS: 'com.amazonaws.sqs',
};

function answer(failing: Failing, request: IncomingMessage, response: ServerResponse): void {
  if (failing.kind === 'hang') return;
  if (failing.kind === 'reset') {
    request.socket.resetAndDestroy();
    return;
  }
  if (failing.kind === 'answer') {
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.0', ...failing.headers });
    response.end(failing.body);
    return;
  }
  const { name, status, message } = failing;
  const [service = ''] = targetOf(request).split('.');
  if (service === '' && !isLambda(request)) {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${name}</Code><Message>${message}</Message></Error>`);
    return;
  }
  if (service === '') {
    response.writeHead(status, {
      'content-type': 'application/json',
      'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/com.amazonaws.awsgirapi/`,
    });
    response.end(JSON.stringify({ Type: 'User', Message: message, message }));
    return;
  }
  if (service === 'AmazonSQS') response.setHeader('x-amzn-query-error', `${name};Sender`);
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' });
  const namespace = NAMESPACES[service];
  response.end(JSON.stringify({ __type: namespace === undefined ? name : `${namespace}#${name}`, message }));
}
