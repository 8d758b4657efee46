import {
  CreateSecretCommand,
  GetSecretValueCommand,
  InvalidRequestException,
  RotateSecretCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { parseKekSecret, type Kek } from '../../lambdas/core/crypto/kek-keyset';
import { inProcessClient } from '../doubles/secrets-manager/in-process-client';
import type { Rotation } from '../doubles/secrets-manager/rotation';
import { SecretsManagerService } from '../doubles/secrets-manager/secrets-manager-service';
import { HOME, REGIONS } from './regions';
import type { Scheduler } from './scheduler';
import type { SeededRandom } from './seeded-random';
import type { SimulatedProcess } from './simulated-process';

export const SECRET = 'keyward/kek';
const LAMBDA = 'arn:aws:lambda:us-east-1:111111111111:function:rotate-kek';
const PLACEHOLDER = '{"schema":1}';

/** The KEK secret in all regions: the double of Secrets Manager, with its rotations run by the simulation. */
export class SimulatedKekSecret {
  readonly service: SecretsManagerService;
  /** Called for each rotation that Secrets Manager starts. */
  onRotation: (rotation: Rotation) => void = () => undefined;
  private readonly keks = new Map<string, Kek>();
  private readonly clients = new Map<string, SecretsManagerClient>();

  constructor(private readonly deps: { readonly scheduler: Scheduler; readonly random: SeededRandom }) {
    this.service = new SecretsManagerService(() => deps.scheduler.now);
    for (const region of REGIONS) this.clients.set(region, inProcessClient(this.service, region));
    // Secrets Manager answers before it calls the function.
    this.service.rotations.functions.set(LAMBDA, () => Promise.resolve());
    this.service.rotations.start = (rotation) => {
      deps.scheduler.after(50, () => {
        this.onRotation(rotation);
      });
    };
  }

  /** Makes the secret as a deployment does: a placeholder, replicas, no key. */
  async create(value = PLACEHOLDER): Promise<void> {
    await this.client(HOME).send(
      new CreateSecretCommand({
        Name: SECRET,
        SecretString: value,
        ClientRequestToken: this.token(),
        AddReplicaRegions: REGIONS.filter((region) => region !== HOME).map((Region) => ({ Region })),
      }),
    );
  }

  /** Asks for a rotation; a running one continues. */
  async startRotation(): Promise<void> {
    const request = { SecretId: SECRET, RotationLambdaARN: LAMBDA, ClientRequestToken: this.token() };
    try {
      await this.client(HOME).send(new RotateSecretCommand(request));
    } catch (thrown) {
      if (!(thrown instanceof InvalidRequestException)) throw thrown;
    }
  }

  /** A process' client of a region: every request is a call that may fail. */
  clientOf(process: SimulatedProcess, region: string): SecretsManagerClient {
    const client = this.client(region);
    const send = (command: { constructor: { name: string }; input: object }): Promise<unknown> => {
      // A seeded token in place of the SDK's random one.
      const input =
        command instanceof RotateSecretCommand ? { RotationLambdaARN: LAMBDA, ...command.input } : command.input;
      const request = { constructor: command.constructor, input: { ClientRequestToken: this.token(), ...input } };
      const what = `kek.${command.constructor.name.replace(/Command$/, '')}`;
      return process.call(region, what, () => client.send(request as never), noAnswer);
    };
    return { send } as unknown as SecretsManagerClient;
  }

  /** The current value of a region, for the state checkers. */
  async current(region: string): Promise<{ versionId: string; value: string }> {
    const { VersionId, SecretString } = await this.client(region).send(
      new GetSecretValueCommand({ SecretId: SECRET, VersionStage: 'AWSCURRENT' }),
    );
    return { versionId: VersionId!, value: SecretString! };
  }

  /** Whether a region's current value has a KEK. */
  holds(region: string, kekId: string): boolean {
    const { SecretString } = this.service.call('GetSecretValue', region, { SecretId: SECRET });
    return (JSON.parse(String(SecretString)) as { keys?: object }).keys?.hasOwnProperty(kekId) === true;
  }

  /** A KEK that was current in the home region at any time. */
  kek(kekId: string): Kek | undefined {
    if (!this.keks.has(kekId)) {
      const { SecretString } = this.service.call('GetSecretValue', HOME, { SecretId: SECRET });
      for (const [id, kek] of parseKekSecret(String(SecretString)).keks) this.keks.set(id, kek);
    }
    return this.keks.get(kekId);
  }

  private client(region: string): SecretsManagerClient {
    return this.clients.get(region)!;
  }

  private token(): string {
    return this.deps.random.bytes(16).toString('hex');
  }
}

const noAnswer = (): Error => new Error('no answer');
