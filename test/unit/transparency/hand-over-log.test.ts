import { parseEntry } from '../../../lambdas/core/transparency/log-entry';
import { handOverPath } from '../../../lambdas/core/transparency/follow-hand-overs';
import { formatLogProof } from '../../../lambdas/core/transparency/log-proof';
import { EMPTY_ROOT } from '../../../lambdas/core/transparency/merkle-hash';
import { proveInclusion } from '../../../lambdas/core/transparency/prove-from-tiles';
import { readBundle } from '../../../lambdas/core/transparency/read-bundle';
import { KEYS_PATH, parseLogKeys } from '../../../lambdas/core/transparency/log-keys';
import { parseCheckpoint } from '../../../lambdas/core/transparency/checkpoint';
import { openCheckpoint } from '../../../lambdas/core/transparency/open-checkpoint';
import { publish } from '../../../lambdas/core/transparency/publish';
import { formatNote, parseNote } from '../../../lambdas/core/transparency/signed-note';
import { openState, signState } from '../../../lambdas/core/transparency/signed-state';
import type { LogSigner } from '../../../lambdas/core/transparency/ports/log-signer';
import type { LogSigners, SigningPair } from '../../../lambdas/core/transparency/signing-pair';
import { EFFORT } from '../../effort';
import { testSigner, type TestSigner } from '../../doubles/transparency/test-signer';
import { auditWorld, kindsOf, policyOf, type AuditWorld } from './audit-world';
import { HOUR_MS, ORIGIN, publisherWorld, type Gate } from './publisher-world';

const WORDS = [ORIGIN, 'second', 'third'];
const KEYS = WORDS.map((word) => ({
  log: testSigner(ORIGIN, 'ed25519', word),
  cosigner: testSigner(
    `${ORIGIN}/cosigner`,
    'cosignature',
    word === ORIGIN ? `${ORIGIN}/cosigner` : `${word} cosigner`,
  ),
}));
const [FIRST, SECOND, THIRD] = KEYS as [(typeof KEYS)[0], (typeof KEYS)[0], (typeof KEYS)[0]];

type Pair = (typeof KEYS)[0];

class Crash extends Error {}

/** A log that is published by pairs of keys, oldest first. */
function succeedingWorld() {
  const log = publisherWorld();
  const world = auditWorld(log, '');
  world.others.clear();
  const by: { pair: Pair; text: string }[] = [];
  const signersOf = (pairs: readonly Pair[], gate: Gate): LogSigners => {
    const opened = pairs.map((pair): SigningPair => {
      const signer = (made: TestSigner): LogSigner => ({
        key: made.key,
        sign: async (message) => {
          await gate('sign', 'before');
          by.push({ pair, text: message.toString('utf8') });
          return made.signMessage(message);
        },
      });
      return { log: signer(pair.log), cosigner: signer(pair.cosigner) };
    });
    const [newest, ...earlier] = opened.toReversed();
    return { ...newest!, earlier: earlier.toReversed() };
  };
  const run = (pairs: readonly Pair[], gate: Gate = () => undefined, store = log.publisher(gate).store) =>
    publish({ ...log.publisher(gate), store, signers: signersOf(pairs, gate) });
  const policy = ({ log: key, cosigner }: Pair) => policyOf(key, cosigner);
  const signedBy = (pair: Pair) => openCheckpoint(log.values.checkpoint!.bytes, policy(pair)).fault === undefined;
  const stateBy = (pair: Pair) => openState(log.values.state!.bytes, pair.log).fault === undefined;
  const keysBeside = () => parseLogKeys(log.store.get(KEYS_PATH)!).value!;
  return { ...world, log, by, run, policy, signedBy, stateBy, keysBeside };
}

type Succeeding = ReturnType<typeof succeedingWorld>;

async function holds(world: Succeeding, pairs: readonly Pair[], table = world.table): Promise<void> {
  for (const pair of pairs) {
    const verified = await world.verify({ policy: world.policy(pair), events: each(table) });
    expect(verified.findings).toEqual([]);
    expect(verified.summary.entries).toBe(table.size);
  }
}

async function* each(table: AuditWorld['table']) {
  yield* table.values();
}

async function entriesOf(world: Succeeding, size: number) {
  const bundle = await readBundle(world.files, { index: 0, width: size });
  return bundle.value!.map((entry) => Object.keys(parseEntry(entry).value!)[0]);
}

/** A log under the first keys, with more in the archive. */
async function begun(): Promise<Succeeding> {
  const world = succeedingWorld();
  world.happen(0, 5);
  await world.run([FIRST]);
  world.log.now += HOUR_MS;
  world.happen(5, 8);
  return world;
}

test('old keys hand over in an entry that their checkpoint covers, and the new ones sign from there on', async () => {
  const world = await begun();
  expect((await world.run([FIRST, SECOND])).value).toMatchObject({ size: 10, counts: { added: 3 } });
  expect(await entriesOf(world, 10)).toEqual([
    ...Array(5).fill('event'),
    'handOver',
    'handOver',
    ...Array(3).fill('event'),
  ]);
  const sizes = (pair: Pair) =>
    world.by
      .filter((each) => each.pair === pair && each.text.startsWith(`${ORIGIN}\n`))
      .map(({ text }) => Number(text.split('\n')[1]));
  expect([sizes(FIRST), sizes(SECOND)]).toEqual([
    [5, 7],
    [7, 10],
  ]);
  expect([world.signedBy(FIRST), world.signedBy(SECOND)]).toEqual([false, true]);
  expect([world.stateBy(FIRST), world.stateBy(SECOND)]).toEqual([false, true]);
  expect(world.keysBeside()).toMatchObject({
    log: { id: SECOND.log.key.id },
    cosigner: { id: SECOND.cosigner.key.id },
  });
  expect([...world.log.store.keys()].filter((path) => path.startsWith('hand-over/'))).toEqual([
    'hand-over/000000000005',
    'hand-over/000000000006',
  ]);
  await holds(world, [FIRST, SECOND]);
  // Another run hands over nothing, with or without the old keys at hand.
  world.log.now += HOUR_MS;
  expect((await world.run([FIRST, SECOND])).value?.size).toBe(10);
  world.happen(8, 9);
  expect((await world.run([SECOND])).value?.size).toBe(11);
  await holds(world, [FIRST, SECOND]);
});

test('again and again, and two at once', async () => {
  const world = await begun();
  await world.run([FIRST, SECOND]);
  world.log.now += HOUR_MS;
  await world.run([FIRST, SECOND, THIRD]);
  await holds(world, [FIRST, SECOND, THIRD]);
  const other = await begun();
  expect((await other.run([FIRST, SECOND, THIRD])).value?.size).toBe(10);
  await holds(other, [FIRST, THIRD]);
});

test('a hand-over that was decided is finished before one to newer keys', async () => {
  const world = await begun();
  const stop: Gate = (call, side) => {
    if (call === 'write checkpoint' && side === 'after') throw new Crash();
  };
  await expect(world.run([FIRST, SECOND], stop)).rejects.toThrow(Crash);
  expect(world.signedBy(FIRST)).toBe(true);
  expect((await world.run([FIRST, SECOND, THIRD])).value?.size).toBe(12);
  await holds(world, [FIRST, SECOND, THIRD]);
});

test('an empty log is begun by its oldest keys, which then hand over', async () => {
  const world = succeedingWorld();
  expect((await world.run([FIRST, SECOND])).value?.size).toBe(2);
  world.happen(0, 4);
  expect((await world.run([FIRST, SECOND])).value?.size).toBe(6);
  await holds(world, [FIRST, SECOND]);
});

test('a hand-over at the end of a bundle', async () => {
  const world = succeedingWorld();
  world.happen(0, 255);
  await world.run([FIRST]);
  expect((await world.run([FIRST, SECOND])).value?.size).toBe(257);
  world.happen(255, 260);
  world.log.now += HOUR_MS;
  await world.run([FIRST, SECOND]);
  await holds(world, [FIRST, SECOND]);
});

test('cosignatures of others stay on the checkpoint, and get into the proofs', async () => {
  const world = await begun();
  const witness = testSigner('witness.example/w', 'cosignature');
  let isCosigned = false;
  const cosigning: Gate = (call, side) => {
    const { checkpoint } = world.log.values;
    if (isCosigned || call !== 'write checkpoint' || side !== 'after' || checkpoint === undefined) return;
    isCosigned = true;
    const note = parseNote(checkpoint.bytes).value!;
    const cosigned = formatNote({ ...note, signatures: [...note.signatures, witness.sign(note.text, 1_800_000_000)] });
    world.log.values.checkpoint = { bytes: cosigned, tag: 'cosigned' };
  };
  await world.run([FIRST, SECOND], cosigning);
  const strict = policyOf(FIRST.log, FIRST.cosigner, [witness]);
  expect((await world.verify({ policy: strict })).findings).toMatchObject([
    { kind: 'missing', fault: 'quorum_missing' },
  ]);
  const [handedOver] = world.log.checkpoints
    .filter((bytes) => parseCheckpoint(parseNote(bytes).value!.text).value!.size === 7)
    .slice(-1);
  expect(handedOver?.toString('utf8')).toContain('witness.example/w');
});

describe('after a crash', () => {
  const STEP = EFFORT < 1 ? 9 : 1;
  const crashingAt = (at: number): Gate => {
    let passed = 0;
    return () => {
      if (passed++ === at) throw new Crash();
    };
  };
  const counted = async (): Promise<number> => {
    const world = await begun();
    let calls = 0;
    await world.run([FIRST, SECOND], () => void (calls += 1));
    return calls;
  };

  test('before or after any call the log holds as it is, under the old keys and when it is finished', async () => {
    const calls = await counted();
    expect(calls).toBeGreaterThan(80);
    for (let at = 0; at < calls; at += STEP) {
      const world = await begun();
      await expect(world.run([FIRST, SECOND], crashingAt(at))).rejects.toThrow(Crash);
      const verified = await world.verify();
      expect(kindsOf(verified).filter((kind) => kind !== 'not_yet_published')).toEqual([]);
      expect((await world.run([FIRST, SECOND])).fault).toBeUndefined();
      await holds(world, [FIRST, SECOND]);
      expect(await entriesOf(world, 10)).toHaveLength(10);
    }
  });

  test('another publisher at any moment leaves one hand-over', async () => {
    const calls = await counted();
    for (let at = 0; at < calls; at += STEP) {
      const world = await begun();
      let passed = 0;
      const overtaken: Gate = async () => {
        if (passed++ === at) expect((await world.run([FIRST, SECOND])).fault).toBeUndefined();
      };
      expect((await world.run([FIRST, SECOND], overtaken)).fault).toBeUndefined();
      expect((await world.run([FIRST, SECOND])).value?.size).toBe(10);
      await holds(world, [FIRST, SECOND]);
    }
  });

  test('a publisher that does not have the new keys yet signs nothing beyond them', async () => {
    const calls = await counted();
    for (let at = 0; at < calls; at += 2 * STEP) {
      const world = await begun();
      let passed = 0;
      const overtaken: Gate = async () => {
        if (passed++ !== at) return;
        await world.run([FIRST]);
      };
      await world.run([FIRST, SECOND], overtaken);
      expect((await world.run([FIRST, SECOND])).fault).toBeUndefined();
      await holds(world, [FIRST, SECOND]);
    }
  });
});

describe('nothing is signed for', () => {
  const seconds = (world: Succeeding): number => Math.floor(world.log.now / 1000);

  /** A checkpoint and a state of the same tree, by other keys. */
  async function resign(world: Succeeding, pair: Pair): Promise<void> {
    const { checkpoint, state } = world.log.values;
    const { text } = parseNote(checkpoint!.bytes).value!;
    const signatures = [pair.log.sign(text), pair.cosigner.sign(text, seconds(world))];
    const decided = [FIRST, SECOND]
      .map(({ log }) => openState(state!.bytes, log).value)
      .find((each) => each !== undefined)!;
    const sign = async (message: Buffer) => pair.log.signMessage(message);
    world.log.values.state = { bytes: await signState(decided, { key: pair.log.key, sign }), tag: 'forged state' };
    world.log.values.checkpoint = { bytes: formatNote({ text, signatures }), tag: 'forged' };
  }

  test('the new keys alone, before the hand-over', async () => {
    const world = await begun();
    const { checkpoint, state } = world.log.values;
    await resign(world, SECOND);
    world.by.length = 0;
    expect((await world.run([FIRST, SECOND])).fault).toBe('signature_missing');
    world.log.values.checkpoint = checkpoint;
    expect((await world.run([FIRST, SECOND])).fault).toBe('signature_missing');
    expect(world.by).toEqual([]);
    world.log.values.state = state;
    expect((await world.run([FIRST, SECOND])).fault).toBeUndefined();
  });

  test('the old keys alone, after the hand-over', async () => {
    const world = await begun();
    await world.run([FIRST, SECOND]);
    await resign(world, FIRST);
    world.by.length = 0;
    expect((await world.run([FIRST, SECOND])).fault).toBe('signature_missing');
    expect(kindsOf(await world.verify())).toEqual(['forked']);
    expect(world.by).toEqual([]);
  });

  test('a state by the old keys alone, of a log that has grown since', async () => {
    const world = await begun();
    await world.run([FIRST, SECOND]);
    const state = openState(world.log.values.state!.bytes, SECOND.log).value!;
    const sign = async (message: Buffer) => FIRST.log.signMessage(message);
    world.log.values.state = { bytes: await signState(state, { key: FIRST.log.key, sign }), tag: 'forged' };
    expect((await world.verify()).findings).toMatchObject([{ kind: 'edited', path: 'state' }]);
    expect(await world.run([FIRST, SECOND])).toEqual({ fault: 'signature_missing' });
  });

  test('a log whose new keys were taken away', async () => {
    const world = await begun();
    const stop: Gate = (call, side) => {
      if (call === 'write checkpoint' && side === 'after') throw new Crash();
    };
    await expect(world.run([FIRST, SECOND], stop)).rejects.toThrow(Crash);
    expect(await world.run([FIRST])).toEqual({ fault: 'hand_over_keys' });
    await world.run([FIRST, SECOND]);
    expect((await world.run([FIRST])).fault).toBe('signature_missing');
    await holds(world, [FIRST]);
  });

  test('an earlier checkpoint and its state that were put back', async () => {
    const world = await begun();
    const before = { ...world.log.values };
    await world.run([FIRST, SECOND]);
    Object.assign(world.log.values, before);
    expect((await world.run([FIRST, SECOND])).fault).toBe('hand_over_keys');
  });

  test('a tree that does not end with the hand-over', async () => {
    const world = await begun();
    const stop: Gate = (call, side) => {
      if (call === 'write checkpoint' && side === 'after') throw new Crash();
    };
    await expect(world.run([FIRST, SECOND], stop)).rejects.toThrow(Crash);
    const state = openState(world.log.values.state!.bytes, FIRST.log).value!;
    const sign = async (message: Buffer) => FIRST.log.signMessage(message);
    const swapped = { ...state, handOver: state.handOver!.toReversed() };
    const other = {
      ...state,
      handOver: state.handOver!.map(({ from }, at) => ({ from, to: at === 0 ? THIRD.log.key : THIRD.cosigner.key })),
    };
    for (const [forged, fault] of [
      [swapped, 'entry_mismatch'],
      [other, 'entry_mismatch'],
    ] as const) {
      world.log.values.state = { bytes: await signState(forged, { key: FIRST.log.key, sign }), tag: 'forged' };
      expect(await world.run([FIRST, SECOND, THIRD])).toEqual({ fault });
    }
  });

  test('a hand-over of a log that has no checkpoint', async () => {
    const world = await begun();
    await world.run([FIRST, SECOND]);
    const state = openState(world.log.values.state!.bytes, SECOND.log).value!;
    const sign = async (message: Buffer) => FIRST.log.signMessage(message);
    const to = [SECOND.log.key, SECOND.cosigner.key];
    const handOver = [FIRST.log.key, FIRST.cosigner.key].map((from, at) => ({ from, to: to[at]! }));
    const tree = { size: 0, root: EMPTY_ROOT };
    const forged = { ...state, tree, previous: tree, handOver };
    world.log.values.state = { bytes: await signState(forged, { key: FIRST.log.key, sign }), tag: 'forged' };
    world.log.values.checkpoint = undefined;
    expect(await world.run([FIRST, SECOND])).toEqual({ fault: 'state_mismatch' });
  });

  test('a decision that neither the old keys nor the new ones signed', async () => {
    const world = await begun();
    const stop: Gate = (call, side) => {
      if (call === 'write checkpoint' && side === 'after') throw new Crash();
    };
    await expect(world.run([FIRST, SECOND], stop)).rejects.toThrow(Crash);
    world.log.values.state = { bytes: Buffer.from('edited'), tag: 'edited' };
    expect(await world.run([FIRST, SECOND])).toEqual({ fault: 'state_form' });
  });

  test('a hand-over whose tiles are not stored', async () => {
    const world = await begun();
    const { store } = world.log.publisher();
    const dropped = { ...store, put: () => Promise.resolve() };
    expect((await world.run([FIRST, SECOND], undefined, dropped)).fault).toBe('tile_missing');
  });

  test('a proof of an entry that hands over nothing', async () => {
    const world = await begun();
    const checkpoint = world.log.values.checkpoint!.bytes;
    const { size, root } = parseCheckpoint(parseNote(checkpoint).value!.text).value!;
    const { hashes } = (await proveInclusion({ source: world.files, size }, { size, root }, 0)).value!;
    world.others.set(handOverPath(0), formatLogProof({ index: 0, hashes, checkpoint }));
    expect((await world.verify()).findings[0]).toMatchObject({ kind: 'edited', fault: 'entry_form' });
  });
});
