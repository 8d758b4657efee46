import type { KekRotation } from '../../lambdas/core/kek-rotation/ports/kek-rotation';
import type { Contract } from './contract';
import { answerLost, requestLost, UNAVAILABLE, type StoreFaults } from './store-under-test';

/** A secret that has a function which rotates it, and no rotation running. */
export interface KekRotationUnderTest {
  readonly port: KekRotation;
  /** How many rotations have begun. */
  readonly begun: () => Promise<number>;
  /** Begins one that is not over for as long as the statement lasts. */
  readonly beginAnother: () => Promise<void>;
  readonly faults: Pick<StoreFaults, 'loseWrites'>;
  readonly close?: () => Promise<void>;
}

/** What every KekRotation keeps. */
export const kekRotationContract: Contract<KekRotation, KekRotationUnderTest> = {
  start: {
    'begins a rotation': async ({ port, begun }) => {
      const before = await begun();
      await expect(port.start()).resolves.toBeUndefined();
      expect(await begun()).toBe(before + 1);
    },

    'begins none beside one that is running, which is no failure': async ({ port, begun, beginAnother }) => {
      await beginAnother();
      const before = await begun();
      await expect(port.start()).resolves.toBeUndefined();
      expect(await begun()).toBe(before);
    },

    'fails where it is not known to have been asked for': async ({ port, begun, faults }) => {
      for (const lost of [requestLost(), answerLost()]) {
        const before = await begun();
        faults.loseWrites(lost);
        await expect(port.start()).rejects.toMatchObject(UNAVAILABLE);
        expect(await begun()).toBe(before + (lost.arrives ? 1 : 0));
      }
    },
  },
};
