import { DEFAULT_PREVIOUS_VALUE_DAYS } from '../../lambdas/core/contract/defaults';
import type { KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import type { OpenIntents } from '../../lambdas/core/audit/ports/open-intents';
import type { DekRotationMessage } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import { createProveKeyset } from '../../lambdas/core/dek-rotation/prove-keyset';
import { createDekRotations, type DekRotationDependencies } from '../../lambdas/core/dek-rotation/create-dek-rotations';
import { KekInMemory } from './kek-in-memory';
import { MemoryProver, MemoryQueue, MemoryDekRotations, MemoryScanner } from './memory-dek-rotation-ports';
import type { MemoryKeysets } from './memory-ports';
import { testRandomness } from './memory-ports';
import { RecordingLogger } from './recording-logger';
import { caller, World } from './world';

/** The world of test/doubles/world with everything that rotates a DEK: three regions, a queue, a scanner. */
export class DekRotationWorld extends World {
  readonly rotations = new MemoryDekRotations();
  readonly scanner = new MemoryScanner(this.credentials);
  readonly queue = new MemoryQueue();
  readonly intents: OpenIntents = this.audit;
  readonly logger = new RecordingLogger();
  readonly provers = [this.home, this.local, this.other].map(
    (keysets) => new MemoryProver(keysets.region, createProveKeyset({ keysets, secrets: this.secrets })),
  );
  /** Whether writes of the home region are in the other regions at once. */
  replicates = true;

  readonly kek = new KekInMemory();
  readonly use = { ...this.compose(), ...this.kek.operations(this) };

  /** A new process over the same stores. */
  compose(over: Partial<DekRotationDependencies> = {}) {
    return createDekRotations({
      region: 'us-east-1',
      provers: this.provers as unknown as DekRotationDependencies['provers'],
      providers: ['openai', 'google'],
      keysets: this.replicating(),
      secrets: this.secrets,
      credentials: this.credentials,
      scanner: this.scanner,
      previousValueDays: DEFAULT_PREVIOUS_VALUE_DAYS,
      store: this.rotations,
      queue: this.queue,
      auditSink: this.audit,
      intents: this.intents,
      clock: this.clock,
      randomness: testRandomness,
      metrics: this.metrics,
      logger: this.logger,
      ...over,
    });
  }

  /** The home region's table, whose writes reach the other regions. */
  private replicating(): MemoryKeysets {
    return new Proxy(this.home, {
      get: (home, name) => {
        if (name !== 'replace') return Reflect.get(home, name) as unknown;
        return async (record: KeysetRecord, expected: number) => {
          const result = await home.replace(record, expected);
          if (this.replicates) this.replicate();
          return result;
        };
      },
    });
  }

  replicate(): void {
    for (const [provider, record] of this.home.records) {
      for (const region of [this.local, this.other]) region.records.set(provider, structuredClone(record));
    }
  }

  async store(count: number, provider = 'openai'): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      await this.application.putCredential(caller, {
        provider,
        name: `key-${index}`,
        api_key: `secret-of-key-${index}`,
        // Part of a credential's encryption context: a rotation without it would open none.
        metadata: { team: 'search', contact: { mail: `owner-${index}@example.com` }, ports: [index, 443] },
      });
    }
  }

  async rotate(over: { emergency?: boolean; reason?: string; idempotency_key?: string } = {}): Promise<string> {
    const { rotation_id } = await this.use.rotate(caller, { provider: 'openai', emergency: false, ...over });
    return rotation_id;
  }

  async hand(message: DekRotationMessage, use = this.use): Promise<number | undefined> {
    const deadline = this.clock.now() + 60_000;
    if (message.kind === 'rekey') return use.rekeyShard(message, deadline);
    if (message.kind === 'advance') return use.advance(message.provider);
    const rest = await use.expirePrevious(message, deadline);
    if (rest !== undefined) this.queue.sent.push({ message: { kind: 'expire', ...rest }, delaySeconds: 0 });
    return undefined;
  }

  /** Delivers messages, each after its delay, until none is left or `most` were delivered. */
  async deliver(most = 500): Promise<void> {
    for (let count = 0; count < most; count += 1) {
      const [next, ...rest] = this.queue.take().sort((a, b) => a.delaySeconds - b.delaySeconds);
      if (next === undefined) return;
      this.clock.time += next.delaySeconds * 1000;
      this.queue.sent.push(
        ...rest.map(({ message, delaySeconds }) => ({
          message,
          delaySeconds: Math.max(0, delaySeconds - next.delaySeconds),
        })),
      );
      const again = await this.hand(next.message);
      if (again !== undefined) this.queue.sent.push({ message: next.message, delaySeconds: again });
    }
    throw new Error('messages do not come to an end');
  }

  days(count: number): void {
    this.clock.time += count * 86_400_000;
  }

  operations(): string[] {
    return this.audit.events
      .filter(({ metadata: { phase, outcome } }) => phase === 'outcome' && outcome === 'written')
      .map(({ metadata }) => metadata.operation ?? '');
  }
}
