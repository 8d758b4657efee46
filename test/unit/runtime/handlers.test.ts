import { KeywardError, keysUnavailable } from '../../../lambdas/core/errors/errors';
import { bootstrapEvent } from '../../../lambdas/core/kek-rotation/bootstrap-event';
import { rewrapMessage } from '../../../lambdas/core/kek-rotation/rewrap-message';
import { rotateKekEvent } from '../../../lambdas/core/kek-rotation/rotate-kek-event';
import { createEventHandler } from '../../../lambdas/core/runtime/event-handler';
import { createQueueHandler } from '../../../lambdas/core/runtime/queue-handler';
import { handler as rotateKekFromEnvironment } from '../../../lambdas/rotate-kek/handler';
import type { RotateKek } from '../../../lambdas/core/kek-rotation/rotate-kek';
import { TestClock } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

const TOKEN = '00000000-0000-4000-8000-000000000000';

/** A runtime around a use case, and its outputs. */
function setUp() {
  const logger = new RecordingLogger();
  const world = {
    logger,
    flushes: 0,
    calls: [] as unknown[],
    failure: undefined as unknown,
    outcome: 'done' as 'done' | 'not_yet',
  };
  const flush = (): void => {
    world.flushes += 1;
  };
  const act = async (...call: unknown[]): Promise<void> => {
    world.calls.push(call);
    if (world.failure !== undefined) throw world.failure as Error;
  };
  const rotateKek = { run: act } as unknown as RotateKek;
  const base = { clock: new TestClock(), logger, flush };
  return Object.assign(world, {
    rotateKek: createEventHandler(rotateKekEvent, () => ({
      ...base,
      rotateKek,
      isKekSecret: (id) => id === 'keyward/kek',
    })),
    rotatorOfVault: createEventHandler(rotateKekEvent, () => ({
      ...base,
      rotateKek,
      isKekSecret: () => false,
      rotator: (begin) => act('drive', begin),
    })),
    mover: createEventHandler(rotateKekEvent, () => ({
      ...base,
      rotateKek,
      isKekSecret: () => true,
      rotator: (begin) => act('drive', begin),
      moveKek: () => act('move'),
    })),
    rewrapDeks: createQueueHandler(rewrapMessage, () => ({
      ...base,
      rewrapDeks: async (request) => {
        await act(request);
        return world.outcome;
      },
    })),
    bootstrap: createEventHandler(bootstrapEvent, () => ({
      ...base,
      bootstrap: async (before) => {
        await act(before);
        return [
          { provider: 'openai', status: 'created' },
          { provider: 'google', status: 'ready' },
          { provider: 'global', status: 'lost' },
        ];
      },
    })),
  });
}

const step = (Step: string) => ({ Step, SecretId: 'keyward/kek', ClientRequestToken: TOKEN, RotationToken: TOKEN });
const messages = (...bodies: string[]) => ({
  Records: bodies.map((body, index) => ({ messageId: `m${index}`, body, eventSource: 'aws:sqs' })),
});
const REQUEST = { secret_version_id: TOKEN, kek_id: 'kek-1' };

test.each([
  ['createSecret', 'create_secret'],
  ['setSecret', 'set_secret'],
  ['testSecret', 'test_secret'],
  ['finishSecret', 'finish_secret'],
])('rotate-kek takes %s and %s', async (camel, snake) => {
  const world = setUp();
  await world.rotateKek(step(camel));
  await world.rotateKek({ ...step(snake), RotationToken: undefined, AddedLater: 1 });
  expect(world.calls).toEqual([
    [camel, TOKEN],
    [camel, TOKEN],
  ]);
  expect(world.flushes).toBe(2);
});

test.each([
  ['nothing', undefined],
  ['another step', step('deleteSecret')],
  ['a step that every object has', step('__proto__')],
  ['another secret', { ...step('createSecret'), SecretId: 'CANARY' }],
  ['a token with more in it', { ...step('createSecret'), ClientRequestToken: `${TOKEN}\nCANARY` }],
  ['a token that is too short', { ...step('createSecret'), ClientRequestToken: 'CANARY' }],
  ['a rotation token that is none', { ...step('createSecret'), RotationToken: 'CANARY' }],
])('rotate-kek refuses %s', async (_, event) => {
  const world = setUp();
  await expect(world.rotateKek(event)).rejects.toThrow(
    new Error('rotate-kek refused the event: not an event of this function'),
  );
  expect(world.calls).toEqual([]);
  expect(world.flushes).toBe(1);
  expect(JSON.stringify(world.logger.lines)).not.toContain('CANARY');
});

test.each([
  ['of ours', new KeywardError('conflict', 'a sentence'), { code: 'conflict' }],
  ['with a reason', keysUnavailable('kek_damaged'), { code: 'keys_unavailable', reason: 'kek_damaged' }],
  ['of a library', new TypeError('CANARY'), { code: 'internal' }],
])('a failure %s is logged by its code, and thrown without details', async (_, failure, fields) => {
  const world = setUp();
  world.failure = failure;
  const thrown = await world.rotateKek(step('testSecret')).catch((error: unknown) => error);
  expect(thrown).toEqual(new Error('rotate-kek failed; see its log'));
  expect(thrown).not.toHaveProperty('cause');
  expect(world.logger.lines).toMatchObject([{ level: 'error', fields: { operation: 'rotate-kek', ...fields } }]);
  expect(JSON.stringify(world.logger.lines)).not.toContain('CANARY');
});

test('rewrap-deks sends back what cannot be served, and nothing else', async () => {
  const world = setUp();
  const good = JSON.stringify(REQUEST);
  const twice = good.replace('{', `{"kek_id":"CANARY",`);
  const smuggled = good.replace('{', '{"__proto__":{"a":"CANARY"},');
  const more = JSON.stringify({ ...REQUEST, more: 'CANARY' });
  const event = messages(good, 'CANARY', '{}', more, twice, smuggled, `\ufeff${good}`, good);
  expect(await world.rewrapDeks(event)).toEqual({
    batchItemFailures: [1, 2, 3, 4, 5, 6].map((index) => ({ itemIdentifier: `m${index}` })),
  });
  expect(world.calls).toEqual([[REQUEST], [REQUEST]]);
  expect(JSON.stringify(world.logger.lines)).not.toContain('CANARY');
});

test('rewrap-deks: not yet, and every failure, goes back to the queue', async () => {
  const world = setUp();
  world.outcome = 'not_yet';
  const back = { batchItemFailures: [{ itemIdentifier: 'm0' }] };
  const event = messages(JSON.stringify(REQUEST));
  expect(await world.rewrapDeks(event)).toEqual(back);
  for (const failure of [new TypeError('CANARY'), keysUnavailable('unknown_kek')]) {
    world.failure = failure;
    expect(await world.rewrapDeks(event)).toEqual(back);
  }
  expect(world.logger.lines).toMatchObject([
    { level: 'info', message: 'not every region returns the new KEK yet' },
    { level: 'error', fields: { code: 'internal' } },
    { level: 'error', fields: { code: 'keys_unavailable', reason: 'unknown_kek' } },
  ]);
});

test.each([[null], [{}], [{ Records: [{ messageId: 'm', body: '{}', eventSource: 'aws:s3' }] }]])(
  'rewrap-deks refuses %j',
  async (event) => {
    await expect(setUp().rewrapDeks(event)).rejects.toThrow('refused the event');
  },
);

test('bootstrap answers with one id for ever; a delete does nothing', async () => {
  const world = setUp();
  for (const RequestType of ['Create', 'Update', 'Delete']) {
    expect(await world.bootstrap({ RequestType })).toEqual({ PhysicalResourceId: 'keyward-bootstrap' });
  }
  expect(world.calls).toEqual([[undefined], [{}]]);
  world.failure = new KeywardError('keys_unavailable', 'one sentence');
  await expect(world.bootstrap({ RequestType: 'Create' })).rejects.toThrow(new Error('one sentence'));
  await expect(world.bootstrap({ RequestType: 'CANARY' })).rejects.toThrow('refused the event');
});

test.each([
  ['what the deployment before served', { regions: ['us-east-1'], providers: ['openai'], code: {} }],
  ['nothing of what it does not know', { regions: 'us-east-1', providers: ['CANARY', 'openai'] }],
  ['one half of it', { providers: ['openai'] }],
  ['nothing', undefined],
  ['no object', 'CANARY'],
])('bootstrap is told of an update: %s', async (_, OldResourceProperties) => {
  const world = setUp();
  await world.bootstrap({ RequestType: 'Update', ResourceProperties: {}, OldResourceProperties });
  const old = Object(OldResourceProperties) as { regions?: unknown; providers?: unknown };
  const isKnown = (value: unknown): boolean => Array.isArray(value) && !value.includes('CANARY');
  expect(world.calls).toEqual([
    [
      {
        ...(isKnown(old.regions) && { regions: old.regions }),
        ...(isKnown(old.providers) && { providers: old.providers }),
      },
    ],
  ]);
});

test('bootstrap logs of keysets only those that are usable', async () => {
  const world = setUp();
  await world.bootstrap({ RequestType: 'Update' });
  expect(world.logger.lines.map(({ message }) => message)).toEqual(['keyset created', 'keyset ready']);
});

test('without a configuration every event fails, and the log names what is missing', async () => {
  const lines: string[] = [];
  const spy = jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  const spyOut = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
  try {
    await expect(rotateKekFromEnvironment(step('createSecret'))).rejects.toThrow('rotate-kek failed');
  } finally {
    spy.mockRestore();
    spyOut.mockRestore();
  }
  expect(lines.join('')).toMatch(/is not set/);
});

test("rotate-kek serves Keyward's own requests where no Secrets Manager drives the rotation, and there alone", async () => {
  const world = setUp();
  for (const begin of [true, false]) await world.rotatorOfVault({ keyward: 'rotate-kek', begin });
  expect(world.calls).toEqual([
    ['drive', true],
    ['drive', false],
  ]);
  await expect(world.rotateKek({ keyward: 'rotate-kek', begin: true })).rejects.toThrow('refused the event');
  for (const event of [
    { keyward: 'rotate-kek' },
    { keyward: 'rotate-kek', begin: 'true' },
    { keyward: 'rotate-kek', begin: true, more: 1 },
    { Step: 'createSecret', SecretId: 'keyward/kek', ClientRequestToken: TOKEN },
  ]) {
    await expect(world.rotatorOfVault(event)).rejects.toThrow('refused the event');
  }
  expect(world.calls).toHaveLength(2);
});

test('rotate-kek goes on with a move of the KEK where two homes are configured, and there alone', async () => {
  const world = setUp();
  await world.mover({ keyward: 'rotate-kek', move: true });
  await world.mover({ keyward: 'rotate-kek', begin: false });
  await world.mover(step('testSecret'));
  expect(world.calls).toEqual([['move'], ['drive', false], ['testSecret', TOKEN]]);
  await expect(world.rotatorOfVault({ keyward: 'rotate-kek', move: true })).rejects.toThrow('refused the event');
  await expect(world.rotateKek({ keyward: 'rotate-kek', move: true })).rejects.toThrow('refused the event');
  for (const event of [
    { keyward: 'rotate-kek', move: false },
    { keyward: 'rotate-kek', move: true, begin: true },
    { keyward: 'rotate-kek', move: true, more: 1 },
  ]) {
    await expect(world.mover(event)).rejects.toThrow('refused the event');
  }
  expect(world.calls).toHaveLength(3);
});
