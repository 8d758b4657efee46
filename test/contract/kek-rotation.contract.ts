import type { KekRotation } from '../../lambdas/core/kek-rotation/ports/kek-rotation';
import type { Contract } from './contract';
import { answerLost, requestLost, UNAVAILABLE, type StoreFaults } from './store-under-test';

/** A secret with a rotation function, and no running rotation. */
export interface KekRotationUnderTest {
  readonly port: KekRotation;
  /** The number of started rotations. */
  readonly begun: () => Promise<number>;
  /** Starts a rotation that runs until the statement is over. */
  readonly beginAnother: () => Promise<void>;
  readonly faults: Pick<StoreFaults, 'loseWrites'>;
  readonly close?: () => Promise<void>;
}

/** Statements that every KekRotation keeps. */
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
