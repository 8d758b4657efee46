import { KekInForce } from '../../../lambdas/core/kek-move/kek-in-force';
import { keysUnavailable } from '../../../lambdas/core/errors/errors';
import type { KekMoveRecord } from '../../../lambdas/core/kek-move/kek-move-record';
import { kekMove } from '../../contract/kek-move-store.contract';
import { MemorySecrets, newKeks, TestClock } from '../../doubles/memory-ports';
import { kekMoveStore } from '../../doubles/stores/kek-move-store';
import { MemoryTable } from '../../doubles/stores/memory-table';

const clock = new TestClock();
const open = () => {
  const rows = new Map<string, KekMoveRecord>();
  const table = new MemoryTable(rows);
  const [old, target] = [newKeks(), newKeks()];
  const secrets = { local: new MemorySecrets(old, clock), vault: new MemorySecrets(target, clock) };
  const reads = { count: 0 };
  const store = kekMoveStore(table);
  const moves = {
    read: () => {
      reads.count += 1;
      return store.read();
    },
  };
  const homes = { home: 'vault', movingFrom: 'local' } as const;
  const inForce = new KekInForce({ region: 'eu-west-1', moves, homes, secrets, clock });
  const become = (state: KekMoveRecord['state'], change: Partial<KekMoveRecord> = {}): void => {
    rows.set('kek-move', kekMove({ state, ...change }));
  };
  return { inForce, become, table, old, target, secrets, reads, moves };
};

test('reads the old home without a move, and that of the row with one', async () => {
  const { inForce, become, old, target } = open();
  await expect(inForce.current()).resolves.toBe(old);
  for (const [state, keks, home] of [
    ['copying', old, 'local'],
    ['switched', target, 'vault'],
    ['aborting', old, 'local'],
    ['aborted', old, 'local'],
    ['finished', target, 'vault'],
  ] as const) {
    become(state);
    await expect(inForce.refresh()).resolves.toBe(keks);
    await expect(inForce.current()).resolves.toBe(keks);
    await expect(inForce.home()).resolves.toBe(home);
  }
});

test('reads the row once a minute, and once for all who need a new KEK', async () => {
  const { inForce, become, target, old, reads } = open();
  for (let count = 0; count < 5; count += 1) await inForce.current();
  expect(reads.count).toBe(1);
  become('switched');
  await expect(inForce.current()).resolves.toBe(old);
  clock.time += 60_000;
  await expect(inForce.current()).resolves.toBe(target);
  expect(reads.count).toBe(2);
  await Promise.all([inForce.refresh(), inForce.refresh(), inForce.refresh()]);
  expect(reads.count).toBe(3);
});

test('goes on with the last known home while the row cannot be read, and asks for it again in a while', async () => {
  const { inForce, become, table, target, reads } = open();
  become('switched');
  await inForce.refresh();
  table.readsDown = true;
  await expect(inForce.refresh()).resolves.toBe(target);
  await expect(inForce.home()).rejects.toMatchObject({ code: 'store_unavailable' });
  const before = reads.count;
  for (let count = 0; count < 5; count += 1) await expect(inForce.current()).resolves.toBe(target);
  clock.time += 14_999;
  await inForce.current();
  expect(reads.count).toBe(before);
  clock.time += 1;
  await expect(inForce.current()).resolves.toBe(target);
  expect(reads.count).toBe(before + 1);
});

test('a clock that was set back makes the row due', async () => {
  const { inForce, reads } = open();
  await inForce.current();
  clock.time -= 1;
  await inForce.current();
  expect(reads.count).toBe(2);
});

test('one caller waits for the row, and the others go on with what is known', async () => {
  const { inForce, become, old, target, moves } = open();
  await inForce.current();
  become('switched');
  clock.time += 60_000;
  const { read } = moves;
  let answer: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    answer = resolve;
  });
  moves.read = async () => {
    await held;
    return read();
  };
  const waits = inForce.current();
  await expect(inForce.current()).resolves.toBe(old);
  answer();
  await expect(waits).resolves.toBe(target);
});

test('without a row that was ever read the old home answers, else the target', async () => {
  const { inForce, table, secrets, old, target, become } = open();
  become('finished');
  table.readsDown = true;
  await expect(inForce.current()).resolves.toBe(old);
  const away = () => Promise.reject(keysUnavailable('no_region_answered'));
  secrets.local.current = secrets.local.refresh = away;
  await expect(inForce.current()).resolves.toBe(target);
  secrets.vault.current = secrets.vault.refresh = away;
  await expect(inForce.refresh()).rejects.toMatchObject({ code: 'keys_unavailable', reason: 'no_region_answered' });
});

test('the old home answers for a target that does not, from the switch to the end', async () => {
  const { inForce, become, secrets, old } = open();
  const away = () => Promise.reject(keysUnavailable('no_region_answered'));
  secrets.vault.current = secrets.vault.refresh = away;
  become('switched');
  await expect(inForce.current()).resolves.toBe(old);
  await expect(inForce.refresh()).resolves.toBe(old);
  await expect(inForce.home()).rejects.toMatchObject({ code: 'keys_unavailable' });
  become('finished');
  await expect(inForce.refresh()).rejects.toMatchObject({ code: 'keys_unavailable' });
});

test('has no home that the configuration does not name', async () => {
  const { inForce, become, secrets } = open();
  expect(inForce.of('local')).toBe(secrets.local);
  become('finished', { from: 'vault', to: 'aws' });
  await expect(inForce.refresh()).rejects.toMatchObject({ code: 'keys_unavailable' });
});
