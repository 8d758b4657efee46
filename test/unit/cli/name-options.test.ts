import { nameOptions } from '../../../cli/client/name-options';
import { ALL_COMMANDS } from '../../../cli/find-command';
import { CliError, EXIT } from '../../../cli/io/cli-error';

const optionsOf = (...words: string[]) =>
  ALL_COMMANDS.find((each) => each.words.join(' ') === words.join(' '))!.options;

const refusedWith = async (error: Error, ...words: string[]): Promise<unknown> =>
  nameOptions({ send: () => Promise.reject(error) }, optionsOf(...words))
    .send({ method: 'GET', path: '/v1' })
    .catch((thrown: unknown) => thrown);

test.each([
  ['audit', 'event_type: must be one of encrypt, decrypt', '--type: must be one of encrypt, decrypt'],
  ['audit', 'user_id: must be an ARN', '--user: must be an ARN'],
  ['audit', 'request_id: is not valid', '--request-id: is not valid'],
  ['audit', 'key_version: must be at least 1', '--key-version: must be at least 1'],
  ['audit', 'provider: is not a valid provider name', '--provider: is not a valid provider name'],
  ['rotate', 'reason: must not be empty', '--reason: must not be empty'],
  ['version schedule-destruction', 'pending_window_days: must be at most 30', '--window: must be at most 30'],
  ['policy set', 'grace_period_days: must be a number', '--grace: must be a number'],
  ['policy set', 'interval_days: is not valid', '--interval: is not valid'],
  ['credential put', 'metadata.team: must be a string', '--metadata.team: must be a string'],
])('%s: %s', async (words, detail, shown) => {
  const error = new CliError(EXIT.requestRefused, 'invalid_request', detail, 'r-1', { retryAfterSeconds: 1 });
  expect(await refusedWith(error, ...words.split(' '))).toMatchObject({
    exitCode: EXIT.requestRefused,
    code: 'invalid_request',
    detail: shown,
    requestId: 'r-1',
    more: { retryAfterSeconds: 1 },
  });
});

test.each([
  new CliError(EXIT.requestRefused, 'invalid_request', 'query: unknown parameters are not allowed'),
  new CliError(EXIT.requestRefused, 'invalid_request', 'version must be one that the keyset has'),
  new CliError(EXIT.requestRefused, 'invalid_request', 'all: is no parameter, but an option of the command'),
  new CliError(EXIT.requestRefused, 'invalid_request', '__proto__: is not valid'),
  new CliError(EXIT.notFound, 'provider_not_found', 'provider: there is no such one'),
  new TypeError('provider: x'),
])('anything else stays as it is: $message', async (error) => {
  expect(await refusedWith(error, 'audit')).toBe(error);
});

test('what is answered is passed on', async () => {
  const client = nameOptions({ send: () => Promise.resolve({ a: 1 }) }, {});
  expect(await client.send({ method: 'GET', path: '/v1' })).toEqual({ a: 1 });
});
