import { hash } from 'node:crypto';
import { formatEventLine } from '../../../lambdas/core/audit/event-line';
import { formatLogKeys } from '../../../lambdas/core/transparency/log-keys';
import type { LogPorts } from '../../../lambdas/core/transparency/log-ports';
import type { ComparedValue, ReadValue } from '../../../lambdas/core/transparency/ports/compared-value';
import type { EventLines } from '../../../lambdas/core/transparency/ports/event-lines';
import type { PublishDependencies } from '../../../lambdas/core/transparency/publish';
import type { MemoryAudit } from '../memory-ports';
import {
  memoryArchive,
  memoryComparedValue,
  memoryLogSigner,
  memoryLogStore,
  type ArchivedHours,
  type Through,
} from './memory-log';
import { memoryLogs } from './memory-logs';
import { testSigner, type TestSigner } from './test-signer';

/** One region's log, in memory. */
export class AuditLogRegion {
  readonly archive: ArchivedHours = new Map();
  readonly store = new Map<string, Buffer>();
  readonly values = new Map<'state' | 'checkpoint', ReadValue>();
  readonly counts = { reads: 0, lists: 0 };
  keys: { readonly log: TestSigner; readonly cosigner: TestSigner };
  /** Those before, oldest first. */
  private readonly earlier: AuditLogRegion['keys'][] = [];
  /** What `keys` has; undefined: there is no such file. */
  keysFile: Buffer | undefined;
  /** Thrown by each call. */
  failure: Error | undefined;
  private tags = 0;

  constructor(
    readonly region: string,
    private readonly clock: { now: () => number },
  ) {
    const origin = `111111111111/keyward/test/${region}`;
    this.keys = { log: testSigner(origin), cosigner: testSigner(`${origin}/cosigner`, 'cosignature') };
    this.keysFile = formatLogKeys({ log: this.keys.log.key, cosigner: this.keys.cosigner.key });
  }

  /** Other keys, to which the next publication hands over. */
  renewKeys(word: string): void {
    const { log, cosigner } = this.keys;
    this.earlier.push(this.keys);
    this.keys = {
      log: testSigner(log.key.name, 'ed25519', word),
      cosigner: testSigner(cosigner.key.name, 'cosignature', `${word} cosigner`),
    };
    this.keysFile = formatLogKeys({ log: this.keys.log.key, cosigner: this.keys.cosigner.key });
  }

  archiveLines(lines: readonly string[]): void {
    const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'utf8');
    const hour = new Date(this.clock.now()).toISOString().slice(0, 13);
    const objects = this.archive.get(hour) ?? new Map<string, Buffer>();
    this.archive.set(hour, objects.set(hash('sha256', bytes, 'hex'), bytes));
  }

  read(path: string): Buffer | undefined {
    if (this.failure !== undefined) throw this.failure;
    if (path === 'keys') return this.keysFile;
    return path === 'state' || path === 'checkpoint' ? this.values.get(path)?.bytes : undefined;
  }

  publisher(): PublishDependencies {
    const through: Through = async (_, act) => {
      if (this.failure !== undefined) throw this.failure;
      return act();
    };
    const compared = (name: 'state' | 'checkpoint'): ComparedValue =>
      memoryComparedValue(
        {
          get: () => this.values.get(name),
          set: (value) => void this.values.set(name, value),
          nextTag: () => String((this.tags += 1)),
        },
        name,
        through,
      );
    return {
      archive: memoryArchive(this.archive, through),
      store: memoryLogStore(this.store, this.counts, through),
      region: this.region,
      state: compared('state'),
      checkpoints: compared('checkpoint'),
      signers: {
        log: memoryLogSigner(this.keys.log, [], through),
        cosigner: memoryLogSigner(this.keys.cosigner, [], through),
        earlier: this.earlier.map(({ log, cosigner }) => ({
          log: memoryLogSigner(log, [], through),
          cosigner: memoryLogSigner(cosigner, [], through),
        })),
      },
      clock: this.clock,
      maxObjects: 100,
    };
  }
}

/** The lines of the events that an audit log in memory still has. */
export const memoryEventLines = (audit: MemoryAudit): EventLines => ({
  lineOf: async ({ id, timestamp }) => {
    const isStored = audit.events.some((event) => event.id === id && event.timestamp === timestamp);
    const record = isStored ? audit.records.find((each) => each.id === id) : undefined;
    return record && Buffer.from(formatEventLine(record), 'utf8');
  },
});

/** The logs of an audit log in memory, whose archive has what was appended up to the last {@link AuditLogs.archiveAll}. */
export class AuditLogs {
  readonly regions: ReadonlyMap<string, AuditLogRegion>;
  private archived = 0;

  constructor(
    private readonly audit: MemoryAudit,
    clock: { now: () => number },
    regions: readonly string[],
  ) {
    this.regions = new Map(regions.map((region) => [region, new AuditLogRegion(region, clock)]));
  }

  of(region: string): AuditLogRegion {
    const log = this.regions.get(region);
    if (log === undefined) throw new Error(`no log of ${region}`);
    return log;
  }

  /** Archives what is new, each event in its region. */
  archiveAll(): void {
    const fresh = this.audit.records.slice(this.archived);
    this.archived = this.audit.records.length;
    for (const [region, log] of this.regions) {
      const lines = fresh.filter((record) => record.region === region).map(formatEventLine);
      if (lines.length > 0) log.archiveLines(lines);
    }
  }

  ports(): LogPorts {
    const logs = memoryLogs(
      Object.fromEntries(
        Array.from(this.regions, ([region, log]) => [
          region,
          { publisher: log.publisher(), read: (path: string) => log.read(path) },
        ]),
      ),
    );
    return {
      logs,
      publisher: logs,
      lines: memoryEventLines(this.audit),
    };
  }
}
