import { createHash } from 'node:crypto';
import { newKekSecretRecord, serializeKekSecret } from '../../lambdas/core/crypto/kek-keyset';
import type { ProofChallenge } from '../../lambdas/core/dek-rotation/dek-proof';
import type { Randomness } from '../../lambdas/core/crypto/randomness';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { RewrapRequest } from '../../lambdas/core/kek-rotation/ports/rewrap-queue';
import type { DekRotationMessage } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import { CountingMetrics } from '../doubles/memory-ports';
import type { FaultInjector } from './fault-injector';
import { StateCheckers } from './state-checkers';
import { Violations } from './violations';
import { Functions } from './functions';
import { Network } from './network';
import type { Mutant } from './mutant';
import { REGIONS } from './regions';
import type { ReplicationLag } from './replicated-table';
import { Scheduler } from './scheduler';
import { seededRandomness, SeededRandom } from './seeded-random';
import { SimulatedKekSecret } from './simulated-kek-secret';
import { SimulatedProcess, type WorkResult } from './simulated-process';
import { SimulatedQueue } from './simulated-queue';
import { createTables, type SimulatedTables } from './simulated-tables';
import { Trace } from './trace';

/** The options of a world: the same options make the same world, to the last byte. */
export interface WorldOptions {
  readonly seed: number;
  readonly providers: readonly string[];
  readonly shardCount: number;
  readonly faultInjector: (random: SeededRandom) => FaultInjector;
  readonly lag: (random: SeededRandom) => ReplicationLag;
  /** The number of receives after which a message is dead, and the rate of duplicates. */
  readonly queue: { readonly maxReceives: number; readonly duplicateChance: number; readonly maxDelayMs: number };
  /** The maximum error of a process' clock. */
  readonly maxClockErrorMs: number;
  /** The number of days for which a replaced or deleted value is kept. */
  readonly previousValueDays: number;
  readonly mutant?: Mutant;
}

const START = Date.parse('2026-01-05T08:00:00.000Z');
/** The lag of the index of key versions. */
const INDEX_LAG_MS = 2_000;

/** How long a deployment waits for its bootstrap. */
const BOOTSTRAP_MS = 900_000;

/** Each purpose has its own random numbers, so that another draw for one changes nothing for the others. */
const STREAMS = { faults: 1, lag: 2, keys: 3, secret: 4, queues: 5 } as const;

/** A deployment in three regions, in memory and with one order of events. */
export class World {
  readonly scheduler = new Scheduler(START);
  readonly violations = new Violations(this.scheduler);
  readonly trace = new Trace(this.scheduler);
  readonly metrics = new CountingMetrics();
  readonly logger: Logger;
  readonly randomness: Randomness;
  readonly network: Network;
  readonly tables: SimulatedTables;
  readonly kekSecret: SimulatedKekSecret;
  readonly dekRotationQueue: SimulatedQueue<DekRotationMessage>;
  readonly rewrapQueue: SimulatedQueue<RewrapRequest>;
  readonly checkers: StateCheckers;
  readonly functions: Functions;
  readonly processes: SimulatedProcess[] = [];
  /** The current providers of the deployment; the options have all that it ever had. */
  configured: readonly string[];

  constructor(readonly options: WorldOptions) {
    const { scheduler, trace } = this;
    this.configured = options.providers;
    scheduler.onExcess = () => {
      this.violations.report('work comes to an end', 'something goes on and on');
    };
    const stream = (name: keyof typeof STREAMS): SeededRandom => new SeededRandom(options.seed, STREAMS[name]);
    this.logger = trace.logger;
    this.randomness = seededRandomness(stream('keys'));
    this.network = new Network(options.faultInjector(stream('faults')));
    this.network.trace = (call, fault) => {
      trace.call(call, fault);
    };
    this.tables = createTables({ scheduler, network: this.network, lag: options.lag(stream('lag')) });
    this.kekSecret = new SimulatedKekSecret({ scheduler, random: stream('secret') });
    const queues = { scheduler, random: stream('queues') };
    this.dekRotationQueue = new SimulatedQueue(queues, options.queue);
    this.rewrapQueue = new SimulatedQueue(queues, options.queue);
    this.checkers = new StateCheckers(this, INDEX_LAG_MS);
    this.functions = new Functions(this);
  }

  /** A process that remains through all its restarts. */
  process(name: string, region: string): SimulatedProcess {
    const process = new SimulatedProcess(name, region, { scheduler: this.scheduler, network: this.network });
    process.onCrash.push(() => {
      this.trace.note(`${name} stopped`);
    });
    this.processes.push(process);
    return process;
  }

  prove(region: string, challenge: ProofChallenge): Promise<WorkResult<string>> {
    return this.functions.prove(region, challenge);
  }

  /** A deployment with its first KEK and all keysets, as after an earlier bootstrap. */
  async deploy(): Promise<void> {
    await this.kekSecret.create(serializeKekSecret(newKekSecretRecord(this.randomness, this.scheduler.now)));
    await this.complete(
      this.functions.bootstrap.run((bootstrap) => bootstrap()),
      BOOTSTRAP_MS,
    );
  }

  /** Deploys other providers: every function restarts, and bootstrap runs. */
  async configure(providers: readonly string[]): Promise<void> {
    const before = { providers: this.configured, regions: REGIONS };
    this.configured = providers;
    for (const process of this.processes) process.crash();
    this.trace.note(`configured: ${providers.join(' ')}`);
    await this.complete(
      this.functions.bootstrap.run((bootstrap) => bootstrap(before)),
      BOOTSTRAP_MS,
    );
  }

  /** Advances simulated time. */
  async pass(ms: number): Promise<void> {
    await this.scheduler.runUntil(this.scheduler.now + ms, () => this.violations.hasAny());
  }

  /** Runs events until the work is done, at most for `limitMs`. */
  async complete<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
    let result: { value: T } | undefined;
    void work.then((value) => {
      result = { value };
    });
    await this.scheduler.runUntil(this.scheduler.now + limitMs, () => result !== undefined || this.violations.hasAny());
    return result?.value;
  }

  /** A hash of all stored data: two runs of the same options have the same. */
  get digest(): string {
    const hash = createHash('sha256');
    const { keysets, credentials, audit } = this.tables;
    for (const region of REGIONS) {
      for (const table of [keysets, credentials, audit]) {
        for (const [key, value] of table.entries(region)) hash.update(`${region} ${key} ${JSON.stringify(value)}\n`);
      }
    }
    return hash.update(`${this.scheduler.steps} ${this.scheduler.now}`).digest('hex').slice(0, 16);
  }

  /** Whether every region has all writes of the others. */
  get isConverged(): boolean {
    const { keysets, credentials, audit } = this.tables;
    return [keysets, credentials, audit].every(({ underway }) => underway === 0);
  }
}
