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

/** Lets calls of the port under test go wrong. */
export interface StoreFaults {
  /** What becomes of the next attempts at a write, one each; later ones work. */
  loseWrites(...lost: readonly LostWrite[]): void;
  /** From now on no read, or no write, is carried out or answered. */
  readsFail(): void;
  writesFail(): void;
}

/** A store that others reach, too. */
export interface StoreUnderTest<P> extends UnderTest<P> {
  /** Another process' way to the same store, which always works. */
  readonly rival: P;
  readonly faults: StoreFaults;
}

/** What a method of a store throws that does not answer. */
export const UNAVAILABLE = { name: 'KeywardError', code: 'store_unavailable' };
