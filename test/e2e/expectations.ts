import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reply } from './caller';

/** Replication is asynchronous, and a machine may be slow. */
const PATIENCE_MS = 30_000;

export function expectStatus(reply: Reply, status: number): Reply {
  assert.equal(reply.status, status, `answered ${reply.status}, not ${status}: ${reply.text.slice(0, 300)}`);
  return reply;
}

/** Tries again until it is true. */
export async function eventually(proof: () => Promise<unknown>, patienceMs = PATIENCE_MS): Promise<void> {
  const until = Date.now() + patienceMs;
  for (;;) {
    try {
      await proof();
      return;
    } catch (thrown) {
      if (Date.now() > until) throw thrown;
      await delay(250);
    }
  }
}
