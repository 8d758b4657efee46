import { setTimeout as delay } from 'node:timers/promises';

const TRIES = 60;
const PAUSE_MS = 250;

/** Sends a request again while the answer is 503, as callers do: a busy machine may answer so for a while. */
export async function patiently<R extends { readonly status: number }>(send: () => Promise<R>): Promise<R> {
  let reply = await send();
  for (let tries = 1; reply.status === 503 && tries < TRIES; tries += 1) {
    await delay(PAUSE_MS);
    reply = await send();
  }
  return reply;
}
