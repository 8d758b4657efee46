import { newNonce, type ProofChallenge } from '../../lambdas/core/dek-rotation/dek-proof';
import type { RegionProver } from '../../lambdas/core/dek-rotation/ports/region-prover';
import { testRandomness } from '../doubles/memory-ports';
import type { Contract } from './contract';
import { UNAVAILABLE } from './store-under-test';

export type Situation = 'proves' | 'cannot yet' | 'does not answer';

/** A prover of ap-south-1, whose function answers with a proof. */
export interface RegionProverUnderTest {
  readonly port: RegionProver;
  readonly become: (situation: Situation) => void;
  /** The challenges that reached the region. */
  readonly challenges: () => readonly unknown[];
  readonly close?: () => Promise<void>;
}

export const PROOF = Buffer.alloc(32, 7).toString('base64');

export const challenge = (): ProofChallenge => ({
  provider: 'openai',
  version: 2,
  revision: 7,
  kek_id: 'a'.repeat(32),
  nonce: newNonce(testRandomness),
});

/** Statements that every RegionProver keeps. */
export const regionProverContract: Contract<RegionProver, RegionProverUnderTest> = {
  region: {
    'is the one that it was opened for': async ({ port }) => {
      expect(port.region).toBe('ap-south-1');
    },
  },

  prove: {
    'gives the proof of a region that has one, for the whole challenge': async ({ port, challenges }) => {
      const asked = [challenge(), { ...challenge(), provider: 'google' }];
      for (const each of asked) await expect(port.prove(each)).resolves.toBe(PROOF);
      expect(challenges()).toStrictEqual(asked);
    },

    'tells a region that cannot yet': async ({ port, become }) => {
      become('cannot yet');
      await expect(port.prove(challenge())).rejects.toMatchObject({ name: 'KeywardError', code: 'keys_unavailable' });
    },

    'tells a region that does not answer': async ({ port, become }) => {
      become('does not answer');
      await expect(port.prove(challenge())).rejects.toMatchObject(UNAVAILABLE);
    },
  },
};
