import type { KekMoveRecord } from '../../lambdas/core/kek-move/kek-move-record';
import type { KekMoveStore } from '../../lambdas/core/kek-move/ports/kek-move-store';
import { conditionalWriteStatements } from './conditional-write.statements';
import type { Contract, Statements } from './contract';
import { newWriteId } from './random-name';
import { UNAVAILABLE, type StoreUnderTest } from './store-under-test';

/** A store has one row, so each statement begins without one. */
interface KekMoveStoreUnderTest extends StoreUnderTest<KekMoveStore> {
  readonly forget: () => Promise<unknown>;
}

const AT = '2026-11-21T09:00:00.000Z';

export const kekMove = (change: Partial<KekMoveRecord> = {}): KekMoveRecord => ({
  move_id: newWriteId(),
  revision: 1,
  write_id: newWriteId(),
  from: 'local',
  to: 'vault',
  state: 'copying',
  started_by: 'arn:aws:iam::000000000000:user/tester',
  started_at: AT,
  switched_at: null,
  ended_at: null,
  version_id: null,
  ...change,
});

const statements = (before: number): Statements<KekMoveStoreUnderTest> =>
  conditionalWriteStatements<KekMoveStore>(async (rival) => {
    const record = (revision: number) => kekMove({ revision });
    if (before > 0) await rival.put(record(before), 0);
    const [ours, later] = [record(before + 1), record(before + 2)];
    return {
      ours,
      write: (port) => port.put(ours, before),
      rivals: () => {
        const other = record(before + 1);
        return { record: other, write: (port) => port.put(other, before) };
      },
      cover: { record: later, write: (port) => port.put(later, before + 1) },
      read: (port) => port.read(),
    };
  });

const fresh = (all: Statements<KekMoveStoreUnderTest>, where: string): Statements<KekMoveStoreUnderTest> =>
  Object.fromEntries(
    Object.entries(all).map(([name, statement]) => [
      `${where} ${name}`,
      async (under: KekMoveStoreUnderTest) => {
        await under.forget();
        await statement(under);
      },
    ]),
  );

/** Statements that every KekMoveStore keeps. */
export const kekMoveStoreContract: Contract<KekMoveStore, KekMoveStoreUnderTest> = {
  read: {
    'finds none before the first move': async ({ port, forget }) => {
      await forget();
      await expect(port.read()).resolves.toBeUndefined();
    },

    'returns the row exactly as it was put, in each state': async ({ port, rival, forget }) => {
      await forget();
      const done = { switched_at: AT, ended_at: AT, version_id: newWriteId() };
      const rows = [kekMove(), kekMove({ revision: 2, from: 'vault', to: 'aws', state: 'finished', ...done })];
      for (const [revision, row] of rows.entries()) {
        await rival.put(row, revision);
        expect(await port.read()).toStrictEqual(row);
      }
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.read()).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  put: {
    ...fresh(statements(0), 'a first one'),
    ...fresh(statements(4), 'in the place of another'),
    'is refused at any other revision than the one that was read': async ({ port, rival, forget }) => {
      await forget();
      await expect(port.put(kekMove({ revision: 2 }), 1)).resolves.toBe('refused');
      const stored = kekMove({ revision: 5 });
      await rival.put(stored, 0);
      for (const expected of [0, 1, 4, 6]) {
        await expect(port.put(kekMove({ revision: expected + 1 }), expected)).resolves.toBe('refused');
      }
      expect(await rival.read()).toStrictEqual(stored);
    },
  },
};
