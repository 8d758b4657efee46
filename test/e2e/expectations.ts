import assert from 'node:assert/strict';
import { until } from '../until';
import type { Reply } from './caller';

export function expectStatus(reply: Reply, status: number): Reply {
  assert.equal(reply.status, status, `answered ${reply.status}, not ${status}: ${reply.text.slice(0, 300)}`);
  return reply;
}

/** Tries again until it is true: replication is asynchronous. */
export const eventually = async (proof: () => Promise<unknown>): Promise<void> => {
  await until(
    'what is said here is true',
    () =>
      proof().then(
        () => undefined,
        (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
      ),
    (objection) => objection === undefined,
  );
};
