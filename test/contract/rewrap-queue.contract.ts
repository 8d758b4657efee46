import type { RewrapQueue, RewrapRequest } from '../../lambdas/core/kek-rotation/ports/rewrap-queue';
import type { Contract } from './contract';
import { UNAVAILABLE } from './store-under-test';

export interface RewrapQueueUnderTest {
  readonly port: RewrapQueue;
  readonly received: () => Promise<readonly unknown[]>;
  readonly takeDown: () => void;
  readonly close?: () => Promise<void>;
}

const REQUEST: RewrapRequest = { secret_version_id: 'v'.repeat(32), kek_id: 'k'.repeat(32) };

/** Statements that every RewrapQueue keeps. */
export const rewrapQueueContract: Contract<RewrapQueue, RewrapQueueUnderTest> = {
  send: {
    'brings what was sent, and nothing beside it': async ({ port, received }) => {
      await port.send({ ...REQUEST, more: 'x' } as RewrapRequest);
      const messages = await received();
      expect(messages.length).toBeGreaterThan(0);
      for (const message of messages) expect(message).toStrictEqual(REQUEST);
    },

    'is unavailable where the queue does not answer': async ({ port, received, takeDown }) => {
      takeDown();
      await expect(port.send(REQUEST)).rejects.toMatchObject(UNAVAILABLE);
      await expect(received()).resolves.toStrictEqual([]);
    },
  },
};
