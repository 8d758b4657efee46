import type { KekSecretStore } from '../../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { PendingKek } from '../../lambdas/core/kek-rotation/ports/pending-kek';
import type { Contract } from './contract';
import { newWriteId } from './random-name';
import { answerLost, requestLost, UNAVAILABLE, type StoreUnderTest } from './store-under-test';

/** A secret with one version, `first`, which is current. */
interface PendingKekUnderTest extends StoreUnderTest<PendingKek & KekSecretStore> {
  readonly port: PendingKek & KekSecretStore;
  readonly first: string;
}

const pending = async (store: KekSecretStore): Promise<readonly string[]> =>
  (await store.versions()).filter(({ stages }) => stages.includes('AWSPENDING')).map(({ versionId }) => versionId);

/** Statements that every PendingKek keeps. */
export const pendingKekContract: Contract<PendingKek, PendingKekUnderTest> = {
  begin: {
    'announces a version that is pending and has no value': async ({ port, rival }) => {
      const second = newWriteId();
      await expect(port.begin(second)).resolves.toBe('begun');
      expect(await pending(rival)).toStrictEqual([second]);
      await expect(rival.value(second)).resolves.toBeUndefined();
      await expect(rival.putPending(second, 'second')).resolves.toBe('stored');
    },

    'changes nothing beside a version that is pending': async ({ port, rival }) => {
      const second = newWriteId();
      await rival.begin(second);
      await expect(port.begin(newWriteId())).resolves.toBe('pending');
      await rival.putPending(second, 'second');
      await expect(port.begin(newWriteId())).resolves.toBe('pending');
      expect(await pending(rival)).toStrictEqual([second]);
      await expect(rival.value(second)).resolves.toBe('second');
    },

    'begins after one that became current, and after one that was removed': async ({ port, rival, first }) => {
      const second = newWriteId();
      await rival.begin(second);
      await rival.putPending(second, 'second');
      await rival.moveCurrent(first, second);
      const third = newWriteId();
      await expect(port.begin(third)).resolves.toBe('begun');
      await rival.removePending(third);
      const fourth = newWriteId();
      await expect(port.begin(fourth)).resolves.toBe('begun');
      expect(await pending(rival)).toStrictEqual([fourth]);
    },

    'of several at once exactly one begins': async ({ port, rival }) => {
      const ids = [newWriteId(), newWriteId(), newWriteId()];
      const results = await Promise.all(ids.map((id) => port.begin(id)));
      expect([...results].sort()).toStrictEqual(['begun', 'pending', 'pending']);
      expect(await pending(rival)).toStrictEqual([ids[results.indexOf('begun')]]);
    },

    'fails where the answer is lost, although it began': async ({ port, rival, faults }) => {
      const second = newWriteId();
      faults.loseWrites(answerLost());
      await expect(port.begin(second)).rejects.toMatchObject(UNAVAILABLE);
      expect(await pending(rival)).toStrictEqual([second]);
    },

    'fails where it does not arrive': async ({ port, rival, faults }) => {
      faults.loseWrites(requestLost());
      await expect(port.begin(newWriteId())).rejects.toMatchObject(UNAVAILABLE);
      expect(await pending(rival)).toStrictEqual([]);
    },
  },

  countTry: {
    'counts the tries of all processes, before and after there is a value, which stays': async ({ port, rival }) => {
      const second = newWriteId();
      await rival.begin(second);
      await expect(port.countTry(second)).resolves.toBe(1);
      await rival.putPending(second, 'second');
      await expect(rival.countTry(second)).resolves.toBe(2);
      await expect(port.countTry(second)).resolves.toBe(3);
      await expect(rival.value(second)).resolves.toBe('second');
      expect(await pending(rival)).toStrictEqual([second]);
    },

    'counts each of several at once': async ({ port }) => {
      const second = newWriteId();
      await port.begin(second);
      const counts = await Promise.all([port.countTry(second), port.countTry(second), port.countTry(second)]);
      expect([...counts].sort()).toStrictEqual([1, 2, 3]);
    },

    'knows nothing of a version that is not pending': async ({ port, rival, first }) => {
      const second = newWriteId();
      await rival.begin(second);
      await rival.removePending(second);
      for (const id of [first, second, newWriteId()]) await expect(port.countTry(id)).resolves.toBeUndefined();
    },

    'fails where the answer is lost, although it counted': async ({ port, rival, faults }) => {
      const second = newWriteId();
      await rival.begin(second);
      faults.loseWrites(answerLost());
      await expect(port.countTry(second)).rejects.toMatchObject(UNAVAILABLE);
      await expect(rival.countTry(second)).resolves.toBe(2);
    },
  },

  tries: {
    'tells how many were counted, and counts none': async ({ port, rival }) => {
      const second = newWriteId();
      await rival.begin(second);
      await expect(port.tries(second)).resolves.toBe(0);
      await rival.countTry(second);
      await rival.putPending(second, 'second');
      await rival.countTry(second);
      for (let time = 0; time < 2; time += 1) await expect(port.tries(second)).resolves.toBe(2);
    },

    'knows nothing of a version that is not pending': async ({ port, rival, first }) => {
      const second = newWriteId();
      await rival.begin(second);
      await rival.removePending(second);
      for (const id of [first, second, newWriteId()]) await expect(port.tries(id)).resolves.toBeUndefined();
    },

    'is unavailable where the store does not answer': async ({ port, first, faults }) => {
      faults.readsFail();
      await expect(port.tries(first)).rejects.toMatchObject(UNAVAILABLE);
    },
  },
};
