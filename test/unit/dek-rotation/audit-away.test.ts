import { KeywardError } from '../../../lambdas/core/errors/errors';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';

/** Background work while the audit log takes no event: none is done until it takes events again. */

const PUBLISHED_MS = 82_000;
const auditAway = async (work: () => Promise<unknown>) => {
  const thrown = await work().catch((each: unknown) => each);
  expect(thrown).toBeInstanceOf(KeywardError);
  expect((thrown as KeywardError).code).toBe('audit_unavailable');
};

const stored = ({ home, credentials }: DekRotationWorld) =>
  structuredClone({ keysets: [...home.records], credentials: [...credentials.rows] });

async function rotating(): Promise<DekRotationWorld> {
  const world = new DekRotationWorld();
  await world.store(3);
  await world.rotate();
  world.clock.time += PUBLISHED_MS;
  return world;
}

test('no version is promoted, and is at the next step', async () => {
  const world = await rotating();
  const before = stored(world);
  world.audit.down = true;
  await auditAway(() => world.use.advance('openai'));
  expect(stored(world)).toEqual(before);
  world.audit.down = false;
  await world.use.advance('openai');
  expect(world.keyset('openai').primary_version).toBe(2);
});

test('no credential moves, and does when its message comes again', async () => {
  const world = await rotating();
  await world.use.advance('openai');
  const messages = world.queue.take().filter(({ message }) => message.kind === 'rekey');
  const before = stored(world);
  world.audit.down = true;
  let refused = 0;
  for (const { message } of messages) {
    await world.hand(message).catch((thrown: unknown) => {
      refused += 1;
      expect((thrown as KeywardError).code).toBe('audit_unavailable');
    });
  }
  expect(refused).toBeGreaterThan(0);
  expect(stored(world).credentials).toEqual(before.credentials);
  world.audit.down = false;
  for (const { message } of messages) await world.hand(message);
  const versions = [...world.credentials.rows.values()].map((row) => 'key_version' in row && row.key_version);
  expect(versions).toEqual([2, 2, 2]);
});

test('the sweep starts no rotation and retires no version', async () => {
  const world = new DekRotationWorld();
  await world.store(1);
  world.days(91);
  const before = stored(world);
  world.audit.down = true;
  const failures = await world.use.sweep();
  expect(failures.map(({ code }) => code)).toContain('audit_unavailable');
  expect(stored(world)).toEqual(before);
  world.audit.down = false;
  expect(await world.use.sweep()).toEqual([]);
  expect(world.keyset('openai').rotation).toBeDefined();
});
