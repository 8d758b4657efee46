import type { KekHome } from '../../lambdas/core/contract/kek-homes';
import type { KekHomeReporter } from '../../lambdas/core/kek-move/ports/kek-home-reporter';
import type { Contract } from './contract';
import { UNAVAILABLE } from './store-under-test';

export type ReporterSituation = KekHome | 'no usable KEK' | 'does not answer';

/** A reporter of ap-south-1. */
export interface KekHomeReporterUnderTest {
  readonly port: KekHomeReporter;
  readonly become: (situation: ReporterSituation) => void;
  readonly close?: () => Promise<void>;
}

/** Statements that every KekHomeReporter keeps. */
export const kekHomeReporterContract: Contract<KekHomeReporter, KekHomeReporterUnderTest> = {
  region: {
    'is the one that it was opened for': async ({ port }) => {
      expect(port.region).toBe('ap-south-1');
    },
  },

  home: {
    'is the one that the region reads now': async ({ port, become }) => {
      for (const home of ['vault', 'aws', 'vault'] as const) {
        become(home);
        await expect(port.home()).resolves.toBe(home);
      }
    },

    'tells a region that cannot read the KEK': async ({ port, become }) => {
      become('no usable KEK');
      await expect(port.home()).rejects.toMatchObject({ name: 'KeywardError', code: 'keys_unavailable' });
    },

    'tells a region that does not answer': async ({ port, become }) => {
      become('does not answer');
      await expect(port.home()).rejects.toMatchObject(UNAVAILABLE);
    },
  },
};
