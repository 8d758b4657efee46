import { setTimeout as delay } from 'node:timers/promises';

/**
 * How long anything is waited for in a test. No time limit of a product is tested by it: it only ends what would hang for good, on
 * the busiest machine, and before Jest would end the test without a word about what was missing.
 */
const LIMIT_MS = 600_000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 250;
const SHOWN_CHARACTERS = 2_000;

/**
 * The one way in which tests wait: asks again and again until the answer is as it should be, and gives it.
 *
 * @param what what is waited for, for whoever reads that it never came
 * @param ask what it throws ends the waiting
 * @param isSo left out: the answer is truthy
 * @throws Error that says what was waited for, and the last answer
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  isSo: (answer: T) => boolean = Boolean,
): Promise<T> {
  const end = performance.now() + LIMIT_MS;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(LONGEST_PAUSE_MS, pause * 2)) {
    const answer = await ask();
    if (isSo(answer)) return answer;
    if (performance.now() >= end) throw new Error(inVain(what, `; the last answer was ${shown(answer)}`));
    await delay(pause);
  }
}

/** Resolves as the promise does; where it never does, an error says what was waited for. */
export async function inTime<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const never = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(inVain(what)));
    }, LIMIT_MS);
  });
  try {
    return await Promise.race([promise, never]);
  } finally {
    clearTimeout(timer);
  }
}

/** Sends a request again while the answer is 503, as callers do, and gives the first other one. */
export const patiently = <R extends { readonly status: number }>(send: () => Promise<R>): Promise<R> =>
  until('a request is answered with something else than 503', send, ({ status }) => status !== 503);

const inVain = (what: string, more = ''): string => `waited ${LIMIT_MS / 1000} s in vain until ${what}${more}`;

const shown = (answer: unknown): string => {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
  return text.slice(0, SHOWN_CHARACTERS);
};
