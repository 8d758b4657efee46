import type { KekSecretReplica, KekSecretStore } from '../../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { Contract } from './contract';
import { newWriteId } from './random-name';
import { answerLost, requestLost, UNAVAILABLE, type StoreUnderTest } from './store-under-test';

/** A secret with one version, `first`, which is current and has the value `value of the first`. */
interface KekSecretStoreUnderTest extends StoreUnderTest<KekSecretStore> {
  readonly first: string;
}
type Under = KekSecretStoreUnderTest;

export const FIRST_VALUE = 'value of the first';

/** The labels of each version, in their order. */
const labels = async (store: KekSecretStore): Promise<Readonly<Record<string, readonly string[]>>> =>
  Object.fromEntries((await store.versions()).map(({ versionId, stages }) => [versionId, [...stages].sort()]));

/** Puts a second version, which is pending. */
async function pend({ rival }: Under, value = 'value of another'): Promise<string> {
  const version = newWriteId();
  await expect(rival.putPending(version, value)).resolves.toBe('stored');
  return version;
}

/** Statements that every KekSecretStore keeps. */
export const kekSecretStoreContract: Contract<KekSecretStore, Under> = {
  versions: {
    'are those that carry a label, each with all of its labels': async (under) => {
      const { port, rival, first } = under;
      expect(await labels(port)).toStrictEqual({ [first]: ['AWSCURRENT'] });
      const second = await pend(under);
      expect(await labels(port)).toStrictEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] });
      await rival.moveCurrent(first, second);
      expect(await labels(port)).toStrictEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT', 'AWSPENDING'] });
    },

    'are unavailable where the store does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.versions()).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  value: {
    'is that of the version that is asked for, whatever its labels': async (under) => {
      const { port, first } = under;
      const second = await pend(under, 'ünïcode 🔑 "{}"');
      await expect(port.value(first)).resolves.toBe(FIRST_VALUE);
      await expect(port.value(second)).resolves.toBe('ünïcode 🔑 "{}"');
    },

    'is undefined where there is none under that id': async ({ port }) => {
      await expect(port.value(newWriteId())).resolves.toBeUndefined();
    },

    'is unavailable where the store does not answer': async ({ port, first, faults }) => {
      faults.readsFail();
      await expect(port.value(first)).rejects.toMatchObject(UNAVAILABLE);
    },
  },

  putPending: {
    'stores the value under AWSPENDING, and moves no other label': async ({ port, rival, first }) => {
      const second = newWriteId();
      await expect(port.putPending(second, 'second')).resolves.toBe('stored');
      await expect(rival.value(second)).resolves.toBe('second');
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] });
    },

    'changes nothing where it is the same value again': async (under) => {
      const { port, rival, first } = under;
      const second = await pend(under, 'same');
      await expect(port.putPending(second, 'same')).resolves.toBe('stored');
      await expect(rival.value(second)).resolves.toBe('same');
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] });
    },

    'tells of another value, which stays': async (under) => {
      const second = await pend(under, 'one');
      await expect(under.port.putPending(second, 'another')).resolves.toBe('exists');
      await expect(under.rival.value(second)).resolves.toBe('one');
    },

    'of two values at once exactly one is stored': async ({ port, rival }) => {
      const second = newWriteId();
      const results = await Promise.all(['one', 'another'].map((value) => port.putPending(second, value)));
      expect([...results].sort()).toStrictEqual(['exists', 'stored']);
      await expect(rival.value(second)).resolves.toBe(results[0] === 'stored' ? 'one' : 'another');
    },

    'fails where the answer is lost, and can be made again': async ({ port, rival, faults }) => {
      const second = newWriteId();
      faults.loseWrites(answerLost());
      await expect(port.putPending(second, 'second')).rejects.toMatchObject(UNAVAILABLE);
      await expect(rival.value(second)).resolves.toBe('second');
      await expect(port.putPending(second, 'second')).resolves.toBe('stored');
      await expect(port.putPending(second, 'another')).resolves.toBe('exists');
    },

    'fails where it does not arrive, and leaves what was there': async ({ port, rival, first, faults }) => {
      const second = newWriteId();
      faults.loseWrites(requestLost());
      await expect(port.putPending(second, 'second')).rejects.toMatchObject(UNAVAILABLE);
      await expect(rival.value(second)).resolves.toBeUndefined();
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSCURRENT'] });
    },
  },

  moveCurrent: {
    'moves AWSCURRENT, and no other label of that version': async (under) => {
      const { port, rival, first } = under;
      const second = await pend(under);
      await expect(port.moveCurrent(first, second)).resolves.toBe('moved');
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT', 'AWSPENDING'] });
    },

    'is refused where it has moved on from the one that was read': async (under) => {
      const { port, rival, first } = under;
      const second = await pend(under);
      await rival.moveCurrent(first, second);
      await rival.removePending(second);
      const third = await pend(under);
      await expect(port.moveCurrent(first, third)).resolves.toBe('refused');
      const after = { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'], [third]: ['AWSPENDING'] };
      expect(await labels(rival)).toStrictEqual(after);
    },

    'is refused where the one that was read never held it': async (under) => {
      const { port, rival, first } = under;
      const second = await pend(under);
      for (const from of [second, newWriteId()]) {
        await expect(port.moveCurrent(from, second)).resolves.toBe('refused');
      }
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] });
    },

    'of several at once exactly one moves it': async (under) => {
      const { port, rival, first } = under;
      const others: string[] = [];
      for (let count = 0; count < 4; count += 1) others.push(await pend(under));
      const results = await Promise.all(others.map((to) => port.moveCurrent(first, to)));
      expect([...results].sort()).toStrictEqual(['moved', 'refused', 'refused', 'refused']);
      expect((await labels(rival))[others[results.indexOf('moved')]!]).toContain('AWSCURRENT');
    },

    'fails where the answer is lost, although it moved; asked again it is refused': async (under) => {
      const { port, rival, first, faults } = under;
      const second = await pend(under);
      faults.loseWrites(answerLost());
      await expect(port.moveCurrent(first, second)).rejects.toMatchObject(UNAVAILABLE);
      expect((await labels(rival))[second]).toContain('AWSCURRENT');
      await expect(port.moveCurrent(first, second)).resolves.toBe('refused');
    },

    'fails where it does not arrive, and leaves what was there': async (under) => {
      const { port, rival, first, faults } = under;
      const second = await pend(under);
      faults.loseWrites(requestLost());
      await expect(port.moveCurrent(first, second)).rejects.toMatchObject(UNAVAILABLE);
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] });
    },
  },

  removePending: {
    'takes the label off, and no other': async (under) => {
      const { port, rival, first } = under;
      const second = await pend(under);
      await rival.moveCurrent(first, second);
      await expect(port.removePending(second)).resolves.toBeUndefined();
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] });
    },

    'leaves a version as it is that does not carry it, and the one that does': async (under) => {
      const { port, rival, first } = under;
      const second = await pend(under);
      for (const version of [first, newWriteId()]) await expect(port.removePending(version)).resolves.toBeUndefined();
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] });
    },

    'fails where the answer is lost, and can be made again': async (under) => {
      const { port, rival, first, faults } = under;
      const second = await pend(under);
      faults.loseWrites(answerLost());
      await expect(port.removePending(second)).rejects.toMatchObject(UNAVAILABLE);
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSCURRENT'] });
      await expect(port.removePending(second)).resolves.toBeUndefined();
    },

    'fails where it does not arrive, and leaves what was there': async (under) => {
      const { port, rival, first, faults } = under;
      const second = await pend(under);
      faults.loseWrites(requestLost());
      await expect(port.removePending(second)).rejects.toMatchObject(UNAVAILABLE);
      expect(await labels(rival)).toStrictEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPENDING'] });
    },
  },
};

/** The same secret in a region. */
export interface KekSecretReplicaUnderTest {
  readonly port: KekSecretReplica;
  readonly region: string;
  readonly first: string;
  /** The secret in the home region, from which the region receives writes. */
  readonly store: KekSecretStore;
  readonly faults: StoreUnderTest<unknown>['faults'];
}

/** Statements that every KekSecretReplica keeps. */
export const kekSecretReplicaContract: Contract<KekSecretReplica, KekSecretReplicaUnderTest> = {
  region: {
    'is the one that it was opened for': async ({ port, region }) => {
      expect(port.region).toBe(region);
    },
  },

  current: {
    'is the version that carries AWSCURRENT now, and its value': async ({ port, store, first }) => {
      await expect(port.current()).resolves.toStrictEqual({ versionId: first, value: FIRST_VALUE });
      const second = newWriteId();
      await store.putPending(second, 'second');
      await expect(port.current()).resolves.toStrictEqual({ versionId: first, value: FIRST_VALUE });
      await store.moveCurrent(first, second);
      await expect(port.current()).resolves.toStrictEqual({ versionId: second, value: 'second' });
    },

    'is unavailable where the region does not answer': async ({ port, faults }) => {
      faults.readsFail();
      await expect(port.current()).rejects.toMatchObject(UNAVAILABLE);
    },
  },
};
