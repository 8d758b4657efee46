import type { DekRotationMessage, DekRotationQueue } from '../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import type { Contract } from './contract';
import { UNAVAILABLE } from './store-under-test';

export interface DekRotationQueueUnderTest {
  readonly port: DekRotationQueue;
  /** The messages received by a time after the opening. Times must increase. */
  readonly received: (afterSeconds: number) => Promise<readonly DekRotationMessage[]>;
  /** Makes the queue stop answering; left out for a queue in the process itself. */
  readonly takeDown?: () => void;
  readonly close?: () => Promise<void>;
}

export const rekeys = (count: number): DekRotationMessage[] =>
  Array.from({ length: count }, (_, shard) => ({ kind: 'rekey', provider: 'openai', rotation_id: 'a', shard }));
export const ADVANCE: DekRotationMessage = { kind: 'advance', provider: 'openai' };
export const STRAGGLERS: DekRotationMessage = { kind: 'rekey', provider: 'openai', rotation_id: null, shard: 3 };

/** At least once, in any order. */
const all = (messages: readonly DekRotationMessage[]): string[] => [
  ...new Set(messages.map((message) => JSON.stringify(message)).sort()),
];

/** Statements that every DekRotationQueue keeps. */
export const dekRotationQueueContract: Contract<DekRotationQueue, DekRotationQueueUnderTest> = {
  send: {
    'brings every message whole': async ({ port, received }) => {
      await port.send([ADVANCE, STRAGGLERS], 0);
      expect(all(await received(30))).toStrictEqual(all([ADVANCE, STRAGGLERS]));
    },

    'brings none before its delay': async ({ port, received }) => {
      await port.send([ADVANCE], 900);
      await port.send([STRAGGLERS], 62);
      await expect(received(61)).resolves.toStrictEqual([]);
      expect(all(await received(120))).toStrictEqual(all([STRAGGLERS]));
      expect(all(await received(899))).toStrictEqual(all([STRAGGLERS]));
      expect(all(await received(960))).toStrictEqual(all([STRAGGLERS, ADVANCE]));
    },

    'brings all of them, however many': async ({ port, received }) => {
      const sent: DekRotationMessage[] = [];
      for (const count of [0, 1, 9, 10, 11, 16, 20, 21]) {
        const messages = rekeys(count).map((message) => ({ ...message, provider: `p-${count}` }));
        await port.send(messages, 5);
        sent.push(...messages);
      }
      expect(all(await received(300))).toStrictEqual(all(sent));
    },

    'is unavailable where the queue does not answer': async ({ port, received, takeDown }) => {
      if (takeDown === undefined) {
        await expect(port.send([], 0)).resolves.toBeUndefined();
        return;
      }
      takeDown();
      await expect(port.send([ADVANCE], 0)).rejects.toMatchObject(UNAVAILABLE);
      await expect(received(60)).resolves.toStrictEqual([]);
    },
  },
};
