import { AuditCheck } from './audit-check';
import { CredentialCheck } from './credential-check';
import { KeysetCheck } from './keyset-check';
import { TokenBook } from './token-book';
import { UserWrites } from './user-writes';
import type { World } from './world';

/** Everything that is watched all the way through. */
export class Checks {
  readonly audit: AuditCheck;
  readonly keysets: KeysetCheck;
  readonly credentials: CredentialCheck;
  readonly writes = new UserWrites();
  readonly tokens = new TokenBook();

  constructor(world: World, indexLagMs: number) {
    const { tables, findings, scheduler, kekSecret } = world;
    this.audit = new AuditCheck(tables, findings);
    const { audit, writes } = this;
    const { maxClockErrorMs, previousValueDays: keptDays } = world.options;
    const clockToleranceMs = 2 * maxClockErrorMs;
    this.keysets = new KeysetCheck({ tables, kekSecret, audit, findings, scheduler, clockToleranceMs });
    this.credentials = new CredentialCheck({
      tables,
      keysets: this.keysets,
      audit,
      writes,
      findings,
      scheduler,
      indexLagMs,
      keptDays,
      maxClockErrorMs,
    });
  }
}
