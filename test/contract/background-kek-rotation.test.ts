import { AuditTrail } from '../../lambdas/core/audit/audit-trail';
import { KekRotationDriver } from '../../lambdas/core/kek-rotation/kek-rotation-driver';
import { KeywardError } from '../../lambdas/core/errors/errors';
import { BackgroundKekRotation } from '../../local/background-kek-rotation';
import { CountingMetrics, MemoryAudit, TestClock, testRandomness } from '../doubles/memory-ports';
import { RecordingLogger } from '../doubles/recording-logger';
import type { LostWrite } from '../doubles/stores/lost-write';
import { until } from '../until';
import { keeps } from './contract';
import { kekRotationContract } from './kek-rotation.contract';

/** Over a secret in memory with labels only, whose rotations end at once unless they are held. */
function open() {
  let pending: string | undefined;
  let begun = 0;
  let lost: LostWrite[] = [];
  let held: Promise<unknown> = Promise.resolve();
  const step = { fails: false };
  const secret = {
    versions: async () => [
      { versionId: 'a'.repeat(32), stages: ['AWSCURRENT'] },
      ...(pending === undefined ? [] : [{ versionId: pending, stages: ['AWSPENDING'] }]),
    ],
    begin: async (id: string) => {
      const loss = lost.shift();
      if (loss?.arrives !== false) {
        pending = id;
        begun += 1;
      }
      if (loss !== undefined) throw new KeywardError('store_unavailable', 'no answer');
      return 'begun' as const;
    },
    countTry: async () => 1,
  };
  const logger = new RecordingLogger();
  const deps = { clock: new TestClock(), randomness: testRandomness, metrics: new CountingMetrics(), logger };
  const driver = new KekRotationDriver({
    ...deps,
    secret: secret as never,
    trail: new AuditTrail({ ...deps, sink: new MemoryAudit(), region: 'us-east-1' }),
    rotateKek: {
      run: async (name) => {
        await held;
        if (step.fails) throw new KeywardError('store_unavailable', 'no answer');
        if (name === 'finishSecret') pending = undefined;
      },
    },
  });
  const port = new BackgroundKekRotation({ driver, logger });
  let release = (): void => undefined;
  const hold = (): void => {
    held = new Promise<void>((resolve) => {
      release = resolve;
    });
  };
  return {
    port,
    begun: () => Promise.resolve(begun),
    beginAnother: async () => {
      hold();
      await port.start();
    },
    faults: {
      loseWrites: (...writes: readonly LostWrite[]) => {
        lost = [...writes];
      },
    },
    close: async () => {
      release();
      await port.close();
    },
    hold,
    release: () => {
      release();
    },
    step,
    logger,
    pending: () => pending,
  };
}

keeps('BackgroundKekRotation', kekRotationContract, open);

it('answers while the steps run, and closes after them', async () => {
  const { port, hold, release, pending } = open();
  hold();
  await port.start();
  expect(pending()).toBeDefined();
  const closed = port.close();
  release();
  await closed;
  expect(pending()).toBeUndefined();
});

it('logs a step that failed, and goes on with that rotation at the next request', async () => {
  const { port, step, logger, pending, begun } = open();
  step.fails = true;
  await port.start();
  await until('the failure is logged', () => logger.lines.some(({ level }) => level === 'error'));
  expect(logger.lines).toMatchObject([
    { level: 'error', fields: { operation: 'rotate_kek', code: 'store_unavailable' } },
  ]);
  expect(pending()).toBeDefined();
  step.fails = false;
  await port.close();
  await port.start();
  await port.close();
  expect(pending()).toBeUndefined();
  expect(await begun()).toBe(1);
});
