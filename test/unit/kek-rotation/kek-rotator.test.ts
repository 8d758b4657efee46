import { KeywardError } from '../../../lambdas/core/errors/errors';
import { createKekRotator } from '../../../lambdas/core/kek-rotation/kek-rotator';
import type { KeysetScanner } from '../../../lambdas/core/keysets/ports/keyset-scanner';
import { MemoryKeysets, CountingMetrics, testRandomness } from '../../doubles/memory-ports';
import { RecordingLogger } from '../../doubles/recording-logger';

const VERSION = 'a'.repeat(32);

function setUp(
  given: {
    readonly isCurrent?: boolean;
    readonly keysets?: readonly KeysetScanner[];
    readonly createFirst?: boolean;
    readonly another?: boolean;
  } = {},
) {
  const done: string[] = [];
  let isCurrent = given.isCurrent ?? false;
  let failure: Error | undefined;
  const note = (what: string) => {
    done.push(what);
    return Promise.resolve();
  };
  const rotator = createKekRotator({
    secret: { versions: () => Promise.resolve(isCurrent ? [{ versionId: VERSION, stages: ['AWSCURRENT'] }] : []) },
    createFirst: async (versionId, value) => {
      await note(`first ${value} ${/^[0-9a-f]{32}$/.test(versionId) ? 'with an id' : ''}`);
      isCurrent ||= given.another === true;
      return given.createFirst ?? true;
    },
    check: () => (failure === undefined ? note('check') : Promise.reject(failure)),
    driver: { start: () => note('start'), resume: () => note('resume') },
    keysets: given.keysets ?? [new MemoryKeysets('us-east-1')],
    randomness: testRandomness,
    metrics: new CountingMetrics(),
    logger: new RecordingLogger(),
  });
  return {
    rotator,
    done,
    become: (state: { isCurrent?: boolean; failure?: Error | undefined }) => {
      isCurrent = state.isCurrent ?? isCurrent;
      failure = state.failure;
    },
  };
}

test('a secret that was never written gets the placeholder before its first rotation', async () => {
  const { rotator, done } = setUp();
  await rotator(true);
  expect(done).toEqual(['check', 'first {"schema":1} with an id', 'start']);
});

test('one that is there is only rotated, and a request to resume writes nothing at all', async () => {
  const { rotator, done } = setUp({ isCurrent: true });
  await rotator(true);
  expect(done).toEqual(['check', 'start']);
  const empty = setUp();
  await empty.rotator(false);
  expect(empty.done).toEqual(['check', 'resume']);
});

test('the store is checked until it is as it has to be, and not again', async () => {
  const { rotator, done, become } = setUp({ isCurrent: true });
  const failure = new KeywardError('configuration_invalid', 'a sentence');
  become({ failure });
  await expect(rotator(true)).rejects.toBe(failure);
  expect(done).toEqual([]);
  become({ failure: undefined });
  await rotator(true);
  await rotator(false);
  expect(done).toEqual(['check', 'start', 'resume']);
});

test('no placeholder is written where a keyset is, or where a region does not say that it has none', async () => {
  const stored = new MemoryKeysets('eu-west-1');
  stored.records.set('openai', {});
  const { rotator, done } = setUp({ keysets: [new MemoryKeysets('us-east-1'), stored] });
  await expect(rotator(true)).rejects.toMatchObject({ code: 'keys_unavailable', reason: 'kek_missing' });
  const failure = new KeywardError('store_unavailable', 'a sentence');
  const silent: KeysetScanner = { region: 'eu-west-1', all: () => Promise.reject(failure) };
  const other = setUp({ keysets: [silent] });
  await expect(other.rotator(true)).rejects.toBe(failure);
  expect([...done, ...other.done]).toEqual(['check', 'check']);
});

test('a process that was slower goes on; what was written before and is no KEK is left alone', async () => {
  const slower = setUp({ createFirst: false });
  await expect(slower.rotator(true)).rejects.toThrow('nothing was changed');
  expect(slower.done).not.toContain('start');
  const another = setUp({ createFirst: false, another: true });
  await another.rotator(true);
  expect(another.done).toContain('start');
});
