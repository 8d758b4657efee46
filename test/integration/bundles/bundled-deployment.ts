import type { IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { ENVIRONMENT } from '../../../lambdas/core/contract/environment';
import { matchRoute } from '../../../lambdas/core/http/router';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { startEmbeddedDynamoDB, type EmbeddedDynamoDB } from '../../../local/database/embedded-dynamodb';
import { parseRequestTarget } from '../../../local/gateway/request-target';
import { toProxyEvent } from '../../../local/gateway/to-proxy-event';
import { startSecretsManager, type RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
import { startSqs, type RunningSqs } from '../../doubles/start-sqs';
import { replyBody } from '../../reply-body';
import { BundledFunction, type BundledName } from './bundled-function';

export const HOME = 'us-east-1';
const REGIONS = [HOME, 'eu-west-1', 'ap-south-1'] as const;
export const KEK_SECRET = 'keyward/kek';
export const ROTATION_LAMBDA = 'arn:aws:lambda:us-east-1:111111111111:function:keyward-rotate-kek';
export const TABLES = {
  keysets: 'keyward-keysets',
  credentials: 'keyward-credentials',
  audit: 'keyward-audit',
  rotations: 'keyward-rotations',
};

/** The services of the functions, each reached over TCP by the real SDK. One embedded DynamoDB has all regions' tables. */
export class BundledDeployment {
  readonly client: SecretsManagerClient;
  private readonly running: BundledFunction[] = [];

  private constructor(
    private readonly node: string,
    private readonly bundles: string,
    readonly dynamodb: { readonly url: string; close(): Promise<void> },
    readonly secrets: RunningSecretsManager,
    readonly sqs: RunningSqs,
  ) {
    this.client = new SecretsManagerClient({
      region: HOME,
      endpoint: secrets.endpoint,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
    });
  }

  /** @param secret the first value of the KEK secret; undefined: none */
  static async start(node: string, bundles: string, secret: string | undefined): Promise<BundledDeployment> {
    const [dynamodb, secrets, sqs] = await Promise.all([startDynamoDBOverTcp(), startSecretsManager(), startSqs()]);
    const deployment = new BundledDeployment(node, bundles, dynamodb, secrets, sqs);
    await deployment.client.send(
      new CreateSecretCommand({
        Name: KEK_SECRET,
        ...(secret !== undefined && { SecretString: secret }),
        AddReplicaRegions: REGIONS.slice(1).map((Region) => ({ Region })),
      }),
    );
    return deployment;
  }

  /** A new process of a function: cold, with empty caches. */
  async function(name: BundledName, more: Readonly<Record<string, string>> = {}): Promise<BundledFunction> {
    const started = await BundledFunction.start(this.node, this.bundles, name, {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'example-not-a-secret',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_ENDPOINT_URL_DYNAMODB: this.dynamodb.url,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: this.secrets.endpoint,
      AWS_ENDPOINT_URL_SQS: this.sqs.endpoint,
      [ENVIRONMENT.region]: HOME,
      [ENVIRONMENT.regions]: REGIONS.join(','),
      [ENVIRONMENT.providers]: 'openai,google',
      [ENVIRONMENT.keysetsTable]: TABLES.keysets,
      [ENVIRONMENT.credentialsTable]: TABLES.credentials,
      [ENVIRONMENT.auditTable]: TABLES.audit,
      [ENVIRONMENT.rotationsTable]: TABLES.rotations,
      [ENVIRONMENT.kekSecret]: KEK_SECRET,
      [ENVIRONMENT.rewrapQueueUrl]: this.sqs.queueUrl,
      [ENVIRONMENT.service]: 'keyward',
      ...more,
    });
    this.running.push(started);
    return started;
  }

  /** Calls the rotation function as Secrets Manager does, for each requested rotation. */
  rotateWith(rotateKek: BundledFunction): void {
    this.secrets.service.rotations.functions.set(ROTATION_LAMBDA, async (event) => {
      await rotateKek.invoke(event);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.running.map((each) => each.stop()));
    await Promise.all([this.dynamodb.close(), this.secrets.close(), this.sqs.close()]);
  }
}

/** A child process reaches the embedded DynamoDB's socket by TCP only. */
export async function startDynamoDBOverTcp(): Promise<{ url: string; close(): Promise<void> }> {
  const dynamodb: EmbeddedDynamoDB = await startEmbeddedDynamoDB({ tables: TABLES });
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const upstream = connect(dynamodb.connection.socketPath);
    const end = (): void => {
      for (const each of [socket, upstream]) open.delete(each.destroy());
    };
    for (const each of [socket, upstream]) open.add(each.on('error', end).on('close', end));
    socket.pipe(upstream).pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close();
      for (const each of open) each.destroy();
      await dynamodb.close();
    },
  };
}

/** The event that API Gateway makes of a request which it has authenticated. A text is the body as it is. */
export function proxyEvent(method: string, url: string, body?: unknown): unknown {
  const target = parseRequestTarget(url);
  const match = matchRoute(OPERATIONS, method, target.path);
  const request = {
    method,
    httpVersion: '1.1',
    headers: { 'user-agent': 'test/1.0' },
    rawHeaders: ['User-Agent', 'test/1.0', 'Content-Type', 'application/json'],
  } as unknown as IncomingMessage;
  return toProxyEvent(
    request,
    target,
    body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body),
    {
      requestId: 'request-1',
      receivedAt: Date.parse('2026-11-21T12:00:00.000Z'),
      sourceIp: '192.0.2.1',
      principal: {
        accessKeyId: 'AKIDEXAMPLE',
        user: 'tester',
        arn: 'arn:aws:iam::111111111111:user/tester',
        policy: { Version: '2012-10-17', Statement: [] },
      },
      route:
        match.kind === 'route' ? { path: OPERATIONS[match.operation].path, parameters: match.parameters } : undefined,
    },
  );
}

export interface Reply {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Sends one request through a function and reads its reply. */
export async function request(to: BundledFunction, method: string, url: string, body?: unknown): Promise<Reply> {
  const result = (await to.invoke(proxyEvent(method, url, body))) as APIGatewayProxyResult;
  const text = result.body;
  const members = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
  return { status: result.statusCode, body: replyBody(result.statusCode, members) };
}
