import type { ApiCall } from '../../../cli/client/api-call';
import { nameProviders } from '../../../cli/client/name-providers';
import { CliError, EXIT } from '../../../cli/io/cli-error';

const CALL: ApiCall = { method: 'GET', path: '/v1/providers/opneai' };
const missing = new CliError(EXIT.notFound, 'provider_not_found', 'there is no such provider', 'r-1');

/** Refuses the call, and returns the list of providers. */
async function failureOf(refusal: Error, list: Readonly<Record<string, unknown>> | Error) {
  const sent: string[] = [];
  const client = nameProviders({
    send: async ({ path }) => {
      sent.push(path);
      if (path === CALL.path) throw refusal;
      if (list instanceof Error) throw list;
      return list;
    },
  });
  return { sent, thrown: await client.send(CALL).catch((thrown: unknown) => thrown) };
}

test('the providers that there are are named', async () => {
  const { thrown } = await failureOf(missing, { providers: [{ provider: 'openai' }, { provider: 'google' }] });
  expect(thrown).toMatchObject({
    exitCode: EXIT.notFound,
    code: 'provider_not_found',
    detail: 'there is no such provider; there are openai, google',
    requestId: 'r-1',
  });
  const many = { providers: Array.from({ length: 21 }, (_, index) => ({ provider: `p${index}` })) };
  expect((await failureOf(missing, many)).thrown).toMatchObject({ detail: expect.stringMatching(/, p19 and more$/) });
});

test.each([
  [new CliError(EXIT.refused, 'access_denied', 'not allowed')],
  [{}],
  [{ providers: [] }],
  [{ providers: [null, 'openai', { provider: 7 }, { provider: '\u001b[2J' }] }],
])('the first answer stands where the list is %j', async (list) => {
  expect((await failureOf(missing, list)).thrown).toBe(missing);
});

test('nothing more is asked for what else goes wrong', async () => {
  for (const other of [new CliError(EXIT.notFound, 'rotation_not_found', 'x'), new TypeError('x')]) {
    const { sent, thrown } = await failureOf(other, {});
    expect([sent, thrown]).toEqual([[CALL.path], other]);
  }
});

test('what is answered is passed on', async () => {
  const client = nameProviders({ send: async () => ({ a: 1 }) });
  expect(await client.send(CALL)).toEqual({ a: 1 });
});
