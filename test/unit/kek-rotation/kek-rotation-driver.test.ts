import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { KekRotationDriver, MAX_TRIES } from '../../../lambdas/core/kek-rotation/kek-rotation-driver';
import type { SecretVersion } from '../../../lambdas/core/kek-rotation/ports/kek-secret-store';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import { CountingMetrics, MemoryAudit, TestClock, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

const OLD = 'a'.repeat(32);
const PENDING = 'b'.repeat(32);

/** A secret with labels only, and recorded steps. */
function stage(options: { readonly pending?: string; readonly tries?: number; readonly isFaster?: boolean } = {}) {
  let { pending, tries = 0 } = options;
  const ran: string[] = [];
  const metrics = new CountingMetrics();
  const audit = new MemoryAudit();
  const logger = new RecordingLogger();
  const versions = (): readonly SecretVersion[] => [
    { versionId: OLD, stages: ['AWSCURRENT'] },
    ...(pending === undefined ? [] : [{ versionId: pending, stages: ['AWSPENDING'] }]),
  ];
  const secret = {
    versions: () => Promise.resolve(versions()),
    begin: (token: string) => {
      if (options.isFaster === true) return Promise.resolve('pending' as const);
      pending = token;
      return Promise.resolve('begun' as const);
    },
    countTry: (token: string) => Promise.resolve(token === pending && tries >= 0 ? (tries += 1) : undefined),
    removePending: (token: string) => {
      if (pending === token) pending = undefined;
      return Promise.resolve();
    },
  };
  const step = { fails: '' };
  const rotateKek = {
    run: (name: string, token: string) => {
      ran.push(`${name} ${token}`);
      return name === step.fails ? Promise.reject(new KeywardError('store_unavailable', 'x')) : Promise.resolve();
    },
  };
  const trail = new AuditTrail({
    sink: audit,
    clock: new TestClock(),
    randomness: testRandomness,
    metrics,
    region: 'us-east-1',
  });
  const driver = new KekRotationDriver({
    secret: secret as never,
    rotateKek,
    trail,
    randomness: testRandomness,
    metrics,
    logger,
  });
  return { driver, ran, metrics, audit, logger, step, pending: () => pending };
}

const steps = (token: string): string[] =>
  ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((step) => `${step} ${token}`);

test('begins a rotation under a new token, and runs its four steps', async () => {
  const { driver, ran, pending, logger } = stage();
  await driver.start();
  expect(pending()).toMatch(/^[0-9a-f]{32}$/);
  expect(ran).toEqual(steps(pending()!));
  expect(logger.lines).toMatchObject([
    { level: 'info', message: 'the KEK was rotated', fields: { request_id: pending() } },
  ]);
});

test.each(['start', 'resume'] as const)('%s goes on with the rotation that is pending', async (call) => {
  const { driver, ran } = stage({ pending: PENDING, tries: 3 });
  await driver[call]();
  expect(ran).toEqual(steps(PENDING));
});

test('resume begins none', async () => {
  const { driver, ran, pending } = stage();
  await driver.resume();
  expect([ran, pending()]).toEqual([[], undefined]);
});

test('leaves a rotation to the process that was faster, and one that is over', async () => {
  const faster = stage({ isFaster: true });
  await faster.driver.start();
  expect(faster.ran).toEqual([]);
  const over = stage({ pending: PENDING, tries: -1 });
  await over.driver.resume();
  expect(over.ran).toEqual([]);
});

test('a step that fails ends the try, and the next one begins at the first step', async () => {
  const { driver, ran, step, pending, audit } = stage({ pending: PENDING });
  step.fails = 'testSecret';
  await expect(driver.resume()).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(ran).toEqual(steps(PENDING).slice(0, 3));
  step.fails = '';
  await driver.resume();
  expect(ran.slice(3)).toEqual(steps(PENDING));
  expect([pending(), audit.events]).toEqual([PENDING, []]);
});

test('gives up after a day of tries, says why, and the next rotation starts afresh', async () => {
  const { driver, ran, metrics, audit, pending } = stage({ pending: PENDING, tries: MAX_TRIES });
  await expect(driver.resume()).rejects.toMatchObject({
    code: 'conflict',
    message: expect.stringContaining('failed too often'),
  });
  expect([ran, pending(), metrics.of('kek_rotation_abandoned')]).toEqual([[], undefined, 1]);
  expect(audit.events).toMatchObject([
    { event_type: 'rotate', success: false, metadata: { operation: 'rotate_kek', write_id: PENDING } },
  ]);
  const last = stage({ pending: PENDING, tries: MAX_TRIES - 1 });
  await last.driver.resume();
  expect(last.ran).toEqual(steps(PENDING));
});

test('announces a rotation without a step, and none beside a pending one', async () => {
  const { driver, ran, pending } = stage();
  await driver.announce();
  const token = pending();
  expect(token).toMatch(/^[0-9a-f]{32}$/);
  await driver.announce();
  expect([pending(), ran]).toEqual([token, []]);
  await driver.resume();
  expect(ran).toEqual(steps(token!));
});
