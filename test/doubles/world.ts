import { AuditTrail } from '../../lambdas/core/audit/audit-trail';
import { DEFAULT_PREVIOUS_VALUE_DAYS } from '../../lambdas/core/contract/defaults';
import { newKeyset, signKeyset } from '../../lambdas/core/keysets/dek-keyset';
import type { DekVersionState, KeysetRecord } from '../../lambdas/core/keysets/keyset-record';
import { wrapNewDek } from '../../lambdas/core/crypto/wrapped-dek';
import type { SealingGuard } from '../../lambdas/core/keysets/ports/sealing-guard';
import type { Application } from '../../lambdas/core/runtime/create-application';
import type { Caller } from '../../lambdas/core/ports/caller';
import type { LogPorts } from '../../lambdas/core/transparency/log-ports';
import { createApplication } from '../../lambdas/core/runtime/create-application';
import {
  CountingMetrics,
  MemoryAudit,
  MemoryCredentials,
  MemoryKeysets,
  MemorySecrets,
  newKeks,
  TestClock,
  testRandomness,
} from './memory-ports';
import { AuditLogs } from './transparency/audit-logs';

export const caller: Caller = {
  user_id: 'arn:aws:iam::000000000000:user/tester',
  ip_address: '192.0.2.1',
  user_agent: 'test',
  request_id: 'request-1',
};

/** The grace period of every keyset here, independently of a deployment's default: tests expect a week. */
const GRACE_PERIOD_DAYS = 7;

/** The application over ports in memory, with a keyset for openai and google in the home region and in the local region. */
export class World {
  readonly clock = new TestClock();
  readonly metrics = new CountingMetrics();
  readonly keks = newKeks();
  readonly secrets = new MemorySecrets(this.keks, this.clock);
  readonly home = new MemoryKeysets('us-east-1');
  readonly local: MemoryKeysets;
  readonly other = new MemoryKeysets('ap-south-1');
  readonly credentials = new MemoryCredentials();
  readonly audit = new MemoryAudit();
  /** Set before {@link restart}: whether sealing is allowed. */
  sealing: SealingGuard | undefined;
  /** Set before {@link restart}: the number of days for which a previous value is kept. */
  previousValueDays = DEFAULT_PREVIOUS_VALUE_DAYS;
  /** Set before {@link restart}: what the calls about published logs need. */
  log: LogPorts | undefined;
  application: Application;

  constructor(options: { inHomeRegion?: boolean } = {}) {
    this.local = options.inHomeRegion === true ? this.home : new MemoryKeysets('eu-west-1');
    for (const provider of ['openai', 'google']) {
      this.publish(newKeyset(provider, this.keks.primary, this.clock.now(), testRandomness, GRACE_PERIOD_DAYS));
    }
    this.application = this.restart();
  }

  /** A new process: same stores, empty caches. */
  restart(): Application {
    this.application = createApplication({
      region: 'eu-west-1',
      providers: ['openai', 'google'],
      keysets: { local: this.local, home: this.home, others: [this.other] },
      keysetsToShow: this.local,
      credentials: { local: this.credentials, home: this.credentials },
      previousValueDays: this.previousValueDays,
      auditSink: this.audit,
      auditReader: this.audit,
      secrets: this.secrets,
      ...(this.sealing && { sealing: this.sealing }),
      ...(this.log && { log: this.log }),
      clock: this.clock,
      randomness: testRandomness,
      metrics: this.metrics,
    });
    return this.application;
  }

  /** A new process that publishes the logs of these regions. */
  publishing(regions: readonly string[] = ['eu-west-1']): AuditLogs {
    const logs = new AuditLogs(this.audit, this.clock, regions);
    this.log = logs.ports();
    this.restart();
    return logs;
  }

  /** The audit trail of another part of the service. */
  get trail(): AuditTrail {
    return new AuditTrail({
      sink: this.audit,
      clock: this.clock,
      randomness: testRandomness,
      metrics: this.metrics,
      region: 'eu-west-1',
    });
  }

  /** Writes a keyset record, by default in all regions. */
  publish(record: KeysetRecord, where: readonly MemoryKeysets[] = [this.home, this.local, this.other]): void {
    for (const store of where) store.records.set(record.provider, structuredClone(record));
  }

  keyset(provider: string): KeysetRecord {
    return this.home.records.get(provider) as KeysetRecord;
  }

  /** The keyset after one more rotation: the old primary gets `oldState`. Signed, not published. */
  rotated(provider: string, oldState: DekVersionState): KeysetRecord {
    const { mac: _mac, ...record } = this.keyset(provider);
    const old = String(record.primary_version);
    const version = Number(old) + 1;
    const { encrypted_dek: oldDek, ...oldVersion } = record.versions[old]!;
    return signKeyset(
      {
        ...record,
        revision: record.revision + 1,
        primary_version: version,
        dek_rotation_count: record.dek_rotation_count + 1,
        versions: {
          ...record.versions,
          [old]: {
            ...oldVersion,
            state: oldState,
            ...(oldState === 'destroyed' ? {} : { encrypted_dek: oldDek! }),
          },
          [version]: {
            state: 'primary',
            created_at: record.dek_created_at,
            encrypted_dek: wrapNewDek(this.keks.primary, provider, version, testRandomness),
          },
        },
      },
      this.keks.primary,
    );
  }

  down(down: boolean): void {
    this.home.down = this.local.down = this.other.down = down;
  }
}
