import { AuditTrail } from '../../lambdas/core/audit/audit-trail';
import type { KekHome } from '../../lambdas/core/contract/kek-homes';
import {
  newKekSecretRecord,
  parseKekSecret,
  parseKekSecretRecord,
  serializeKekSecret,
} from '../../lambdas/core/crypto/kek-keyset';
import { newId } from '../../lambdas/core/crypto/randomness';
import { unwrapDek } from '../../lambdas/core/crypto/wrapped-dek';
import { createProveKeyset } from '../../lambdas/core/dek-rotation/prove-keyset';
import { createAdvanceKekMove } from '../../lambdas/core/kek-move/advance-kek-move';
import { createBeginKekMove } from '../../lambdas/core/kek-move/begin-kek-move';
import { createAbortKekMove, createFinishKekMove } from '../../lambdas/core/kek-move/end-kek-move';
import { KekInForce } from '../../lambdas/core/kek-move/kek-in-force';
import { createKekMoveGuard } from '../../lambdas/core/kek-move/kek-move-guard';
import { homeInForce, stands, type KekMoveRecord } from '../../lambdas/core/kek-move/kek-move-record';
import { KekRotationDriver } from '../../lambdas/core/kek-rotation/kek-rotation-driver';
import { createRewrapDeks } from '../../lambdas/core/kek-rotation/rewrap-deks';
import { RotateKek } from '../../lambdas/core/kek-rotation/rotate-kek';
import type { RewrapRequest } from '../../lambdas/core/kek-rotation/ports/rewrap-queue';
import { newKeyset, verifyKeyset } from '../../lambdas/core/keysets/dek-keyset';
import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import type { SecretsProvider } from '../../lambdas/core/keysets/ports/secrets-provider';
import { MemoryHomeReporter } from './memory-home-reporter';
import { MemoryProver } from './memory-dek-rotation-ports';
import { CountingMetrics, MemoryAudit, MemoryKeysets, TestClock, testRandomness } from './memory-ports';
import { RecordingLogger } from './recording-logger';
import type { OutsideCalls } from './stop-the-world';
import { kekHome, type KekHomeState } from './stores/kek-home';
import { kekMoveStore } from './stores/kek-move-store';
import { MemoryTable } from './stores/memory-table';
import { caller } from './world';

const HOME = 'us-east-1';
const REGIONS = [HOME, 'eu-west-1', 'ap-south-1'] as const;
const PROVIDERS = ['openai', 'google'];
export const SETTLE_MS = 16 * 60_000;
export const PLACEHOLDER = '{"schema":1}';

/** Two homes of the KEK, and three regions whose functions read them: everything in memory. */
export class KekMoveWorld {
  readonly clock = new TestClock();
  readonly metrics = new CountingMetrics();
  readonly audit = new MemoryAudit();
  readonly logger = new RecordingLogger();
  readonly keysets = REGIONS.map((region) => new MemoryKeysets(region));
  readonly moves = new Map<string, KekMoveRecord>();
  readonly moveTable = new MemoryTable<KekMoveRecord>(this.moves);
  readonly states = { local: new Map(), aws: new Map(), vault: new Map() } as Record<
    KekHome,
    Map<string, KekHomeState>
  >;
  readonly tables = {
    local: new MemoryTable(this.states.local),
    aws: new MemoryTable(this.states.aws),
    vault: new MemoryTable(this.states.vault),
  };
  /** What the configuration names: the old home, and the target. */
  from: KekHome = 'aws';
  to: KekHome = 'vault';
  /** Is between each process and the outside. */
  calls: Pick<OutsideCalls, 'through'> = { through: (port) => port };

  home = (home: KekHome) => kekHome(new Map(Object.entries(this.tables)).get(home)!, HOME);

  get move(): KekMoveRecord | undefined {
    return this.moves.get('kek-move');
  }

  get inForce(): KekHome {
    return homeInForce(this.move, this.homes);
  }

  get homes() {
    return { home: this.to, movingFrom: this.from };
  }

  /** The old home has a KEK with a keyset for each provider; the target has nothing. */
  async start(): Promise<this> {
    const first = newKekSecretRecord(testRandomness, this.clock.now());
    await this.home(this.from).createFirst(newId(testRandomness), serializeKekSecret(first));
    const { primary } = parseKekSecret(serializeKekSecret(first));
    for (const provider of PROVIDERS) {
      this.keysets[0]!.records.set(provider, newKeyset(provider, primary, this.clock.now(), testRandomness));
    }
    this.replicate();
    return this;
  }

  replicate(): void {
    for (const store of this.keysets.slice(1)) {
      for (const [provider, record] of this.keysets[0]!.records) store.records.set(provider, structuredClone(record));
    }
  }

  private shared() {
    const { clock, metrics, logger, calls } = this;
    const sink = calls.through(this.audit);
    const trail = new AuditTrail({ sink, clock, randomness: testRandomness, metrics, region: HOME });
    const store = calls.through(kekMoveStore(this.moveTable));
    return { clock, metrics, logger, trail, randomness: testRandomness, store };
  }

  /** What a region's function reads: without a cache, so that every difference between the homes shows. */
  regionReads(region: string): KekInForce {
    const direct = (home: KekHome): SecretsProvider => {
      const read = async () => parseKekSecret((await this.home(home).current()).value);
      return { current: read, refresh: read };
    };
    const secrets = { [this.from]: direct(this.from), [this.to]: direct(this.to) };
    return new KekInForce({
      region,
      moves: kekMoveStore(this.moveTable),
      homes: this.homes,
      secrets,
      clock: this.clock,
    });
  }

  provers = REGIONS.map(
    (region, index) =>
      new MemoryProver(region, (challenge) => {
        const reads = this.regionReads(region);
        const keysets = this.keysets[index]!;
        return createProveKeyset({ keysets, secrets: reads, secretsOf: (home) => reads.of(home) })(challenge);
      }),
  );

  reporters = REGIONS.map((region) => new MemoryHomeReporter(region, () => this.regionReads(region).home()));

  /** A process that begins and ends moves. */
  operator() {
    const { calls, homes } = this;
    const deps = { ...this.shared(), homes, reporters: this.reporters.map((each) => calls.through(each)) };
    const [begin, finish, abort] = [createBeginKekMove(deps), createFinishKekMove(deps), createAbortKekMove(deps)];
    return {
      begin: (from?: KekHome, to?: KekHome) => begin(caller, { from, to }),
      finish: () => finish(caller),
      abort: () => abort(caller),
    };
  }

  /** A process that copies. */
  mover() {
    const { calls } = this;
    const through = (home: KekHome) => calls.through(this.home(home));
    return createAdvanceKekMove({
      ...this.shared(),
      stores: { [this.from]: through(this.from), [this.to]: through(this.to) },
      keysets: calls.through(this.keysets[0]!),
      provers: this.provers.map((each) => calls.through(each)),
      settleMs: SETTLE_MS,
    });
  }

  /** A process that rotates the KEK in one home, and rewraps. */
  rotator(home: KekHome = this.inForce) {
    const { calls } = this;
    const shared = this.shared();
    const secret = calls.through(this.home(home));
    const moves = createKekMoveGuard({ moves: shared.store, homes: this.homes, home });
    const rewrapDeks = createRewrapDeks({
      ...shared,
      moves,
      replicas: [secret],
      keysets: calls.through(this.keysets[0]!),
      scanners: this.keysets.map((each) => calls.through(each)),
    });
    const queue = {
      send: async (request: RewrapRequest) => {
        await rewrapDeks(request);
      },
    };
    const keysets = this.keysets.map((each) => calls.through(each));
    const rotateKek = new RotateKek({ ...shared, moves, secret, keysets, queue });
    return { rewrapDeks, rotateKek, driver: new KekRotationDriver({ ...shared, moves, secret, rotateKek }) };
  }

  /** Begins, waits until nothing old can be written, and copies until the home is switched. */
  async moveUntilSwitched(): Promise<void> {
    this.replicate();
    await this.operator().begin();
    await this.mover()();
    this.clock.time += SETTLE_MS;
    await this.mover()();
  }

  async kekIds(home: KekHome): Promise<readonly string[]> {
    return Object.keys(parseKekSecretRecord((await this.home(home).current()).value).keys);
  }

  /**
   * Opens every keyset of every region with what its function reads, and at home with the KEK of the home in force.
   *
   * @returns the DEKs, by provider and version
   */
  async openAll(): Promise<ReadonlyMap<string, string>> {
    const deks = new Map<string, string>();
    for (const store of this.keysets) {
      const keks = await this.regionReads(store.region).current();
      for (const [provider, value] of store.records) {
        const record: KeysetRecord = verifyKeyset(value, provider, keks);
        for (const [number, { encrypted_dek: wrapped }] of Object.entries(record.versions)) {
          const { key } = unwrapDek(keks.keks.get(record.kek_id)!, provider, Number(number), wrapped!);
          const name = `${provider} ${number}`;
          const text = key.export().toString('base64');
          if (deks.has(name)) expect(text).toBe(deks.get(name));
          deks.set(name, text);
        }
      }
    }
    return deks;
  }

  /** From the switch on, and until the end, both homes have the same KEKs. */
  async expectEqualWhileSwitched(): Promise<void> {
    const { move } = this;
    if (move?.state !== 'switched' || !stands(move)) return;
    expect(await this.kekIds(move.to)).toEqual(await this.kekIds(move.from));
  }
}
