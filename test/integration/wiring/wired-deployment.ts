import {
  CreateSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { createDynamoDBClient } from '../../../lambdas/adapters/aws/dynamodb/dynamodb-client';
import { startEmbeddedDynamoDB, type EmbeddedDynamoDB } from '../../../local/database/embedded-dynamodb';
import { startSecretsManager, type RunningSecretsManager } from '../../doubles/secrets-manager/start-secrets-manager';
import { startSqs, type RunningSqs } from '../../doubles/start-sqs';
import type { FunctionName } from '../../../lambdas/core/contract/functions';
import type { Act, Notes } from './acts';
import { FreshFunctions } from './fresh-functions';
import { startRecordingAws, type OutsideCall, type RecordingAws } from './recording-aws';

export const HOME = 'us-east-1';
export const REGIONS = [HOME, 'eu-west-1', 'ap-south-1'] as const;
const PROVIDERS = ['openai', 'google', 'anthropic'] as const;
const KEK_SECRET = 'keyward/kek';
export const RETENTION_DAYS = 400;
export const GRACE_DAYS = 3;
export const KEK_INTERVAL_DAYS = 2;
const ROTATION_LAMBDA = 'arn:aws:lambda:us-east-1:111111111111:function:keyward-rotate-kek';
const TABLES = {
  keysets: 'keyward-keysets',
  credentials: 'keyward-credentials',
  audit: 'keyward-audit',
  rotations: 'keyward-rotations',
};

/** What the stacks tell a function beside what they tell every one; test/infra/stacks/stacks.test.ts holds them to it. */
const MORE: Partial<Record<FunctionName, (endpoint: string) => Readonly<Record<string, string>>>> = (() => {
  const rotating = (endpoint: string) => ({
    KEYWARD_ROTATION_QUEUE_URL: `${endpoint}/111111111111/keyward-dek-rotation`,
    KEYWARD_PROVE_KEYSET_FUNCTION: 'keyward-prove-keyset',
  });
  return {
    rotations: rotating,
    'rotation-worker': rotating,
    sweep: (endpoint) => ({
      ...rotating(endpoint),
      KEYWARD_KEK_ROTATION_INTERVAL_DAYS: String(KEK_INTERVAL_DAYS),
    }),
    'rotate-kek': (endpoint) => ({ KEYWARD_REWRAP_QUEUE_URL: `${endpoint}/111111111111/keyward-rewrap` }),
    bootstrap: () => ({ KEYWARD_GRACE_PERIOD_DAYS: String(GRACE_DAYS) }),
  };
})();

/** Who made a call: a function in a region, and for the rotation of the KEK its step. */
export const signer = (name: string, region: string): string => `${name}@${region}`;

/** What a function of the API answers. */
export function answerOf(reply: unknown): { readonly status: number; readonly body: Record<string, unknown> } {
  const { statusCode, body } = reply as APIGatewayProxyResult;
  return { status: statusCode, body: (body === '' ? {} : JSON.parse(body)) as Record<string, unknown> };
}

/**
 * All functions of a deployment in three regions. Each call that leaves one is recorded with the function, the region that it
 * was signed for and what it asks. Secrets Manager and Lambda call functions back, as they do.
 */
export class WiredDeployment {
  /** How far all clocks are put forward. */
  aheadMs = 0;
  /** False if a test is about how long a function waits. */
  isPatient = true;
  /** The deployer, and the schedule. */
  private readonly client: SecretsManagerClient;

  private constructor(
    private readonly dynamodb: EmbeddedDynamoDB,
    readonly secrets: RunningSecretsManager,
    readonly sqs: RunningSqs,
    readonly aws: RecordingAws,
    private readonly asked: FreshFunctions,
    /** Of its own, because whoever calls it waits for the answer. */
    private readonly calledBack: FreshFunctions,
    /** Of its own, because rotate-kek, which is called back, waits for its answer. */
    private readonly proving: FreshFunctions,
    /** Variables about the KEK, as the last deployment set them. */
    public kek: Readonly<Record<string, string>>,
  ) {
    this.client = new SecretsManagerClient({
      region: HOME,
      endpoint: secrets.endpoint,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example-not-a-secret' },
    });
  }

  /**
   * @param bundles their directory
   * @param kek variables of a KEK in Vault; undefined: the KEK is in Secrets Manager, and its rotation is set up there
   */
  static async start(bundles: string, kek?: Readonly<Record<string, string>>): Promise<WiredDeployment> {
    const [dynamodb, secrets, sqs] = await Promise.all([
      startEmbeddedDynamoDB({ tables: TABLES }),
      startSecretsManager(() => Date.now() + deployment.aheadMs),
      startSqs(),
    ]);
    const aws = await startRecordingAws({
      dynamodbSocket: dynamodb.connection.socketPath,
      secretsManager: secrets.endpoint,
      sqs: sqs.endpoint,
      invoke: (name, region, event) => deployment.callBack(name as FunctionName, region, event),
    });
    const deployment: WiredDeployment = new WiredDeployment(
      dynamodb,
      secrets,
      sqs,
      aws,
      FreshFunctions.start(bundles),
      FreshFunctions.start(bundles),
      FreshFunctions.start(bundles),
      kek ?? { KEYWARD_KEK_SECRET: KEK_SECRET },
    );
    if (kek === undefined) await deployment.createKekSecret();
    return deployment;
  }

  /** A cold start of the function, and one event. */
  invoke(name: FunctionName, region: string, event: unknown, more: Readonly<Record<string, string>> = {}) {
    const env = this.environment(name, region, signer(name, region), more);
    return this.asked.invoke(name, { env, event, aheadMs: this.aheadMs, isPatient: this.isPatient });
  }

  /** One request to the API, as its function answers it. */
  async serve(act: Act, region: string, notes: Notes, more: Readonly<Record<string, string>> = {}) {
    return answerOf(await this.invoke(act.function, region, act.event(notes), more));
  }

  /** All log output of the functions. */
  get output(): string {
    return this.asked.output + this.calledBack.output + this.proving.output;
  }

  /** What was called since the mark, by whoever signed so. */
  callsSince(mark: number, by: string): readonly OutsideCall[] {
    return this.aws.calls.slice(mark).filter((call) => call.by === by);
  }

  /** Asks for a rotation of the KEK as the schedule does, and waits for its last step. */
  async rotateKek(): Promise<void> {
    await this.client.send(new RotateSecretCommand({ SecretId: KEK_SECRET }));
    await this.secrets.service.rotations.settled();
  }

  /** Puts another value as AWSCURRENT, without the rotation. */
  async replaceKek(value: string): Promise<void> {
    await this.client.send(new PutSecretValueCommand({ SecretId: KEK_SECRET, SecretString: value }));
  }

  /** Changes one member of a keyset without the functions. */
  async damageKeyset(provider: string): Promise<void> {
    const limits = { requestTimeoutMs: 60_000, connectionTimeoutMs: 60_000, maxAttempts: 3 };
    const client = createDynamoDBClient({
      ...this.dynamodb.connection,
      ...limits,
      failures: { note: () => undefined },
    });
    const { Item = {} } = await client.send(
      new GetItemCommand({ TableName: TABLES.keysets, Key: { provider: { S: provider } } }),
    );
    await client.send(
      new PutItemCommand({ TableName: TABLES.keysets, Item: { ...Item, dek_rotation_count: { N: '77' } } }),
    );
    client.destroy();
  }

  /** Creates another secret, with replicas. */
  async createSecret(name: string, value: string): Promise<void> {
    const replicas = REGIONS.slice(1).map((Region) => ({ Region }));
    await this.client.send(new CreateSecretCommand({ Name: name, SecretString: value, AddReplicaRegions: replicas }));
  }

  /** Puts another value into a secret. */
  async putSecret(name: string, value: string): Promise<void> {
    await this.client.send(new PutSecretValueCommand({ SecretId: name, SecretString: value }));
  }

  /** Waits for the end of what functions were invoked with, nobody waiting for it. */
  async settled(): Promise<void> {
    while (this.aws.pending.length > 0) await this.aws.pending.shift();
  }

  async close(): Promise<void> {
    this.client.destroy();
    await Promise.all([this.asked.stop(), this.calledBack.stop(), this.proving.stop()]);
    await Promise.all([this.aws.close(), this.dynamodb.close(), this.secrets.close(), this.sqs.close()]);
  }

  private callBack(name: FunctionName, region: string, event: unknown, by = signer(name, region)): Promise<unknown> {
    const env = this.environment(name, region, by, {});
    const functions = name === 'prove-keyset' ? this.proving : this.calledBack;
    return functions.invoke(name, { env, event, aheadMs: this.aheadMs, isPatient: this.isPatient });
  }

  private environment(name: FunctionName, region: string, by: string, more: Readonly<Record<string, string>>) {
    const { endpoint } = this.aws;
    return {
      AWS_REGION: region,
      AWS_ACCESS_KEY_ID: by,
      AWS_SECRET_ACCESS_KEY: 'example-not-a-secret',
      AWS_ENDPOINT_URL: endpoint,
      KEYWARD_PROVIDERS: PROVIDERS.join(','),
      KEYWARD_REGIONS: REGIONS.join(','),
      KEYWARD_KEYSETS_TABLE: TABLES.keysets,
      KEYWARD_CREDENTIALS_TABLE: TABLES.credentials,
      KEYWARD_AUDIT_TABLE: TABLES.audit,
      KEYWARD_ROTATIONS_TABLE: TABLES.rotations,
      ...this.kek,
      KEYWARD_AUDIT_RETENTION_DAYS: String(RETENTION_DAYS),
      POWERTOOLS_SERVICE_NAME: 'keyward',
      ...MORE[name]?.(endpoint),
      ...more,
    };
  }

  /** As the stacks do: a placeholder, replicas, and a function without a call so far. */
  async createKekSecret(): Promise<void> {
    this.secrets.service.rotations.functions.set(ROTATION_LAMBDA, async (event) => {
      await this.callBack('rotate-kek', HOME, event, signer(`rotate-kek:${event.Step}`, HOME));
    });
    await this.client.send(
      new CreateSecretCommand({
        Name: KEK_SECRET,
        SecretString: '{"schema":1}',
        AddReplicaRegions: REGIONS.slice(1).map((Region) => ({ Region })),
      }),
    );
    await this.client.send(
      new RotateSecretCommand({ SecretId: KEK_SECRET, RotationLambdaARN: ROTATION_LAMBDA, RotateImmediately: false }),
    );
    await this.secrets.service.rotations.settled();
  }
}
