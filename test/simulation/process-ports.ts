import { createKekRotation } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-rotation';
import { SecretsManagerKekStore } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-kek-store';
import { SecretsManagerSecretsProvider } from '../../lambdas/adapters/aws/secrets-manager/secrets-manager-secrets-provider';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import type { AuditReader, AuditSink } from '../../lambdas/core/audit/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import type { CredentialScanner } from '../../lambdas/core/credentials/ports/credential-scanner';
import type { CredentialStore } from '../../lambdas/core/credentials/ports/credential-store';
import type { KekRotation } from '../../lambdas/core/kek-rotation/ports/kek-rotation';
import type { KekSecretReplica, KekSecretStore } from '../../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { KeysetScanner } from '../../lambdas/core/keysets/ports/keyset-scanner';
import type { KeysetStore } from '../../lambdas/core/keysets/ports/keyset-store';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { Metrics } from '../../lambdas/core/ports/metrics';
import type { OpenIntents } from '../../lambdas/core/audit/ports/open-intents';
import type { RegionProver } from '../../lambdas/core/dek-rotation/ports/region-prover';
import type { RewrapQueue } from '../../lambdas/core/kek-rotation/ports/rewrap-queue';
import type { DekRotationQueue } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import type { DekRotationStore } from '../../lambdas/core/dek-rotation/ports/dek-rotation-store';
import type { SecretsProvider } from '../../lambdas/core/keysets/ports/secrets-provider';
import { auditLog } from '../doubles/stores/audit-log';
import { credentialScanner } from '../doubles/stores/credential-scanner';
import { credentialStore } from '../doubles/stores/credential-store';
import { keysetStore } from '../doubles/stores/keyset-store';
import { dekRotationStore } from '../doubles/stores/dek-rotation-store';
import { rewrapQueue, dekRotationQueue } from './queue-ports';
import { regionProver } from './region-prover';
import { HOME, REGIONS } from './regions';
import { SECRET } from './simulated-kek-secret';
import type { SimulatedProcess } from './simulated-process';
import { shardsOf, tableIn } from './simulated-tables';
import type { World } from './world';

/** The deployment's function that a process runs. */
export type Role = 'api' | 'bootstrap' | 'prover' | 'rewrap-deks' | 'rotate-kek' | 'rotations' | 'sweep' | 'worker';

/** The outside services as one process reaches them. */
export interface ProcessPorts {
  readonly role: Role;
  readonly process: SimulatedProcess;
  readonly previousValueDays: number;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** By region. */
  readonly keysets: Readonly<Record<string, KeysetStore & KeysetScanner>>;
  readonly credentials: Readonly<Record<string, CredentialStore>>;
  readonly scanner: CredentialScanner;
  readonly rotations: DekRotationStore;
  readonly audit: AuditSink & AuditReader & OpenIntents;
  readonly secrets: SecretsProvider;
  readonly kekStore: KekSecretStore;
  /** Home region first. */
  readonly kekReplicas: readonly [KekSecretReplica, ...KekSecretReplica[]];
  readonly kekRotation: KekRotation;
  readonly rewrapQueue: RewrapQueue;
  readonly dekRotationQueue: DekRotationQueue;
  /** Home region first. */
  readonly provers: readonly [RegionProver, ...RegionProver[]];
}

/** The adapter's timers are real; here the simulation decides what takes too long. */
const NEVER_MS = 2_000_000_000;

/** Connects a process to the world. Between two lives of the process only its stores remain, no memory. */
export function createPorts(world: World, process: SimulatedProcess, role: Role): ProcessPorts {
  const { tables, kekSecret } = world;
  const { clock } = process;
  const byRegion = <P>(make: (region: string) => P): Readonly<Record<string, P>> =>
    Object.fromEntries(REGIONS.map((region) => [region, make(region)]));
  const kekStoreIn = (region: string): SecretsManagerKekStore =>
    new SecretsManagerKekStore({ client: kekSecret.clientOf(process, region), secretId: SECRET, region });
  const [, ...others] = REGIONS;
  const proverFor = (region: string): RegionProver =>
    regionProver(process, region, (challenge) => world.prove(region, challenge));
  const nearestFirst = [process.region, ...REGIONS.filter((region) => region !== process.region)];
  const credentialsIn = (region: string) => tableIn(process, tables.credentials, region, 'credentials');
  const { metrics, logger, randomness } = world;
  return {
    role,
    process,
    previousValueDays: world.options.previousValueDays,
    clock,
    randomness,
    metrics,
    logger,
    keysets: byRegion((region) => keysetStore(tableIn(process, tables.keysets, region, 'keysets'), region)),
    credentials: byRegion((region) => credentialStore(credentialsIn(region))),
    scanner: credentialScanner(credentialsIn(HOME), shardsOf(world.options.shardCount), () => tables.index),
    rotations: dekRotationStore(tableIn(process, tables.rotations, HOME, 'rotations')),
    audit: auditLog(tableIn(process, tables.audit, process.region, 'audit'), tables.used),
    secrets: new SecretsManagerSecretsProvider({
      secretId: SECRET,
      // A prover answers for its own region only.
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
    rewrapQueue: rewrapQueue(process, world.rewrapQueue),
    dekRotationQueue: dekRotationQueue(process, world.dekRotationQueue),
    provers: [proverFor(HOME), ...others.map(proverFor)],
  };
}
