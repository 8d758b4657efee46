import { parseKekSecretRecord } from '../../lambdas/core/crypto/kek-keyset';
import type { StoredCredential } from '../../lambdas/core/credentials/credential';
import { awaitsGrace } from '../../lambdas/core/dek-rotation/dek-rotation';
import type { DekRotationReport } from '../../lambdas/core/dek-rotation/dek-rotation-report';
import type { CredentialUsers } from './credential-users';
import { Violations, type Violation } from './violations';
import { previousOf } from './opened-row';
import { HOME, REGIONS } from './regions';
import { SECRET } from './simulated-kek-secret';
import { valuesOf } from './simulated-tables';
import type { Users } from './users';
import type { World } from './world';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The sweep's own interval. */
const SWEEP_MS = 60 * MINUTE_MS;
/** The number of sweeps after the last fault by which everything has ended that need not wait for a grace period. */
const SWEEPS = 6;
/** How often a user repeats a request that is answered with try-again. */
const TRIES = 5;
/** The approximate number of credentials and tokens that are read in the end. */
const SAMPLE = 6;

/** Waits after the last fault until nothing changes any more, and checks that this happens. */
export async function quiesce(world: World, users: Users, credentials: CredentialUsers): Promise<void> {
  world.network.healAll();
  for (const process of world.processes) process.clockErrorMs = 0;
  for (const region of REGIONS) world.kekSecret.service.replication.release(region);
  users.quietSince = world.scheduler.now;
  if (world.violations.hasAny()) return;
  let unrest: readonly Violation[] = [];
  const begunAt = world.scheduler.now;
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    world.dekRotationQueue.redrive();
    world.rewrapQueue.redrive();
    await world.complete(
      world.functions.sweep.run((parts) => parts.sweep()),
      SWEEP_MS,
    );
    await world.pass(SWEEP_MS);
    unrest = [...unrestOf(world), ...overdueOf(world, begunAt)];
    if (unrest.length === 0 || world.violations.hasAny()) break;
  }
  if (world.violations.hasAny()) return;
  for (const { invariant, detail } of unrest) world.violations.report(invariant, detail);
  if (!world.violations.hasAny()) await checkUsers(world, users, credentials);
}

/** The violations after everything has ended. */
function unrestOf({
  tables,
  options,
  kekSecret,
  checkers,
  dekRotationQueue,
  rewrapQueue,
  isConverged,
  scheduler,
}: World): readonly Violation[] {
  const violations = new Violations(scheduler);
  violations.demand(isConverged, 'every region has what was written', 'copies are on their way');
  const { SecretString } = kekSecret.service.call('GetSecretValue', HOME, { SecretId: SECRET });
  const { primary } = parseKekSecretRecord(String(SecretString));
  for (const provider of options.providers) {
    const record = tables.keysets.get(HOME, provider);
    if (record === undefined) {
      violations.report('every provider has a keyset', provider);
      continue;
    }
    const what = `${provider} revision ${record.revision}`;
    const phase = record.rotation?.phase ?? 'none';
    violations.demand(phase === 'none', 'every rotation ends once faults stop', `${what}: ${phase}`);
    violations.demand(record.kek_id === primary, 'every keyset moves to the newest KEK', what);
    violations.demand(!awaitsGrace(record), 'the grace period starts', what);
    for (const region of REGIONS) {
      const hasIt = tables.keysets.get(region, provider)?.mac === record.mac;
      violations.demand(hasIt, 'every region has what was written', `${what} in ${region}`);
    }
    for (const { name, which, key_version: version } of valuesOf(tables.credentials, HOME, provider)) {
      const isMoved = version === record.primary_version;
      violations.demand(
        isMoved,
        'every value moves to the primary',
        `${provider}/${name} (${which}) is under ${version}`,
      );
    }
  }
  for (const [key, item] of tables.rotations.entries(HOME)) {
    if (!key.startsWith('report ')) continue;
    const { status } = item as DekRotationReport;
    const isOver = status !== 'publishing' && status !== 'rekeying';
    violations.demand(isOver, 'every rotation ends once faults stop', `${key} says ${status}`);
  }
  checkers.audit.onceQuiescent(violations, [...checkers.keysets.written, ...checkers.credentials.written]);
  const dead = dekRotationQueue.dead.length + rewrapQueue.dead.length;
  violations.demand(dead === 0, 'no message stays dead', `${dead} do`);
  return violations.all;
}

/** Previous values that had expired at `at` and are still stored. */
function overdueOf({ tables, options, scheduler }: World, at: number): readonly Violation[] {
  const violations = new Violations(scheduler);
  for (const [key, row] of tables.credentials.entries(HOME)) {
    const previous = previousOf(row as StoredCredential);
    if (previous === undefined) continue;
    const end = Date.parse(previous.replaced_at) + options.previousValueDays * DAY_MS;
    violations.demand(end > at, 'the sweep erases previous values whose time is over', key);
  }
  return violations.all;
}

/** Reads everything stored and some tokens once more, each in another region. */
async function checkUsers(world: World, users: Users, credentials: CredentialUsers): Promise<void> {
  const { checkers, violations, scheduler } = world;
  let asked = 0;
  const insist = async (
    what: string,
    ask: (region: string) => Promise<{ kind: string; code?: string }>,
  ): Promise<void> => {
    const region = REGIONS[(asked += 1) % REGIONS.length]!;
    let code = '';
    for (let attempt = 0; attempt < TRIES; attempt += 1) {
      const outcome = await ask(region);
      if (outcome.kind === 'answer' || outcome.code === 'key_version_retired' || outcome.code === 'decryption_failed')
        return;
      code = outcome.code ?? outcome.kind;
      await scheduler.sleep(MINUTE_MS / 10);
    }
    violations.report('everything is answered once faults stop', `${what} in ${region}: ${code}`);
  };
  const all = Promise.all([
    ...sampleOf([...checkers.writes.keys()]).flatMap((key) => {
      const [provider, name] = key.split('/') as [string, string];
      return [true, false].flatMap((consistent) => [
        insist(`read ${key}`, (region) => credentials.reveal(region, provider, name, consistent)),
        insist(`read what was ${key}`, (region) => credentials.previous(region, provider, name, consistent)),
      ]);
    }),
    ...sampleOf(checkers.tokens.all).flatMap((token) => [
      insist('decrypt', (region) => users.decrypt(region, token)),
      insist('rewrap', (region) => users.rewrap(region, token)),
    ]),
  ]);
  const done = await world.complete(all, TRIES * MINUTE_MS);
  violations.demand(done !== undefined, 'everything is answered once faults stop', 'no answer');
}

/** A sample of them, from the first to the last. */
function sampleOf<T>(all: readonly T[]): readonly T[] {
  const step = Math.max(1, Math.floor(all.length / SAMPLE));
  return all.filter((_, index) => index % step === 0);
}
