import type { LostWrite } from '../doubles/stores/lost-write';
import type { UnderTest } from './contract';

export const answerLost = (meanwhile?: () => Promise<unknown>): LostWrite => ({
  arrives: true,
  ...(meanwhile && { meanwhile }),
});
export const requestLost = (meanwhile?: () => Promise<unknown>): LostWrite => ({
  arrives: false,
  ...(meanwhile && { meanwhile }),
});

/** Injects faults into calls of the port under test. */
export interface StoreFaults {
  /** The faults of the next writes, one each; later writes work. */
  loseWrites(...lost: readonly LostWrite[]): void;
  /** From now on no read, or no write, is carried out or answered. */
  readsFail(): void;
  writesFail(): void;
}

/** A store that other processes reach, too. */
export interface StoreUnderTest<P> extends UnderTest<P> {
  /** Another process' access to the same store, which always works. */
  readonly rival: P;
  readonly faults: StoreFaults;
}

/** The error that a store's method throws if the store does not answer. */
export const UNAVAILABLE = { name: 'KeywardError', code: 'store_unavailable' };
