import { randomUUID } from 'node:crypto';
import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ReplicateSecretToRegionsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { signedCall, type Cloud } from './signed-call';
import { Stop } from './stop';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** Invokes a function as the account's root, and gives what it answered. */
export async function invoke(cloud: Cloud, region: string, name: string, event: unknown): Promise<unknown> {
  const body = JSON.stringify(event);
  const path = `/2015-03-31/functions/${name}/invocations`;
  const headers = { 'content-type': 'application/json', 'content-length': String(body.length) };
  const call = { service: 'lambda', region, method: 'POST', path, headers, body };
  const { status, text } = await signedCall(cloud.port, call, cloud.root);
  const answer: unknown = text === '' ? null : JSON.parse(text);
  const failed = typeof answer === 'object' && answer !== null && 'errorMessage' in answer;
  if (status !== 200 || failed) throw new Stop(`${name} answered ${status}: ${text}`);
  return answer;
}

/** The KEK secret, from outside. */
export class KekSecret {
  constructor(
    private readonly cloud: Cloud,
    private readonly home: string,
    private readonly secretId: string,
  ) {}

  /**
   * One rotation. MiniStack's own RotateSecret calls no function, so what it should do is done here: an AWSPENDING version
   * without a value, then the four steps.
   */
  async rotate(rotateKek: string): Promise<string> {
    const token = randomUUID();
    const announcement = { SecretId: this.secretId, ClientRequestToken: token, VersionStages: ['AWSPENDING'] };
    await this.client(this.home).send(new PutSecretValueCommand(announcement));
    for (const Step of STEPS) {
      await invoke(this.cloud, this.home, rotateKek, { Step, SecretId: this.secretId, ClientRequestToken: token });
    }
    return token;
  }

  /** MiniStack ignores ReplicaRegions of a template. */
  async replicateTo(regions: readonly string[]): Promise<void> {
    const AddReplicaRegions = regions.map((Region) => ({ Region }));
    await this.client(this.home).send(
      new ReplicateSecretToRegionsCommand({ SecretId: this.secretId, AddReplicaRegions }),
    );
  }

  /** The version that a region returns as current. */
  async currentIn(region: string): Promise<string | undefined> {
    const command = new GetSecretValueCommand({ SecretId: this.secretId, VersionStage: 'AWSCURRENT' });
    return (await this.client(region).send(command)).VersionId;
  }

  /** The value of the current version at home. */
  async value(): Promise<string> {
    const command = new GetSecretValueCommand({ SecretId: this.secretId, VersionStage: 'AWSCURRENT' });
    return (await this.client(this.home).send(command)).SecretString ?? '';
  }

  async primary(): Promise<string> {
    return (JSON.parse(await this.value()) as { primary: string }).primary;
  }

  async kekIds(): Promise<readonly string[]> {
    return Object.keys((JSON.parse(await this.value()) as { keys: object }).keys);
  }

  async stages(): Promise<Readonly<Record<string, readonly string[]>>> {
    const { VersionIdsToStages } = await this.client(this.home).send(
      new DescribeSecretCommand({ SecretId: this.secretId }),
    );
    return VersionIdsToStages ?? {};
  }

  private client(region: string): SecretsManagerClient {
    const { port, root } = this.cloud;
    return new SecretsManagerClient({ region, endpoint: `http://127.0.0.1:${port}`, credentials: root });
  }
}
