import { CREDENTIAL_SHARDS, credentialShard } from '../../lambdas/adapters/aws/dynamodb/dynamodb-tables';
import type { StoredRow } from '../../lambdas/core/credentials/credential';
import type { ProofChallenge } from '../../lambdas/core/dek-rotation/dek-proof';
import type {
  DekRotationReport,
  ShardProgress,
  StoredReport,
} from '../../lambdas/core/dek-rotation/dek-rotation-report';
import type { CredentialScanner, ScannedPage } from '../../lambdas/core/credentials/ports/credential-scanner';
import type { RegionProver } from '../../lambdas/core/dek-rotation/ports/region-prover';
import type { DekRotationMessage, DekRotationQueue } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import type { DekRotationStore } from '../../lambdas/core/dek-rotation/ports/dek-rotation-store';
import type { WriteResult } from '../../lambdas/core/ports/write-result';
import type { MemoryCredentials } from './memory-ports';
import { credentialScanner } from './stores/credential-scanner';
import { MemoryTable } from './stores/memory-table';
import { noAnswer } from './stores/no-answer';
import { CLOSED_TO, dekRotationStore, type DekRotationItem } from './stores/dek-rotation-store';

/** The ports of a rotation in memory. They keep the contracts in test/contract, where the same suites run against DynamoDB. */

export class MemoryDekRotations implements DekRotationStore {
  readonly rows = new Map<string, DekRotationItem>();
  readonly table = new MemoryTable<DekRotationItem>(this.rows);
  /** Called before each write: a test can write earlier, or give the answer itself. */
  beforePut: (record: DekRotationReport | ShardProgress) => WriteResult | undefined = () => undefined;
  private readonly store = dekRotationStore(this.table);

  set down(down: boolean) {
    this.table.down = down;
  }

  get closedTo(): string | undefined {
    return (this.rows.get(CLOSED_TO) as { time: string } | undefined)?.time;
  }

  /** All stored reports. */
  get storedReports(): readonly DekRotationReport[] {
    return [...this.rows.values()].filter((row) => 'status' in row);
  }

  /** Removes all reports. */
  forgetReports(): void {
    for (const [key, row] of this.rows) if ('status' in row) this.rows.delete(key);
  }

  report(provider: string, rotationId: string): Promise<StoredReport | undefined> {
    return this.store.report(provider, rotationId);
  }

  reports(provider: string, page: { before?: string; limit: number }): Promise<readonly StoredReport[]> {
    return this.store.reports(provider, page);
  }

  async putReport(report: DekRotationReport, expectedRevision: number): Promise<WriteResult> {
    return this.beforePut(report) ?? this.store.putReport(report, expectedRevision);
  }

  shard(provider: string, rotationId: string, shard: number): Promise<ShardProgress | undefined> {
    return this.store.shard(provider, rotationId, shard);
  }

  shards(provider: string, rotationId: string): Promise<readonly ShardProgress[]> {
    return this.store.shards(provider, rotationId);
  }

  async putShard(progress: ShardProgress, expectedRevision: number): Promise<WriteResult> {
    return this.beforePut(progress) ?? this.store.putShard(progress, expectedRevision);
  }

  intentsClosedTo(): Promise<string | undefined> {
    return this.store.intentsClosedTo();
  }

  noteIntentsClosedTo(time: string): Promise<void> {
    return this.store.noteIntentsClosedTo(time);
  }
}

/** The shard of a name in DynamoDB, so that a test sees the same credentials together. */
export const shardOf = (name: string): number => Number(credentialShard('any', name).slice(-2));

/** Scans credentials in memory. */
export class MemoryScanner implements CredentialScanner {
  readonly shardCount = CREDENTIAL_SHARDS;
  /** The result of {@link shardsWith} in place of the correct one: an index may lag. */
  hint: readonly number[] | undefined;
  readonly table: MemoryTable<StoredRow>;
  private readonly scanner: CredentialScanner;

  constructor(credentials: MemoryCredentials) {
    this.table = new MemoryTable(credentials.rows);
    this.scanner = credentialScanner(this.table, { count: this.shardCount, of: shardOf });
  }

  set down(down: boolean) {
    this.table.down = down;
  }

  page(provider: string, shard: number, page: { after?: string; limit: number }): Promise<ScannedPage> {
    return this.scanner.page(provider, shard, page);
  }

  countByVersion(provider: string, shard: number): Promise<ReadonlyMap<number, number>> {
    return this.scanner.countByVersion(provider, shard);
  }

  async shardsWith(provider: string, from: number, to: number): Promise<readonly number[]> {
    return this.hint ?? this.scanner.shardsWith(provider, from, to);
  }
}

/** Stores sent messages, in order; a test delivers them as it needs. */
export class MemoryQueue implements DekRotationQueue {
  sent: { readonly message: DekRotationMessage; readonly delaySeconds: number }[] = [];
  down = false;

  send(messages: readonly DekRotationMessage[], delaySeconds: number): Promise<void> {
    if (this.down) return Promise.reject(noAnswer());
    this.sent.push(...messages.map((message) => ({ message, delaySeconds })));
    return Promise.resolve();
  }

  /** The messages since the last call. */
  take(): { readonly message: DekRotationMessage; readonly delaySeconds: number }[] {
    return this.sent.splice(0);
  }
}

/** A region's function: returns or throws what the given function does. */
export class MemoryProver implements RegionProver {
  down = false;
  readonly challenges: ProofChallenge[] = [];
  constructor(
    readonly region: string,
    private readonly answer: (challenge: ProofChallenge) => string | Promise<string>,
  ) {}

  async prove(challenge: ProofChallenge): Promise<string> {
    this.challenges.push(challenge);
    if (this.down) throw noAnswer();
    return this.answer(challenge);
  }
}
