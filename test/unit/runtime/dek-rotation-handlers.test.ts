import type { KekHome } from '../../../lambdas/core/contract/kek-homes';
import { KeywardError, keysUnavailable } from '../../../lambdas/core/errors/errors';
import type { ProofChallenge } from '../../../lambdas/core/dek-rotation/dek-proof';
import type { DekRotationMessage } from '../../../lambdas/core/dek-rotation/ports/dek-rotation-queue';
import type { SweepFailure } from '../../../lambdas/core/dek-rotation/sweep';
import { storedIn, type KnownProviders } from '../../../lambdas/core/keysets/known-provider';
import { proveKeysetEvent } from '../../../lambdas/core/dek-rotation/prove-keyset-event';
import {
  createServeDekRotationMessage,
  dekRotationMessages,
} from '../../../lambdas/core/dek-rotation/dek-rotation-messages';
import { sweepEvent } from '../../../lambdas/core/dek-rotation/sweep-event';
import { createEventHandler } from '../../../lambdas/core/runtime/event-handler';
import { createQueueHandler } from '../../../lambdas/core/runtime/queue-handler';
import { MemoryKeysets, TestClock } from '../../doubles/memory-ports';
import { MemoryQueue } from '../../doubles/memory-dek-rotation-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

const CANARY = 'CANARY';
const ROTATION_ID = '019a2f6b1c40'.padEnd(32, '0');

/** A runtime's permanent parts, and the number of flushes. */
function standing() {
  const logger = new RecordingLogger();
  let flushes = 0;
  const flush = (): void => {
    flushes += 1;
  };
  return { runtime: { clock: new TestClock(), logger, flush }, logger, flushes: () => flushes };
}

const logOf = ({ lines }: RecordingLogger): string => JSON.stringify(lines);

const VERSION_ID = 'a'.repeat(32);
const kekVersion = { region: 'eu-west-1', current: () => Promise.resolve({ versionId: VERSION_ID, value: CANARY }) };

const kekHome = (): Promise<KekHome> => Promise.resolve('vault');

describe('prove-keyset, asked which KEK its region reads, and where', () => {
  const asking = (current: () => Promise<{ versionId: string }>, home = kekHome) => {
    const base = standing();
    const proveKeyset = (): Promise<string> => Promise.reject(new Error('a challenge'));
    const runtime = {
      ...base.runtime,
      proveKeyset,
      kekVersion: { ...kekVersion, current },
      kekHome: home,
      providers: ['openai'],
    };
    return { base, handler: createEventHandler(proveKeysetEvent, () => runtime) };
  };

  test('answers with the id of the version, and not with its value', async () => {
    const { handler } = asking(kekVersion.current);
    expect(await handler({ keyward: 'kek-version' })).toStrictEqual({ version_id: VERSION_ID });
  });

  test('answers with a code if it reads none', async () => {
    const { base, handler } = asking(() => Promise.reject(new KeywardError('store_unavailable', 'a sentence')));
    expect(await handler({ keyward: 'kek-version' })).toStrictEqual({ code: 'store_unavailable' });
    expect(base.logger.lines).toMatchObject([{ level: 'warn', fields: { code: 'store_unavailable' } }]);
  });

  test('answers with the home alone, and with a code if it cannot read the KEK', async () => {
    const { handler } = asking(kekVersion.current);
    expect(await handler({ keyward: 'kek-home' })).toStrictEqual({ home: 'vault' });
    const other = asking(kekVersion.current, () => Promise.reject(keysUnavailable('kek_missing')));
    expect(await other.handler({ keyward: 'kek-home' })).toStrictEqual({ code: 'keys_unavailable' });
    expect(other.base.logger.lines).toMatchObject([{ level: 'warn', fields: { operation: 'kek-home' } }]);
  });

  test.each([{ keyward: 'kek-version', more: CANARY }, { keyward: 'kek-home', more: CANARY }, { keyward: CANARY }])(
    'refuses %j',
    async (event) => {
      const { base, handler } = asking(kekVersion.current);
      await expect(handler(event)).rejects.toThrow('refused');
      expect(logOf(base.logger)).not.toContain(CANARY);
    },
  );
});

describe('prove-keyset', () => {
  const CHALLENGE: ProofChallenge = {
    provider: 'openai',
    version: 2,
    revision: 7,
    kek_id: 'kek-1',
    nonce: '0f'.repeat(32),
  };

  function setUp(
    answer: () => Promise<string> = () => Promise.resolve('a proof'),
    isStored?: (provider: string) => Promise<boolean>,
  ) {
    const base = standing();
    const challenges: ProofChallenge[] = [];
    const proveKeyset = (challenge: ProofChallenge): Promise<string> => {
      challenges.push(challenge);
      return answer();
    };
    const runtime = {
      ...base.runtime,
      proveKeyset,
      kekVersion,
      kekHome,
      providers: ['openai'],
      ...(isStored && { isStored }),
    };
    return { base, challenges, handler: createEventHandler(proveKeysetEvent, () => runtime) };
  }

  test('answers with the proof, and logs no part of it', async () => {
    const { base, challenges, handler } = setUp();
    expect(await handler(CHALLENGE)).toStrictEqual({ proof: 'a proof' });
    expect(challenges).toStrictEqual([CHALLENGE]);
    expect(base.flushes()).toBe(1);
    expect(logOf(base.logger)).not.toMatch(/a proof|0f0f/);
  });

  test.each([
    ['of ours', keysUnavailable('metadata_too_old'), 'keys_unavailable'],
    ['of a store', new KeywardError('store_unavailable', 'a sentence'), 'store_unavailable'],
    ['of a library', new TypeError(CANARY), 'internal'],
  ])('answers a failure %s with its code alone', async (_, failure, code) => {
    const { base, handler } = setUp(() => Promise.reject(failure));
    expect(await handler(CHALLENGE)).toStrictEqual({ code });
    expect(base.logger.lines).toMatchObject([{ level: 'warn', fields: { provider: 'openai', code } }]);
    expect(logOf(base.logger)).not.toContain(CANARY);
  });

  test.each([
    ['nothing', undefined],
    ['no object', CANARY],
    ['a provider that is not configured', { ...CHALLENGE, provider: CANARY }],
    ['a provider that every object has', { ...CHALLENGE, provider: 'constructor' }],
    ['a provider that is neither configured nor stored', { ...CHALLENGE, provider: 'mistral' }],
    ['a version that is none', { ...CHALLENGE, version: 0 }],
    ['a version with a fraction', { ...CHALLENGE, version: 1.5 }],
    ['a version as text', { ...CHALLENGE, version: '2' }],
    ['a revision that is none', { ...CHALLENGE, revision: 0 }],
    ['a KEK that is none', { ...CHALLENGE, kek_id: `${CANARY}\n` }],
    ['a short nonce', { ...CHALLENGE, nonce: '0f'.repeat(31) }],
    ['a nonce that is none', { ...CHALLENGE, nonce: 'g'.repeat(64) }],
    ['more than a challenge', { ...CHALLENGE, more: CANARY }],
  ])('refuses %s', async (_, event) => {
    const { base, challenges, handler } = setUp(undefined, () => Promise.resolve(false));
    await expect(handler(event)).rejects.toThrow('prove-keyset refused the event: not an event of this function');
    expect(challenges).toStrictEqual([]);
    expect(logOf(base.logger)).not.toContain(CANARY);
  });
});

describe('a provider that was taken off the configuration and still has its keyset', () => {
  const challenge = { provider: 'mistral', version: 2, revision: 7, kek_id: 'kek-1', nonce: '0f'.repeat(32) };
  const asked: string[] = [];
  const runtime = (isStored: KnownProviders['isStored']) => ({
    ...standing().runtime,
    providers: ['openai'],
    ...(isStored && { isStored }),
  });

  test('its key versions are proved', async () => {
    const isStored = (provider: string): Promise<boolean> => {
      asked.push(provider);
      return Promise.resolve(true);
    };
    const proveKeyset = (): Promise<string> => Promise.resolve('a proof');
    const handler = createEventHandler(proveKeysetEvent, () => ({
      ...runtime(isStored),
      proveKeyset,
      kekVersion,
      kekHome,
    }));
    expect(await handler(challenge)).toStrictEqual({ proof: 'a proof' });
    expect(asked).toStrictEqual(['mistral']);
    await expect(handler({ ...challenge, provider: CANARY })).rejects.toThrow('refused');
    expect(asked).toStrictEqual(['mistral']);
  });

  test('is stored where its region has a keyset', async () => {
    const keysets = new MemoryKeysets('eu-west-1');
    keysets.records.set('mistral', {});
    expect(await storedIn(keysets)('mistral')).toBe(true);
    expect(await storedIn(keysets)('cohere')).toBe(false);
  });

  test.each<[string, KnownProviders['isStored'], boolean]>([
    ['served where it is stored', () => Promise.resolve(true), true],
    ['refused where it is not', () => Promise.resolve(false), false],
    ['refused where only the configured ones are known', undefined, false],
    ['left for later where nobody can say', () => Promise.reject(new KeywardError('store_unavailable', 'no')), false],
  ])('a message of its rotation is %s', async (_, isStored, isServed) => {
    const serve = jest.fn(() => Promise.resolve());
    const handler = createQueueHandler(dekRotationMessages, () => ({
      ...runtime(isStored),
      serve,
      shardCount: 16,
    }));
    const body = JSON.stringify({ kind: 'advance', provider: 'mistral' });
    const answer = await handler({ Records: [{ messageId: 'm', body, eventSource: 'aws:sqs' }] });
    expect(answer.batchItemFailures).toHaveLength(isServed ? 0 : 1);
    expect(serve).toHaveBeenCalledTimes(isServed ? 1 : 0);
  });
});

describe('rotation-worker', () => {
  const REKEY: DekRotationMessage = { kind: 'rekey', provider: 'openai', rotation_id: ROTATION_ID, shard: 15 };
  const ADVANCE: DekRotationMessage = { kind: 'advance', provider: 'openai' };

  function setUp() {
    const base = standing();
    const clock = new TestClock();
    const queue = new MemoryQueue();
    const world = {
      base,
      clock,
      queue,
      calls: [] as unknown[],
      wait: undefined as number | undefined,
      failure: undefined as unknown,
    };
    const act = async (...call: unknown[]): Promise<number | undefined> => {
      world.calls.push(call);
      if (world.failure !== undefined) throw world.failure as Error;
      return world.wait;
    };
    const work = {
      advance: (provider: string) => act('advance', provider),
      rekeyShard: (message: DekRotationMessage, deadline: number) => act('rekey', message, deadline - clock.time),
      expirePrevious: async (place: object, deadline: number) => {
        await act('expire', place, deadline - clock.time);
        return undefined;
      },
    };
    const handler = createQueueHandler(dekRotationMessages, () => ({
      ...base.runtime,
      serve: createServeDekRotationMessage({ work, queue }),
      providers: ['openai'],
      shardCount: 16,
      clock,
    }));
    const send = (bodies: readonly unknown[], remainingMs?: number) =>
      handler(
        {
          Records: bodies.map((body, index) => ({
            messageId: `m${index}`,
            body: typeof body === 'string' ? body : JSON.stringify(body),
            eventSource: 'aws:sqs',
          })),
        },
        remainingMs === undefined ? undefined : { getRemainingTimeInMillis: () => remainingMs },
      );
    return Object.assign(world, { handler, send });
  }

  test('does what a message asks for, until a minute before Lambda stops it', async () => {
    const world = setUp();
    const stragglers = { ...REKEY, rotation_id: null, shard: 0 };
    expect(await world.send([ADVANCE, REKEY, stragglers], 300_000)).toStrictEqual({ batchItemFailures: [] });
    expect(world.calls).toStrictEqual([
      ['advance', 'openai'],
      ['rekey', REKEY, 240_000],
      ['rekey', stragglers, 240_000],
    ]);
    expect(world.queue.sent).toStrictEqual([]);
    expect(world.base.flushes()).toBe(1);
    expect(world.base.logger.lines).toMatchObject([
      { fields: { operation: 'advance', provider: 'openai' } },
      { fields: { operation: 'rekey', provider: 'openai', request_id: ROTATION_ID } },
      { fields: { operation: 'rekey', provider: 'openai' } },
    ]);
  });

  test('without a time limit it stops after one page', async () => {
    const world = setUp();
    await world.send([REKEY]);
    expect(world.calls).toStrictEqual([['rekey', REKEY, -60_000]]);
  });

  test.each([0, 62])('sends a message again with a delay of %d seconds', async (wait) => {
    const world = setUp();
    world.wait = wait;
    expect(await world.send([ADVANCE, REKEY], 300_000)).toStrictEqual({ batchItemFailures: [] });
    expect(world.queue.sent).toStrictEqual([
      { message: ADVANCE, delaySeconds: wait },
      { message: REKEY, delaySeconds: wait },
    ]);
  });

  test('a message that cannot be sent again comes again by itself', async () => {
    const world = setUp();
    world.wait = 10;
    world.queue.down = true;
    expect(await world.send([ADVANCE])).toStrictEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
  });

  test.each([
    ['of ours', keysUnavailable('unknown_kek'), { code: 'keys_unavailable', reason: 'unknown_kek' }],
    ['of a library', new TypeError(CANARY), { code: 'internal' }],
  ])('a failure %s goes back to the queue, and touches no other message', async (_, failure, fields) => {
    const world = setUp();
    world.failure = failure;
    expect(await world.send([ADVANCE, REKEY])).toStrictEqual({
      batchItemFailures: [{ itemIdentifier: 'm0' }, { itemIdentifier: 'm1' }],
    });
    expect(world.calls).toHaveLength(2);
    expect(world.base.logger.lines).toMatchObject([
      { level: 'error', fields: { operation: 'advance', ...fields } },
      { level: 'error', fields: { operation: 'rekey', request_id: ROTATION_ID, ...fields } },
    ]);
    expect(logOf(world.base.logger)).not.toContain(CANARY);
  });

  test.each([
    ['no JSON', CANARY],
    ['no object', 'null'],
    ['a member twice', JSON.stringify(REKEY).replace('{', '{"shard":1,')],
    ['a member twice, spelled another way', JSON.stringify(REKEY).replace('{', '{"sh\\u0061rd":1,')],
    ['a prototype', JSON.stringify(ADVANCE).replace('{', '{"__proto__":{},')],
    ['a number that no double holds', JSON.stringify({ ...REKEY, shard: 0 }).replace('0}', '1e-400}')],
    ['another kind', { ...ADVANCE, kind: CANARY }],
    ['a provider that is not configured', { ...ADVANCE, provider: CANARY }],
    ['more than an advance', { ...ADVANCE, more: CANARY }],
    ['more than a rekey', { ...REKEY, more: CANARY }],
    ['no rotation', { ...REKEY, rotation_id: undefined }],
    ['a rotation that is none', { ...REKEY, rotation_id: ROTATION_ID.slice(1) }],
    ['a shard that is none', { ...REKEY, shard: 16 }],
    ['a shard below the first', { ...REKEY, shard: -1 }],
    ['half a shard', { ...REKEY, shard: 0.5 }],
  ])('refuses a message with %s, and serves the next one', async (_, body) => {
    const world = setUp();
    expect(await world.send([body, ADVANCE])).toStrictEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(world.calls).toStrictEqual([['advance', 'openai']]);
    expect(logOf(world.base.logger)).not.toContain(CANARY);
  });

  test.each([[null], [{}], [{ Records: [{ messageId: 'm', body: '{}', eventSource: 'aws:s3' }] }]])(
    'refuses %j',
    async (event) => {
      await expect(setUp().handler(event)).rejects.toThrow('refused the event');
    },
  );
});

describe('sweep', () => {
  function setUp(failures: readonly SweepFailure[] = []) {
    const base = standing();
    let sweeps = 0;
    const sweep = (): Promise<readonly SweepFailure[]> => {
      sweeps += 1;
      return Promise.resolve(failures);
    };
    const handler = createEventHandler(sweepEvent, () => ({ ...base.runtime, sweep }));
    return { base, handler, sweeps: () => sweeps };
  }
  const EVENT = { keyward: 'sweep' };

  test('runs once for the input of its schedule', async () => {
    const { base, handler, sweeps } = setUp();
    expect(await handler(EVENT)).toStrictEqual({ failures: [] });
    expect([sweeps(), base.flushes()]).toStrictEqual([1, 1]);
  });

  test('ends with an error that names the parts that failed', async () => {
    const { base, handler } = setUp([
      { part: 'rotation', provider: 'openai', code: 'store_unavailable' },
      { part: 'intents', code: 'audit_unavailable' },
    ]);
    const sentence = 'not done: rotation of openai (store_unavailable), intents (audit_unavailable)';
    await expect(handler(EVENT)).rejects.toThrow(new Error(sentence));
    expect(base.logger.lines).toMatchObject([{ level: 'error', message: sentence, fields: { operation: 'sweep' } }]);
    expect(base.flushes()).toBe(1);
  });

  test.each([[undefined], [null], [{}], [{ keyward: CANARY }], [{ ...EVENT, more: CANARY }], [[EVENT]]])(
    'refuses %j',
    async (event) => {
      const { base, handler, sweeps } = setUp();
      await expect(handler(event)).rejects.toThrow('sweep refused the event: not an event of this function');
      expect(sweeps()).toBe(0);
      expect(logOf(base.logger)).not.toContain(CANARY);
    },
  );
});
