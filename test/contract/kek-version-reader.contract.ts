import type { KekVersionReader } from '../../lambdas/core/kek-rotation/ports/kek-secret-store';
import type { Contract } from './contract';
import { UNAVAILABLE } from './store-under-test';

/** A reader of ap-south-1. */
export interface KekVersionReaderUnderTest {
  readonly port: KekVersionReader;
  /** Undefined: the region reads none, or does not answer. */
  readonly become: (versionId: string | undefined) => void;
  readonly close?: () => Promise<void>;
}

/** Statements that every KekVersionReader keeps. */
export const kekVersionReaderContract: Contract<KekVersionReader, KekVersionReaderUnderTest> = {
  region: {
    'is the one that it was opened for': async ({ port }) => {
      expect(port.region).toBe('ap-south-1');
    },
  },

  current: {
    'gives the id of the version that the region reads now': async ({ port, become }) => {
      for (const versionId of ['a'.repeat(32), 'b-2'.repeat(12)]) {
        become(versionId);
        await expect(port.current()).resolves.toMatchObject({ versionId });
      }
    },

    'tells a region that reads none': async ({ port, become }) => {
      become(undefined);
      await expect(port.current()).rejects.toMatchObject(UNAVAILABLE);
    },
  },
};
