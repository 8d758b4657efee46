import { runs } from '../../effort';
import { until } from '../../until';
import { LocalProcess, temporaryHome } from './local-process';

const KEY = 'sk-example-not-a-real-key';
const ROUNDS = runs(3, 1);
const CLIENTS = 8;

/** All events of one type, page by page. */
async function allEvents(server: LocalProcess, type: string): Promise<Record<string, unknown>[]> {
  const events: Record<string, unknown>[] = [];
  let cursor: string | undefined;
  do {
    const more = cursor === undefined ? '' : `&cursor=${cursor}`;
    const page = await server.call('GET', `/v1/audit/events?event_type=${type}&limit=500${more}`);
    events.push(...(page.body['events'] as Record<string, unknown>[]));
    cursor = page.body['next_cursor'] as string | undefined;
  } while (cursor !== undefined);
  return events;
}

test('killed at random under load, every 200 that a client received has exactly one durable event', async () => {
  const { home, remove } = temporaryHome();
  const answered: string[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const server = await LocalProcess.start(home);
      const sealed = await server.call('POST', '/v1/providers/openai/encrypt', { plaintext: KEY });
      const ciphertext = sealed.body['ciphertext'];
      const client = async (): Promise<void> => {
        for (;;) {
          const reply = await server.call('POST', '/v1/providers/openai/decrypt', { ciphertext });
          expect(reply).toMatchObject({ status: 200, body: { plaintext: KEY } });
          answered.push(reply.headers.get('x-request-id') ?? '');
        }
      };
      const clients = Array.from({ length: CLIENTS }, client);
      const target = answered.length + 20 + Math.floor(Math.random() * 200);
      await until(`${target} replies have come`, () => answered.length >= target);
      await server.stop('SIGKILL');
      // A client ends with its connection; any other end is a failed expectation.
      for (const ended of await Promise.allSettled(clients)) {
        expect(ended).toMatchObject({ status: 'rejected', reason: { name: 'TypeError' } });
      }
    }
    const server = await LocalProcess.start(home);
    const seen = new Map<unknown, number>();
    for (const { request_id: id, success } of await allEvents(server, 'decrypt')) {
      if (success === true) seen.set(id, (seen.get(id) ?? 0) + 1);
    }
    expect(answered.length).toBeGreaterThan(ROUNDS * 20);
    expect(new Set(answered).size).toBe(answered.length);
    expect(answered.filter((id) => seen.get(id) !== 1)).toEqual([]);
    await server.stop();
  } finally {
    remove();
  }
});
