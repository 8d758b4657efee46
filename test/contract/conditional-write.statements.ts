import type { WriteResult } from '../../lambdas/core/ports/write-result';
import type { Statements } from './contract';
import { answerLost, requestLost, UNAVAILABLE, type StoreUnderTest } from './store-under-test';

/** One write with a condition on the stored record; the condition holds while nothing else is written. */
export interface ConditionalWrite<P> {
  readonly ours: object;
  /** Makes the write. */
  readonly write: (port: P) => Promise<WriteResult>;
  /** Another write under the same condition: at most one of the two can succeed. */
  readonly rivals: () => { readonly record: object; readonly write: (port: P) => Promise<WriteResult> };
  /** A later write, with a condition on ours. */
  readonly cover: { readonly record: object; readonly write: (port: P) => Promise<WriteResult> };
  /** The stored record. */
  readonly read: (port: P) => Promise<unknown>;
}

/**
 * Statements for every conditional write, with and without lost answers.
 *
 * @param prepare stores the record of the condition
 */
export function conditionalWriteStatements<P>(
  prepare: (rival: P) => Promise<ConditionalWrite<P>>,
): Statements<StoreUnderTest<P>> {
  type Under = StoreUnderTest<P>;
  const told = async (under: Under, { write }: ConditionalWrite<P>, result: WriteResult): Promise<void> => {
    await expect(write(under.port)).resolves.toBe(result);
  };
  const stored = async ({ rival }: Under, { read }: ConditionalWrite<P>, record: unknown): Promise<void> => {
    expect(await read(rival)).toStrictEqual(record);
  };
  return {
    'is written, and read back as it was': async (under) => {
      const one = await prepare(under.rival);
      await told(under, one, 'written');
      await stored(under, one, one.ours);
    },

    'is refused where another one came first, which stays': async (under) => {
      const one = await prepare(under.rival);
      const { record, write } = one.rivals();
      await expect(write(under.rival)).resolves.toBe('written');
      await told(under, one, 'refused');
      await stored(under, one, record);
    },

    'is refused where a later write stands on the first, and changes nothing': async (under) => {
      const one = await prepare(under.rival);
      await one.write(under.rival);
      await expect(one.cover.write(under.rival)).resolves.toBe('written');
      await expect(one.rivals().write(under.port)).resolves.toBe('refused');
      await told(under, one, 'refused');
      await stored(under, one, one.cover.record);
    },

    'that is made again is the same write': async (under) => {
      const one = await prepare(under.rival);
      await told(under, one, 'written');
      await told(under, one, 'written');
      await stored(under, one, one.ours);
    },

    'of many at once exactly one is written': async (under) => {
      const one = await prepare(under.rival);
      const all = Array.from({ length: 8 }, () => one.rivals());
      const results = await Promise.all(all.map(({ write }) => write(under.port)));
      expect([...results].sort()).toStrictEqual([...Array.from({ length: 7 }, () => 'refused'), 'written']);
      await stored(under, one, all[results.indexOf('written')]!.record);
    },

    'is written where the answer is lost': async (under) => {
      const one = await prepare(under.rival);
      under.faults.loseWrites(answerLost());
      await told(under, one, 'written');
      await stored(under, one, one.ours);
    },

    'is sent again, once, where it did not arrive': async (under) => {
      const one = await prepare(under.rival);
      under.faults.loseWrites(requestLost());
      await told(under, one, 'written');
      await stored(under, one, one.ours);
    },

    'is written where it is sent again and the second answer is lost': async (under) => {
      const one = await prepare(under.rival);
      under.faults.loseWrites(requestLost(), answerLost());
      await told(under, one, 'written');
      await stored(under, one, one.ours);
    },

    'is not known of where the answer is lost and a later write stands on it': async (under) => {
      const one = await prepare(under.rival);
      under.faults.loseWrites(answerLost(() => one.cover.write(under.rival)));
      await told(under, one, 'unknown');
      await stored(under, one, one.cover.record);
    },

    'is not known of where it did not arrive and another one came first': async (under) => {
      const one = await prepare(under.rival);
      const { record, write } = one.rivals();
      under.faults.loseWrites(requestLost(() => write(under.rival)));
      await told(under, one, 'unknown');
      await stored(under, one, record);
    },

    'is not known of where a refusal is lost': async (under) => {
      const one = await prepare(under.rival);
      const { record, write } = one.rivals();
      await write(under.rival);
      under.faults.loseWrites(answerLost());
      await told(under, one, 'unknown');
      await stored(under, one, record);
    },

    'is not known of where a later write stands on the one that was sent again': async (under) => {
      const one = await prepare(under.rival);
      under.faults.loseWrites(
        requestLost(),
        answerLost(() => one.cover.write(under.rival)),
      );
      await told(under, one, 'unknown');
      await stored(under, one, one.cover.record);
    },

    'is not known of where another one came between the two that were sent': async (under) => {
      const one = await prepare(under.rival);
      const { record, write } = one.rivals();
      under.faults.loseWrites(
        requestLost(),
        requestLost(() => write(under.rival)),
      );
      await told(under, one, 'unknown');
      await stored(under, one, record);
    },

    'fails where no attempt arrives, and leaves what was there': async (under) => {
      const one = await prepare(under.rival);
      const before = await one.read(under.rival);
      under.faults.writesFail();
      await expect(one.write(under.port)).rejects.toMatchObject(UNAVAILABLE);
      await stored(under, one, before);
    },

    'fails where the answer is lost and nobody can look what is stored': async (under) => {
      const one = await prepare(under.rival);
      under.faults.loseWrites(answerLost());
      under.faults.readsFail();
      await expect(one.write(under.port)).rejects.toMatchObject(UNAVAILABLE);
      await stored(under, one, one.ours);
    },

    'takes a copy of the record': async (under) => {
      const one = await prepare(under.rival);
      const expected = structuredClone(one.ours);
      await told(under, one, 'written');
      Reflect.set(one.ours, 'revision', 1_000_000);
      await stored(under, one, expected);
      Reflect.set((await one.read(under.port)) as object, 'revision', 1_000_000);
      await stored(under, one, expected);
    },
  };
}
