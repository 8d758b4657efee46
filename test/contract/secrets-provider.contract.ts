import {
  newKekSecretRecord,
  parseKekSecret,
  serializeKekSecret,
  type KekSecretRecord,
} from '../../lambdas/core/crypto/kek-keyset';
import type { SecretsProvider } from '../../lambdas/core/keysets/ports/secrets-provider';
import { TEST_START, testRandomness, type TestClock } from '../doubles/memory-ports';
import type { Contract } from './contract';

/** A provider without a call so far, over a store that holds the first KEK secret. */
export interface SecretsProviderUnderTest {
  readonly port: SecretsProvider;
  readonly clock: TestClock;
  readonly first: string;
  /** Puts any other value into the store. */
  readonly store: (value: string) => Promise<void>;
  /** Makes the store stop or resume answering. */
  readonly answers: (does: boolean) => Promise<void>;
  /** The number of reads of the store. */
  readonly reads: () => number;
}
type Under = SecretsProviderUnderTest;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const OUT_OF_REACH = { name: 'KeywardError', code: 'keys_unavailable' };

export const idOf = (secret: string): string => parseKekSecret(secret).primary.id;

/** A secret with another KEK, made later than those of `before`. */
export function nextSecret(before?: string): string {
  const made = newKekSecretRecord(testRandomness, TEST_START + (before === undefined ? 0 : MINUTE_MS));
  if (before === undefined) return serializeKekSecret(made);
  const { keys } = JSON.parse(before) as KekSecretRecord;
  const older = Object.entries(keys).map(([id, key]) => [id, { ...key, state: 'unwrap_only' as const }]);
  return serializeKekSecret({ ...made, keys: { ...Object.fromEntries(older), ...made.keys } });
}

const primaryOf = async (answer: Promise<{ primary: { id: string } }>): Promise<string> => (await answer).primary.id;

/** Statements that every SecretsProvider keeps. */
export const secretsProviderContract: Contract<SecretsProvider, Under> = {
  current: {
    'is what the store holds': async ({ port, first }) => {
      expect(await primaryOf(port.current())).toBe(idOf(first));
    },

    'is at most minutes old while the store answers': async ({ port, clock, first, store }) => {
      await port.current();
      const second = nextSecret(first);
      await store(second);
      clock.time += 10 * MINUTE_MS;
      await port.current();
      expect(await primaryOf(port.current())).toBe(idOf(second));
    },

    'comes from a copy, and at the same time from one request': async ({ port, reads }) => {
      await port.current();
      const before = reads();
      await Promise.all(Array.from({ length: 20 }, () => port.current()));
      expect(reads()).toBe(before);
    },

    'is the last good copy while the store does not answer, for at most 24 hours': async (under) => {
      const { port, clock, first, answers } = under;
      await port.current();
      await answers(false);
      for (const hours of [1, 22]) {
        clock.time += hours * HOUR_MS;
        expect(await primaryOf(port.current())).toBe(idOf(first));
      }
      clock.time += 2 * HOUR_MS;
      await expect(port.current()).rejects.toMatchObject(OUT_OF_REACH);
      await answers(true);
      clock.time += MINUTE_MS;
      expect(await primaryOf(port.current())).toBe(idOf(first));
    },

    'is the last good copy while what the store holds is damaged, for at most 24 hours': async (under) => {
      const { port, clock, first, store } = under;
      await port.current();
      for (const damaged of ['', '{"schema":1}', first.slice(0, -9), 'not a secret']) {
        await store(damaged);
        clock.time += HOUR_MS;
        expect(await primaryOf(port.current())).toBe(idOf(first));
      }
      clock.time += 21 * HOUR_MS;
      await expect(port.current()).rejects.toMatchObject(OUT_OF_REACH);
    },

    'stays what it was where a refresh fails': async ({ port, first, store, answers }) => {
      await port.current();
      await store('not a secret');
      await expect(port.refresh()).rejects.toMatchObject(OUT_OF_REACH);
      await answers(false);
      await expect(port.refresh()).rejects.toMatchObject(OUT_OF_REACH);
      expect(await primaryOf(port.current())).toBe(idOf(first));
    },
  },

  refresh: {
    'asks the store now, and current has it from then on': async ({ port, first, store }) => {
      await port.current();
      const second = nextSecret(first);
      await store(second);
      expect(await primaryOf(port.refresh())).toBe(idOf(second));
      const copy = await port.current();
      expect(copy.primary.id).toBe(idOf(second));
      expect([...copy.keks.keys()].sort()).toStrictEqual([idOf(first), idOf(second)].sort());
    },

    'is one request for callers at the same time': async ({ port, reads }) => {
      await port.current();
      const before = reads();
      await port.refresh();
      const each = reads() - before;
      expect(each).toBeGreaterThan(0);
      await Promise.all(Array.from({ length: 20 }, () => port.refresh()));
      expect(reads() - before).toBe(2 * each);
    },

    'fails where the store does not answer, though there is a copy; not for good': async (under) => {
      const { port, clock, first, answers } = under;
      await port.current();
      await answers(false);
      await expect(port.refresh()).rejects.toMatchObject(OUT_OF_REACH);
      await answers(true);
      clock.time += MINUTE_MS;
      expect(await primaryOf(port.refresh())).toBe(idOf(first));
    },

    'fails where what the store holds is damaged': async ({ port, first, store, clock }) => {
      await port.current();
      for (const damaged of ['', '{"schema":1}', first.slice(0, -9), 'not a secret']) {
        await store(damaged);
        clock.time += MINUTE_MS;
        await expect(port.refresh()).rejects.toMatchObject(OUT_OF_REACH);
      }
    },
  },
};
