import { createHash } from 'node:crypto';
import type { ApiCall } from '../../../cli/client/api-call';
import { lookFirst } from '../../../cli/client/look-first';
import { CliError, EXIT, exitCodeOf } from '../../../cli/io/cli-error';

const NAME = 'sk-example-not-a-real-name';
const REVEAL: ApiCall = { method: 'POST', path: `/v1/providers/openai/credentials/${NAME}/reveal` };

/** Answers with the pages of a list in order, and records the requested calls. */
function listing(...pages: (Record<string, unknown> | number)[]) {
  const sent: ApiCall[] = [];
  const client = {
    send: async (call: ApiCall) => {
      sent.push(call);
      const page = call.method === 'GET' ? pages.shift() : { api_key: 'x' };
      if (typeof page === 'number') throw new CliError(exitCodeOf(page), 'access_denied', 'the list was refused');
      return page ?? {};
    },
  };
  return { sent, client: lookFirst(client, 'openai', NAME) };
}

test('what is listed is asked for, after one look', async () => {
  for (const last of [{ credentials: [{ name: 'a' }, { name: NAME }] }, { credentials: [], damaged: [NAME] }]) {
    const { sent, client } = listing({ credentials: [{ name: 'b' }], next_cursor: 'one' }, last);
    await client.send(REVEAL);
    expect(await client.send(REVEAL)).toEqual({ api_key: 'x' });
    const path = '/v1/providers/openai/credentials';
    const query = { limit: '200', consistent: 'true' };
    expect(sent).toEqual([
      { method: 'GET', path, query },
      { method: 'GET', path, query: { ...query, cursor: 'one' } },
      REVEAL,
      REVEAL,
    ]);
  }
});

test('what was deleted and can be restored is listed, too', async () => {
  const { sent, client } = listing({ credentials: [{ name: 'a' }] }, { credentials: [], deleted: [{ name: NAME }] });
  expect(await client.send(REVEAL)).toEqual({ api_key: 'x' });
  expect(sent.map(({ query }) => query?.['deleted'])).toEqual([undefined, 'true', undefined]);
});

test('a service of before has no list of what was deleted', async () => {
  const sent: ApiCall[] = [];
  const client = lookFirst(
    {
      send: async (call) => {
        sent.push(call);
        if (call.query?.['deleted'] === undefined) return { credentials: [] };
        throw new CliError(EXIT.requestRefused, 'invalid_request', 'deleted: there is no such parameter');
      },
    },
    'openai',
    NAME,
  );
  await expect(client.send(REVEAL)).rejects.toMatchObject({ exitCode: EXIT.notFound, code: 'credential_not_found' });
  expect(sent).toHaveLength(2);
});

test('what is not listed stays here, and whoever typed it is told what to do', async () => {
  for (const pages of [
    [{ credentials: [{ name: 'b' }] }],
    [{ credentials: [], next_cursor: 'one' }, { next_cursor: 'one' }],
  ]) {
    const { sent, client } = listing(...pages);
    const error: unknown = await client.send(REVEAL).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: EXIT.notFound, code: 'credential_not_found' });
    const digits = createHash('sha256').update(NAME).digest('hex').slice(0, 8);
    expect((error as CliError).detail).toContain(`(sha256:${digits}); it was not sent`);
    expect((error as CliError).detail).toContain('history');
    expect(JSON.stringify([sent, error])).not.toContain(NAME);
  }
});

test('whoever may not list asks at once; any other failure is told', async () => {
  const { sent, client } = listing(403);
  expect(await client.send(REVEAL)).toEqual({ api_key: 'x' });
  expect(sent).toHaveLength(2);
  await expect(listing(503).client.send(REVEAL)).rejects.toMatchObject({ exitCode: EXIT.unavailable });
});
