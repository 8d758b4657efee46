import type { DekRotationReport, StoredReport } from '../../lambdas/core/dek-rotation/dek-rotation-report';
import type { DekRotationStore } from '../../lambdas/core/dek-rotation/ports/dek-rotation-store';
import { conditionalWriteStatements } from './conditional-write.statements';
import type { Contract, Statements } from './contract';
import { randomName } from './random-name';
import { AT, newDekRotationId, progress, report } from './dek-rotation-records';
import { answerLost, UNAVAILABLE, type StoreUnderTest } from './store-under-test';

/** A store has one time up to which intents are closed. */
interface DekRotationStoreUnderTest extends StoreUnderTest<DekRotationStore> {
  readonly forgetIntentsClosedTo: () => Promise<unknown>;
}
type Under = DekRotationStoreUnderTest;

const FULL: Partial<DekRotationReport> = {
  status: 'completed_with_failures',
  emergency: true,
  reason: 'a key was leaked',
  started_by: 'arn:aws:iam::000000000000:user/tester',
  idempotency: { key_sha256: 'a'.repeat(64), request_sha256: 'b'.repeat(64) },
  takeover: { by: 'an operator', at: AT, reason: 'leaked' },
  promoted_at: AT,
  grace_until: AT,
  ended_at: AT,
  proofs: { 'us-east-1': { proved_at: AT, revision: 2, kek_id: 'a'.repeat(32) } },
  acknowledged: { 'us-east-1': AT, 'eu-west-1': AT },
  unproved_regions: ['ap-south-1'],
};

/** The functions that read and write a rotation's record. */
const KINDS = {
  report: {
    make: report,
    put: (port: DekRotationStore, record: { revision: number }, expected: number) =>
      port.putReport(record as DekRotationReport, expected),
    read: (port: DekRotationStore, provider: string, id: string) => port.report(provider, id),
  },
  shard: {
    make: (change: { provider: string; rotation_id: string; revision?: number }) => progress({ shard: 7, ...change }),
    put: (port: DekRotationStore, record: { revision: number }, expected: number) =>
      port.putShard(record as ReturnType<typeof progress>, expected),
    read: (port: DekRotationStore, provider: string, id: string) => port.shard(provider, id, 7),
  },
};

/** Statements for every put, of a first record and of a replacement. */
function putStatements(kind: keyof typeof KINDS): Statements<Under> {
  const { make, put, read } = KINDS[kind];
  const deps = (before: number): Statements<Under> =>
    conditionalWriteStatements<DekRotationStore>(async (rival) => {
      const [provider, rotation_id] = [randomName('p'), newDekRotationId()];
      const record = (revision: number) => make({ provider, rotation_id, revision });
      if (before > 0) await put(rival, record(before), 0);
      const [ours, later] = [record(before + 1), record(before + 2)];
      return {
        ours,
        write: (port) => put(port, ours, before),
        rivals: () => {
          const other = record(before + 1);
          return { record: other, write: (port) => put(port, other, before) };
        },
        cover: { record: later, write: (port) => put(port, later, before + 1) },
        read: (port) => read(port, provider, rotation_id),
      };
    });
  const named = (where: string, statements: Statements<Under>) =>
    Object.entries(statements).map(([name, statement]) => [`${where} ${name}`, statement] as const);
  return {
    ...Object.fromEntries([...named('a first one', deps(0)), ...named('in the place of another', deps(4))]),

    'is refused where nothing is there, though something was read': async ({ port, rival }) => {
      const [provider, rotation_id] = [randomName('p'), newDekRotationId()];
      await expect(put(port, make({ provider, rotation_id, revision: 2 }), 1)).resolves.toBe('refused');
      await expect(read(rival, provider, rotation_id)).resolves.toBeUndefined();
    },

    'is refused at any other revision than the one that was read, lower or higher': async ({ port, rival }) => {
      const [provider, rotation_id] = [randomName('p'), newDekRotationId()];
      const stored = make({ provider, rotation_id, revision: 5 });
      await put(rival, stored, 0);
      for (const expected of [0, 1, 4, 6, 50]) {
        const other = make({ provider, rotation_id, revision: expected + 1 });
        await expect(put(port, other, expected)).resolves.toBe('refused');
      }
      expect(await read(rival, provider, rotation_id)).toStrictEqual(stored);
    },

    'changes nothing of another rotation, or provider': async ({ port, rival }) => {
      const [provider, rotation_id] = [randomName('p'), newDekRotationId()];
      const others = [
        make({ provider, rotation_id: newDekRotationId() }),
        make({ provider: `${provider}-x`, rotation_id }),
      ];
      for (const other of others) await put(rival, other, 0);
      await expect(put(port, make({ provider, rotation_id }), 0)).resolves.toBe('written');
      for (const other of others) {
        expect(await read(rival, other.provider, other.rotation_id)).toStrictEqual(other);
      }
    },
  };
}

/** Statements that every DekRotationStore keeps. */
export const dekRotationStoreContract: Contract<DekRotationStore, Under> = {
  report: {
    'has none of a rotation that it was not told of': async ({ port }) => {
      await expect(port.report(randomName('p'), newDekRotationId())).resolves.toBeUndefined();
    },

    'returns one exactly as it was put, with as little and as much as there can be in it': async ({ port, rival }) => {
      const provider = randomName('p');
      for (const each of [report({ provider }), report({ provider, ...FULL })]) {
        await rival.putReport(each, 0);
        expect(await port.report(provider, each.rotation_id)).toStrictEqual(each);
        await expect(port.report(`${provider}-x`, each.rotation_id)).resolves.toBeUndefined();
      }
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.report(randomName('p'), newDekRotationId())).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  reports: {
    'has none where there is none': async ({ port }) => {
      await expect(port.reports(randomName('p'), { limit: 5 })).resolves.toStrictEqual([]);
    },

    'lists them newest first, page by page, and those of one provider alone': async ({ port, rival }) => {
      const provider = randomName('p');
      const all = [4, 0, 2, 3, 1].map((ms) => report({ provider, rotation_id: newDekRotationId(ms) }));
      await Promise.all(all.map((each) => rival.putReport(each, 0)));
      await rival.putReport(report({ provider: `${provider}-x` }), 0);
      await rival.putShard(progress({ provider, rotation_id: all[0]!.rotation_id }), 0);
      const newest = [...all].sort((a, b) => (a.rotation_id < b.rotation_id ? 1 : -1));
      for (const limit of [5, 100]) await expect(port.reports(provider, { limit })).resolves.toStrictEqual(newest);
      const read: StoredReport[] = [];
      for (let before: string | undefined; ; before = read.at(-1)?.rotation_id) {
        const page = await port.reports(provider, { limit: 2, ...(before !== undefined && { before }) });
        expect(page.length).toBeLessThanOrEqual(2);
        if (page.length === 0) break;
        read.push(...page);
      }
      expect(read).toStrictEqual(newest);
    },

    'begins below an id that need not exist': async ({ port, rival }) => {
      const provider = randomName('p');
      const [older, newer] = [1, 3].map((ms) => report({ provider, rotation_id: newDekRotationId(ms) }));
      await rival.putReport(older!, 0);
      await rival.putReport(newer!, 0);
      const below = (before: string) => port.reports(provider, { before, limit: 5 });
      await expect(below(newDekRotationId(2))).resolves.toStrictEqual([older]);
      await expect(below(newer!.rotation_id)).resolves.toStrictEqual([older]);
      await expect(below(newDekRotationId(0))).resolves.toStrictEqual([]);
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.reports(randomName('p'), { limit: 1 })).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  putReport: putStatements('report'),

  shard: {
    'has none that has not begun': async ({ port }) => {
      await expect(port.shard(randomName('p'), newDekRotationId(), 3)).resolves.toBeUndefined();
    },

    'returns each as it was put': async ({ port, rival }) => {
      const [provider, rotation_id] = [randomName('p'), newDekRotationId()];
      const all = [0, 1, 9, 10, 15].map((shard) =>
        progress({
          provider,
          rotation_id,
          shard,
          after: `name-${shard}`,
          total: shard,
          failures: ['a', 'b'],
          failed: 2,
        }),
      );
      for (const each of all) await rival.putShard(each, 0);
      for (const each of all) expect(await port.shard(provider, rotation_id, each.shard)).toStrictEqual(each);
      await expect(port.shard(provider, rotation_id, 3)).resolves.toBeUndefined();
      await expect(port.shard(provider, newDekRotationId(), 1)).resolves.toBeUndefined();
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.shard(randomName('p'), newDekRotationId(), 0)).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  shards: {
    'has none that have not begun': async ({ port }) => {
      await expect(port.shards(randomName('p'), newDekRotationId())).resolves.toStrictEqual([]);
    },

    'lists them in the order of their numbers, of one rotation alone': async ({ port, rival }) => {
      const [provider, rotation_id] = [randomName('p'), newDekRotationId()];
      const all = [15, 2, 0, 10, 9, 1].map((shard) => progress({ provider, rotation_id, shard }));
      for (const each of all) await rival.putShard(each, 0);
      await rival.putShard(progress({ provider, rotation_id: newDekRotationId(), shard: 3 }), 0);
      await rival.putShard(progress({ provider: `${provider}-x`, rotation_id, shard: 4 }), 0);
      const ordered = [...all].sort((a, b) => a.shard - b.shard);
      await expect(port.shards(provider, rotation_id)).resolves.toStrictEqual(ordered);
      await expect(port.shards(`${provider}-x`, rotation_id)).resolves.toHaveLength(1);
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.shards(randomName('p'), newDekRotationId())).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  putShard: putStatements('shard'),

  intentsClosedTo: {
    'is not known before the first time': async ({ port, forgetIntentsClosedTo }) => {
      await forgetIntentsClosedTo();
      await expect(port.intentsClosedTo()).resolves.toBeUndefined();
    },

    'is what was noted': async ({ port, rival, forgetIntentsClosedTo }) => {
      await forgetIntentsClosedTo();
      await rival.noteIntentsClosedTo(AT);
      await expect(port.intentsClosedTo()).resolves.toBe(AT);
    },

    'is unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.intentsClosedTo()).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  noteIntentsClosedTo: {
    'lets the latest time win, whatever the order': async ({ port, rival, forgetIntentsClosedTo }) => {
      await forgetIntentsClosedTo();
      await port.noteIntentsClosedTo(AT);
      await expect(rival.intentsClosedTo()).resolves.toBe(AT);
      await port.noteIntentsClosedTo('2026-11-21T08:59:59.999Z');
      await expect(rival.intentsClosedTo()).resolves.toBe(AT);
      await port.noteIntentsClosedTo(AT);
      const times = [3, 1, 5, 2, 4].map((minute) => `2026-11-21T10:0${minute}:00.000Z`);
      await Promise.all(times.map((time) => port.noteIntentsClosedTo(time)));
      await expect(rival.intentsClosedTo()).resolves.toBe('2026-11-21T10:05:00.000Z');
    },

    'is not known to be noted where the answer is lost, and can be noted again': async (under) => {
      const { port, rival, faults } = under;
      await under.forgetIntentsClosedTo();
      faults.loseWrites(answerLost());
      await expect(port.noteIntentsClosedTo(AT)).rejects.toMatchObject(UNAVAILABLE);
      await expect(rival.intentsClosedTo()).resolves.toBe(AT);
      await expect(port.noteIntentsClosedTo(AT)).resolves.toBeUndefined();
      await expect(rival.intentsClosedTo()).resolves.toBe(AT);
    },

    'is unavailable where the store does not answer, and changes nothing': async (under) => {
      const { port, rival, faults } = under;
      await under.forgetIntentsClosedTo();
      await rival.noteIntentsClosedTo(AT);
      faults.writesFail();
      await expect(port.noteIntentsClosedTo('2026-11-21T10:00:00.000Z')).rejects.toMatchObject(UNAVAILABLE);
      await expect(rival.intentsClosedTo()).resolves.toBe(AT);
    },
  },
};
