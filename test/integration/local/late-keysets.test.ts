import { until } from '../../until';
import { openLocalWorld, type LocalWorld } from './local-composition';
import { temporaryHome } from './local-process';

const { home, remove } = temporaryHome();
let world: LocalWorld;
afterAll(async () => {
  await world.close();
  remove();
});

test('a first start whose database fails goes on until every keyset is there, says so, and keeps no 503', async () => {
  let isFailing = true;
  world = await openLocalWorld(home, undefined, (client) => {
    client.middlewareStack.add(
      (next, context) => (args) => {
        const isKeyset = JSON.stringify(args.input).includes('encrypted_dek');
        if (isFailing && isKeyset && context.commandName === 'PutItemCommand') throw new Error('injected');
        return next(args);
      },
      { step: 'initialize', name: 'failingKeysets', priority: 'low' },
    );
  });
  const { composition, logger } = world;
  expect(composition.keysets.map(({ status }) => status)).toEqual(['failed', 'failed']);
  await composition.startWork();
  const encrypt = (provider: string) =>
    world.call('POST', `/v1/providers/${provider}/encrypt`, { plaintext: 'x' }).then(({ status }) => status);
  expect(await encrypt('openai')).toBe(503);
  const again = () => logger.lines.filter(({ message }) => message.includes('is retried'));
  // Callers are refused meanwhile: the recorded refusals must not count as a use of the keyset.
  await until(
    'it has tried again four times',
    () => again().length,
    (count) => count >= 4,
  );
  expect(again()[0]).toMatchObject({
    level: 'warn',
    fields: { provider: 'openai', code: expect.any(String) as string },
  });
  isFailing = false;
  for (const provider of ['openai', 'anthropic']) {
    expect(
      await until(
        'the keyset is there',
        () => encrypt(provider),
        (status) => status === 200,
      ),
    ).toBe(200);
    const said = () =>
      logger.lines.filter(
        ({ message, fields }) =>
          message === 'a keyset that was missing has been made' && fields?.['provider'] === provider,
      );
    // It is marked as made before that is reported.
    const lines = await until('it is said', said, ({ length }) => length > 0);
    expect(lines).toMatchObject([{ level: 'info' }]);
  }
  expect((await world.call('GET', '/readyz')).status).toBe(200);
});
