import { createKekRotation } from '../../lambdas/adapters/aws/secrets-manager-kek-rotation';
import { SecretsManagerKekStore } from '../../lambdas/adapters/aws/secrets-manager-kek-store';
import { SecretsManagerSecretsProvider } from '../../lambdas/adapters/aws/secrets-manager-secrets-provider';
import type { Randomness } from '../../lambdas/core/domain/randomness';
import type { AuditReader, AuditSink } from '../../lambdas/core/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { CredentialScanner } from '../../lambdas/core/ports/credential-scanner';
import type { CredentialStore } from '../../lambdas/core/ports/credential-store';
import type { KekRotation } from '../../lambdas/core/ports/kek-rotation';
import type { KekSecretReplica, KekSecretStore } from '../../lambdas/core/ports/kek-secret-store';
import type { KeysetScanner } from '../../lambdas/core/ports/keyset-scanner';
import type { KeysetStore } from '../../lambdas/core/ports/keyset-store';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { Metrics } from '../../lambdas/core/ports/metrics';
import type { OpenIntents } from '../../lambdas/core/ports/open-intents';
import type { RegionProver } from '../../lambdas/core/ports/region-prover';
import type { RewrapQueue } from '../../lambdas/core/ports/rewrap-queue';
import type { RotationQueue } from '../../lambdas/core/ports/rotation-queue';
import type { RotationStore } from '../../lambdas/core/ports/rotation-store';
import type { SecretsProvider } from '../../lambdas/core/ports/secrets-provider';
import { storeUnavailable } from './no-answer';
import { auditLog } from './simulated-audit-log';
import { HOME, REGIONS } from './regions';
import { SECRET } from './simulated-kek-secret';
import type { SimulatedProcess } from './simulated-process';
import { rotationStore } from './simulated-rotation-store';
import { credentialScanner, credentialStore, keysetStore, TableAccess } from './simulated-tables';
import type { World } from './world';

/** Which of the deployment's functions a process is. */
export type Role = 'api' | 'bootstrap' | 'prover' | 'rewrap-deks' | 'rotate-kek' | 'rotations' | 'sweep' | 'worker';

/** The outside as one process has it. */
export interface ProcessPorts {
  readonly role: Role;
  readonly process: SimulatedProcess;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** By region. */
  readonly keysets: Readonly<Record<string, KeysetStore & KeysetScanner>>;
  readonly credentials: Readonly<Record<string, CredentialStore>>;
  readonly scanner: CredentialScanner;
  readonly rotations: RotationStore;
  readonly audit: AuditSink & AuditReader & OpenIntents;
  readonly secrets: SecretsProvider;
  readonly kekStore: KekSecretStore;
  /** Home's first. */
  readonly kekReplicas: readonly [KekSecretReplica, ...KekSecretReplica[]];
  readonly kekRotation: KekRotation;
  readonly rewrapQueue: RewrapQueue;
  readonly rotationQueue: RotationQueue;
  /** Home's first. */
  readonly provers: readonly [RegionProver, ...RegionProver[]];
}

/** The adapter's timers are real ones; what takes too long is the simulation's to say. */
const NEVER_MS = 2_000_000_000;

/** Plugs a process into the world. Nothing in it is kept in memory between two lives of the process but caches of its own. */
export function createPorts(world: World, process: SimulatedProcess, role: Role): ProcessPorts {
  const { tables, kekSecret } = world;
  const { clock } = process;
  const byRegion = <P>(make: (region: string) => P): Readonly<Record<string, P>> =>
    Object.fromEntries(REGIONS.map((region) => [region, make(region)]));
  const kekStoreIn = (region: string): SecretsManagerKekStore =>
    new SecretsManagerKekStore({ client: kekSecret.clientOf(process, region), secretId: SECRET, region });
  const [, ...others] = REGIONS;
  const nearestFirst = [process.region, ...REGIONS.filter((region) => region !== process.region)];
  const credentials = new TableAccess(process, tables.credentials, HOME, 'credentials');
  const { metrics, logger, randomness } = world;
  return {
    role,
    process,
    clock,
    randomness,
    metrics,
    logger,
    keysets: byRegion((region) => keysetStore(new TableAccess(process, tables.keysets, region, 'keysets'))),
    credentials: byRegion((region) =>
      credentialStore(new TableAccess(process, tables.credentials, region, 'credentials')),
    ),
    scanner: credentialScanner(credentials, tables.index, world.options.shardCount),
    rotations: rotationStore(new TableAccess(process, tables.rotations, HOME, 'rotations')),
    audit: auditLog(process, tables),
    secrets: new SecretsManagerSecretsProvider({
      secretId: SECRET,
      // A prover answers for its own region alone.
      regions: (role === 'prover' ? [process.region] : nearestFirst).map((region) => ({
        region,
        client: kekSecret.clientOf(process, region),
      })),
      clock,
      metrics,
      logger,
      regionTimeoutMs: NEVER_MS,
    }),
    kekStore: kekStoreIn(HOME),
    kekReplicas: [kekStoreIn(HOME), ...others.map(kekStoreIn)],
    kekRotation: createKekRotation({ client: kekSecret.clientOf(process, HOME), secretId: SECRET }),
    rewrapQueue: {
      send: (message) =>
        process.call(
          HOME,
          'queue.send rewrap',
          () => {
            world.rewrapQueue.put(message, 0);
          },
          storeUnavailable,
        ),
    },
    rotationQueue: {
      send: (messages, delaySeconds) =>
        process.call(
          HOME,
          `queue.send ${messages.map(({ kind }) => kind).join(' ')}`,
          () => {
            for (const message of messages) world.rotationQueue.put(message, delaySeconds * 1000);
          },
          storeUnavailable,
        ),
    },
    provers: [proverFor(world, process, HOME), ...others.map((region) => proverFor(world, process, region))],
  };
}

const proverFor = (world: World, process: SimulatedProcess, region: string): RegionProver => ({
  region,
  prove: (challenge) =>
    process.call(
      region,
      `prove ${challenge.provider}`,
      async () => {
        const result = await world.prove(region, challenge);
        if (result.kind === 'answered') return result.value;
        throw result.kind === 'threw' ? (result.error as Error) : storeUnavailable();
      },
      storeUnavailable,
    ),
});
