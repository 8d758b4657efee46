import type { FirstKekVersion } from '../../lambdas/core/kek-move/ports/first-kek-version';
import type { KekSecretReplica } from '../../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { Contract } from './contract';
import { newWriteId } from './random-name';
import { answerLost, requestLost, UNAVAILABLE, type StoreUnderTest } from './store-under-test';

type Home = FirstKekVersion & KekSecretReplica;

/** A home that never had a version. */
interface FirstKekVersionUnderTest extends StoreUnderTest<Home> {
  readonly port: Home;
}

/** Statements that every FirstKekVersion keeps. */
export const firstKekVersionContract: Contract<FirstKekVersion, FirstKekVersionUnderTest> = {
  createFirst: {
    'makes a version that is current, byte by byte': async ({ port, rival }) => {
      const [versionId, value] = [newWriteId(), 'ünïcode 🔑 "{}"'];
      await expect(port.createFirst(versionId, value)).resolves.toBe(true);
      await expect(rival.current()).resolves.toStrictEqual({ versionId, value });
    },

    'changes nothing where there is a version': async ({ port, rival }) => {
      const first = { versionId: newWriteId(), value: 'first' };
      await rival.createFirst(first.versionId, first.value);
      await expect(port.createFirst(newWriteId(), 'second')).resolves.toBe(false);
      await expect(port.createFirst(first.versionId, 'another value')).resolves.toBe(false);
      await expect(rival.current()).resolves.toStrictEqual(first);
    },

    'of several at once exactly one is made': async ({ port, rival }) => {
      const ids = [newWriteId(), newWriteId(), newWriteId()];
      const made = await Promise.all(ids.map((id) => port.createFirst(id, `value of ${id}`)));
      expect(made.filter(Boolean)).toHaveLength(1);
      const versionId = ids[made.indexOf(true)]!;
      await expect(rival.current()).resolves.toStrictEqual({ versionId, value: `value of ${versionId}` });
    },

    'fails where the answer is lost, although it was made': async ({ port, rival, faults }) => {
      const versionId = newWriteId();
      faults.loseWrites(answerLost());
      await expect(port.createFirst(versionId, 'first')).rejects.toMatchObject(UNAVAILABLE);
      await expect(rival.current()).resolves.toStrictEqual({ versionId, value: 'first' });
      await expect(port.createFirst(versionId, 'first')).resolves.toBe(false);
    },

    'fails where it does not arrive, and makes nothing': async ({ port, rival, faults }) => {
      faults.loseWrites(requestLost());
      await expect(port.createFirst(newWriteId(), 'first')).rejects.toMatchObject(UNAVAILABLE);
      await expect(rival.createFirst(newWriteId(), 'first')).resolves.toBe(true);
    },
  },
};
