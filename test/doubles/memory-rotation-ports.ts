import { CREDENTIAL_SHARDS, credentialShard, credentialShardAt } from '../../lambdas/adapters/aws/dynamodb-tables';
import type { AuditEvent } from '../../lambdas/core/domain/audit-event';
import {
  isTombstone,
  type CredentialRecord,
  type DamagedCredential,
  type StoredCredential,
} from '../../lambdas/core/domain/credential';
import { KeywardError } from '../../lambdas/core/domain/errors';
import type { ProofChallenge } from '../../lambdas/core/domain/region-proof';
import type { RotationReport, ShardProgress } from '../../lambdas/core/domain/rotation-report';
import type { CredentialScanner, ScannedPage } from '../../lambdas/core/ports/credential-scanner';
import type { OpenIntents } from '../../lambdas/core/ports/open-intents';
import type { RegionProver } from '../../lambdas/core/ports/region-prover';
import type { RotationMessage, RotationQueue } from '../../lambdas/core/ports/rotation-queue';
import type { RotationStore } from '../../lambdas/core/ports/rotation-store';
import type { WriteResult } from '../../lambdas/core/ports/write-result';
import type { MemoryAudit, MemoryCredentials } from './memory-ports';

/** The ports of a rotation in memory. They keep the contracts in test/contract, where the same suites run against DynamoDB. */

const unavailable = (): KeywardError => new KeywardError('store_unavailable', 'it does not answer');

export class MemoryRotations implements RotationStore {
  readonly reportRows = new Map<string, RotationReport>();
  readonly shardRows = new Map<string, ShardProgress>();
  closedTo: string | undefined;
  down = false;
  /** Called before each write, so that a test can be faster than the writer or give the answer itself. */
  beforePut: (record: RotationReport | ShardProgress) => WriteResult | undefined = () => undefined;

  report(provider: string, rotationId: string): Promise<RotationReport | undefined> {
    return this.answer(() => this.reportRows.get(`${provider}/${rotationId}`));
  }

  reports(provider: string, page: { before?: string; limit: number }): Promise<readonly RotationReport[]> {
    const isOlder = ({ rotation_id }: RotationReport): boolean =>
      page.before === undefined || rotation_id < page.before;
    return this.answer(() =>
      [...this.reportRows.values()]
        .filter((report) => report.provider === provider && isOlder(report))
        .sort((a, b) => (a.rotation_id < b.rotation_id ? 1 : -1))
        .slice(0, page.limit),
    );
  }

  putReport(report: RotationReport, expectedRevision: number): Promise<WriteResult> {
    return this.put(this.reportRows, `${report.provider}/${report.rotation_id}`, report, expectedRevision);
  }

  shard(provider: string, rotationId: string, shard: number): Promise<ShardProgress | undefined> {
    return this.answer(() => this.shardRows.get(`${provider}/${rotationId}/${shard}`));
  }

  shards(provider: string, rotationId: string): Promise<readonly ShardProgress[]> {
    return this.answer(() =>
      [...this.shardRows.values()]
        .filter((row) => row.provider === provider && row.rotation_id === rotationId)
        .sort((a, b) => a.shard - b.shard),
    );
  }

  putShard(progress: ShardProgress, expectedRevision: number): Promise<WriteResult> {
    const key = `${progress.provider}/${progress.rotation_id}/${progress.shard}`;
    return this.put(this.shardRows, key, progress, expectedRevision);
  }

  intentsClosedTo(): Promise<string | undefined> {
    return this.answer(() => this.closedTo);
  }

  noteIntentsClosedTo(time: string): Promise<void> {
    return this.answer(() => {
      if (this.closedTo === undefined || this.closedTo < time) this.closedTo = time;
    });
  }

  private answer<T>(read: () => T): Promise<T> {
    return this.down ? Promise.reject(unavailable()) : Promise.resolve(structuredClone(read()));
  }

  private put<T extends RotationReport | ShardProgress>(
    rows: Map<string, T>,
    key: string,
    record: T,
    expectedRevision: number,
  ): Promise<WriteResult> {
    const given = this.beforePut(record);
    if (given !== undefined) return Promise.resolve(given);
    return this.answer(() => {
      if ((rows.get(key)?.revision ?? 0) !== expectedRevision) return 'refused';
      rows.set(key, structuredClone(record));
      return 'written';
    });
  }
}

/** A shard is where DynamoDB has it, so that a test sees the same credentials together. */
export class MemoryScanner implements CredentialScanner {
  readonly shardCount = CREDENTIAL_SHARDS;
  down = false;
  /** What {@link shardsWith} says instead of the truth: an index may lag. */
  hint: readonly number[] | undefined;
  constructor(private readonly credentials: MemoryCredentials) {}

  /** As DynamoDB does, counts deleted names into the page, and cannot tell that a full page is the last one. */
  page(provider: string, shard: number, page: { after?: string; limit: number }): Promise<ScannedPage> {
    return this.answer(() => {
      const rows = this.rows(provider, shard)
        .filter(({ name }) => page.after === undefined || name > page.after)
        .slice(0, page.limit);
      const next = rows.length === page.limit ? rows.at(-1)?.name : undefined;
      const damaged = rows.flatMap((row: object) => (isDamaged(row) ? [row] : []));
      return {
        credentials: rows.filter(isLive).filter((row) => !isDamaged(row)),
        ...(damaged.length > 0 && { damaged }),
        ...(next !== undefined && { next }),
      };
    });
  }

  countByVersion(provider: string, shard: number): Promise<ReadonlyMap<number, number>> {
    return this.answer(() => {
      const counts = new Map<number, number>();
      for (const { key_version } of this.rows(provider, shard).filter(isLive)) {
        counts.set(key_version, (counts.get(key_version) ?? 0) + 1);
      }
      return counts;
    });
  }

  shardsWith(provider: string, from: number, to: number): Promise<readonly number[]> {
    return this.answer(() => {
      if (this.hint !== undefined) return this.hint;
      const isWanted = ({ key_version }: CredentialRecord): boolean => key_version >= from && key_version <= to;
      return Array.from({ length: this.shardCount }, (_, shard) => shard).filter((shard) =>
        this.rows(provider, shard).filter(isLive).some(isWanted),
      );
    });
  }

  private rows(provider: string, shard: number): StoredCredential[] {
    return [...this.credentials.rows.values()]
      .filter(
        (row) =>
          row.provider === provider && credentialShard(provider, row.name) === credentialShardAt(provider, shard),
      )
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  private answer<T>(read: () => T): Promise<T> {
    return this.down ? Promise.reject(unavailable()) : Promise.resolve(structuredClone(read()));
  }
}

const isLive = (row: StoredCredential): row is CredentialRecord => !isTombstone(row);

/** A test puts such a row among the others. */
const isDamaged = (row: object): row is DamagedCredential => 'damaged' in row;

/** Keeps what is sent, in order; a test takes the messages and hands them on as it likes. */
export class MemoryQueue implements RotationQueue {
  sent: { readonly message: RotationMessage; readonly delaySeconds: number }[] = [];
  down = false;

  send(messages: readonly RotationMessage[], delaySeconds: number): Promise<void> {
    if (this.down) return Promise.reject(unavailable());
    this.sent.push(...messages.map((message) => ({ message, delaySeconds })));
    return Promise.resolve();
  }

  /** What was sent since it was last asked. */
  take(): { readonly message: RotationMessage; readonly delaySeconds: number }[] {
    return this.sent.splice(0);
  }
}

export class MemoryIntents implements OpenIntents {
  down = false;
  constructor(private readonly audit: MemoryAudit) {}

  find(provider: string | null, from: string, to: string): Promise<readonly AuditEvent[]> {
    if (this.down) return Promise.reject(unavailable());
    const events = this.audit.events.filter((event) => event.provider === provider);
    const closed = new Set(events.flatMap(({ metadata }) => (metadata.phase === 'outcome' ? [metadata.write_id] : [])));
    return Promise.resolve(
      events.filter(
        ({ timestamp, metadata: { phase, write_id } }) =>
          phase === 'intent' && write_id !== undefined && timestamp >= from && timestamp <= to && !closed.has(write_id),
      ),
    );
  }
}

/** A region's function: what the function given to it returns or throws. */
export class MemoryProver implements RegionProver {
  down = false;
  readonly challenges: ProofChallenge[] = [];
  constructor(
    readonly region: string,
    private readonly answer: (challenge: ProofChallenge) => string | Promise<string>,
  ) {}

  async prove(challenge: ProofChallenge): Promise<string> {
    this.challenges.push(challenge);
    if (this.down) throw unavailable();
    return this.answer(challenge);
  }
}
