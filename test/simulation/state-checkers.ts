import { AuditChecker } from './audit-checker';
import { CredentialChecker } from './credential-checker';
import { KeysetChecker } from './keyset-checker';
import { TokenBook } from './token-book';
import { UserWrites } from './user-writes';
import type { World } from './world';

/** All state checkers of a run. */
export class StateCheckers {
  readonly audit: AuditChecker;
  readonly keysets: KeysetChecker;
  readonly credentials: CredentialChecker;
  readonly writes = new UserWrites();
  readonly tokens = new TokenBook();

  constructor(world: World, indexLagMs: number) {
    const { tables, violations, scheduler, kekSecret } = world;
    this.audit = new AuditChecker(tables, violations);
    const { audit, writes } = this;
    const { maxClockErrorMs, previousValueDays: keptDays } = world.options;
    const clockToleranceMs = 2 * maxClockErrorMs;
    this.keysets = new KeysetChecker({ tables, kekSecret, audit, violations, scheduler, clockToleranceMs });
    this.credentials = new CredentialChecker({
      tables,
      keysets: this.keysets,
      audit,
      writes,
      violations,
      scheduler,
      indexLagMs,
      keptDays,
      maxClockErrorMs,
    });
  }
}
