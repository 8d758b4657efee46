import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  InvalidParameterException,
  InvalidRequestException,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CURRENT, PENDING } from '../../../core/contract/secret-stages';
import type { FirstKekVersion } from '../../../core/kek-move/ports/first-kek-version';
import type {
  KekSecretReplica,
  KekSecretStore,
  SecretVersion,
} from '../../../core/kek-rotation/ports/kek-secret-store';
import { unusableAnswer } from '../observability/name-failures';
import { orUnavailable, storeUnavailable } from '../dynamodb/store-unavailable';

/** The KEK secret in one region's Secrets Manager. */
export class SecretsManagerKekStore implements KekSecretStore, KekSecretReplica, FirstKekVersion {
  readonly region: string;
  private readonly client: SecretsManagerClient;
  private readonly secretId: string;

  /** @param config `secretId`: name or ARN; the name is the same in every region */
  constructor(config: { client: SecretsManagerClient; secretId: string; region: string }) {
    this.client = config.client;
    this.secretId = config.secretId;
    this.region = config.region;
  }

  async versions(): Promise<readonly SecretVersion[]> {
    const answer = await orUnavailable(
      this.client.send(new DescribeSecretCommand({ SecretId: this.secretId })),
      'Secrets Manager',
    );
    return Object.entries(answer.VersionIdsToStages ?? {}).map(([versionId, stages]) => ({ versionId, stages }));
  }

  /** A version without a value gives ResourceNotFoundException (API_GetSecretValue). */
  async value(versionId: string): Promise<string | undefined> {
    try {
      const command = new GetSecretValueCommand({ SecretId: this.secretId, VersionId: versionId });
      return (await this.client.send(command)).SecretString;
    } catch (thrown) {
      if (thrown instanceof ResourceNotFoundException) return undefined;
      throw storeUnavailable(thrown, 'Secrets Manager');
    }
  }

  async current(): Promise<{ versionId: string; value: string }> {
    const command = new GetSecretValueCommand({ SecretId: this.secretId, VersionStage: CURRENT });
    const { VersionId: versionId, SecretString: value } = await orUnavailable(
      this.client.send(command),
      'Secrets Manager',
    );
    if (versionId === undefined || value === undefined) {
      throw storeUnavailable(await unusableAnswer(this.client, 'GetSecretValue'), 'Secrets Manager');
    }
    return { versionId, value };
  }

  async putPending(versionId: string, value: string): Promise<'stored' | 'exists'> {
    const command = new PutSecretValueCommand({
      SecretId: this.secretId,
      ClientRequestToken: versionId,
      SecretString: value,
      VersionStages: [PENDING],
    });
    try {
      await this.client.send(command);
      return 'stored';
    } catch (thrown) {
      if (thrown instanceof ResourceExistsException) return 'exists';
      throw storeUnavailable(thrown, 'Secrets Manager');
    }
  }

  /** "You must specify RemoveFromVersionId if the label is attached to a different version" (API_UpdateSecretVersionStage). */
  async moveCurrent(from: string, to: string): Promise<'moved' | 'refused'> {
    const command = new UpdateSecretVersionStageCommand({
      SecretId: this.secretId,
      VersionStage: CURRENT,
      RemoveFromVersionId: from,
      MoveToVersionId: to,
    });
    try {
      await this.client.send(command);
      return 'moved';
    } catch (thrown) {
      if (isRefusal(thrown)) return 'refused';
      throw storeUnavailable(thrown, 'Secrets Manager');
    }
  }

  /**
   * The first value of a secret gets AWSCURRENT whatever its labels are, and a later one does not (API_PutSecretValue): of several
   * writers one makes it. It never asks for AWSCURRENT, which would be taken from the version that has it.
   */
  async createFirst(versionId: string, value: string): Promise<boolean> {
    if ((await this.versions()).some(({ stages }) => stages.includes(CURRENT))) return false;
    if ((await this.putPending(versionId, value)) === 'exists') return false;
    if ((await this.versions()).some(({ versionId: id, stages }) => id === versionId && stages.includes(CURRENT))) {
      return true;
    }
    await this.removePending(versionId);
    return false;
  }

  async removePending(versionId: string): Promise<void> {
    const command = new UpdateSecretVersionStageCommand({
      SecretId: this.secretId,
      VersionStage: PENDING,
      RemoveFromVersionId: versionId,
    });
    try {
      await this.client.send(command);
    } catch (thrown) {
      if (!isRefusal(thrown)) throw storeUnavailable(thrown, 'Secrets Manager');
    }
  }
}

const isRefusal = (thrown: unknown): boolean =>
  thrown instanceof InvalidParameterException || thrown instanceof InvalidRequestException;
