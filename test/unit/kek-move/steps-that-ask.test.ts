import { createCloseIntents } from '../../../lambdas/core/audit/close-intents';
import { AuditTrail } from '../../../lambdas/core/audit/audit-trail';
import { DAY_MS, HOUR_MS } from '../../../lambdas/core/contract/time-units';
import { newNonce, proveDek } from '../../../lambdas/core/dek-rotation/dek-proof';
import { createProveKeyset } from '../../../lambdas/core/dek-rotation/prove-keyset';
import { createEnsureKeysets } from '../../../lambdas/core/kek-rotation/ensure-keysets';
import { newKeyset } from '../../../lambdas/core/keysets/dek-keyset';
import { systemCaller } from '../../../lambdas/core/ports/system-caller';
import { unwrapDek } from '../../../lambdas/core/crypto/wrapped-dek';
import { kekMove } from '../../contract/kek-move-store.contract';
import { DekRotationWorld } from '../../doubles/dek-rotation-world';
import { KekMoveWorld } from '../../doubles/kek-move-world';
import {
  CountingMetrics,
  MemoryAudit,
  MemoryCredentials,
  MemoryKeysets,
  MemorySecrets,
  newKeks,
  TestClock,
  testRandomness,
} from '../../doubles/memory-ports';
import { MemoryDekRotations } from '../../doubles/memory-dek-rotation-ports';
import { createKekMoveGuard } from '../../../lambdas/core/kek-move/kek-move-guard';

const clock = new TestClock();
const REGION = 'us-east-1';

/** A guard over one row; `home` is where the KEK would be written. */
const guardOver = (row: ReturnType<typeof kekMove> | undefined) =>
  createKekMoveGuard({ moves: { read: () => Promise.resolve(row) }, homes: { home: 'local' }, home: 'local' });

describe('keysets of new providers', () => {
  test('are not made while a move stands, and are made after it', async () => {
    const [audit, keysets] = [new MemoryAudit(), new MemoryKeysets(REGION)];
    const metrics = new CountingMetrics();
    const ensure = (row: ReturnType<typeof kekMove> | undefined) =>
      createEnsureKeysets({
        keysets,
        credentials: new MemoryCredentials(),
        audit,
        secrets: new MemorySecrets(newKeks(), clock),
        moves: guardOver(row),
        trail: new AuditTrail({ sink: audit, clock, randomness: testRandomness, metrics, region: REGION }),
        clock,
        randomness: testRandomness,
      })(['openai'], 'keyward:bootstrap');
    await expect(ensure(kekMove())).resolves.toMatchObject([{ status: 'failed', code: 'conflict' }]);
    expect(keysets.records.size).toBe(0);
    await expect(ensure(kekMove({ state: 'aborted' }))).resolves.toMatchObject([{ status: 'created' }]);
  });
});

describe('the sweep', () => {
  const sweepWith = async (ageDays: number, row: ReturnType<typeof kekMove> | undefined) => {
    const world = new DekRotationWorld();
    const keks = await new KekMoveWorld().start();
    world.clock.time += ageDays * DAY_MS;
    const done: string[] = [];
    const note = (what: string) => () => {
      done.push(what);
      return Promise.resolve();
    };
    const kek = {
      secret: keks.home('aws'),
      rotation: { start: note('rotate') },
      rewrapDeks: async () => {
        done.push('rewrap');
        return 'done' as const;
      },
      intervalDays: 90,
      resume: note('resume'),
      moves: guardOver(row),
      advanceMove: note('move'),
    };
    await world.compose({ kek, moves: { read: () => Promise.resolve(row) } }).sweep();
    const said = world.logger.lines.filter(({ message }) => message.startsWith('the KEK is due'));
    return { done, said, age: world.metrics.gauges.get('kek_age_days') };
  };

  test('goes on with a move in place of a rotation and a rewrap', async () => {
    await expect(sweepWith(1, kekMove())).resolves.toMatchObject({ done: ['move'], said: [] });
    await expect(sweepWith(1, undefined)).resolves.toMatchObject({ done: ['resume', 'rewrap'] });
  });

  test('reports the age of a KEK that is due meanwhile, and rotates it afterwards', async () => {
    const standing = await sweepWith(91, kekMove());
    expect(standing).toMatchObject({ done: ['move'], said: [{ level: 'error' }] });
    expect(standing.age).toBeGreaterThan(90);
    const after = await sweepWith(91, kekMove({ from: 'vault', to: 'local', state: 'finished' }));
    expect(after).toMatchObject({ done: ['resume', 'rotate', 'rewrap'], said: [] });
  });

  test('needs nobody who goes on with a move', async () => {
    const world = new DekRotationWorld();
    const secret = (await new KekMoveWorld().start()).home('aws');
    const rewrapDeks = () => Promise.reject(new Error('not while a move stands'));
    const rotation = { start: () => Promise.reject(new Error('not while a move stands')) };
    const kek = { secret, rotation, rewrapDeks, intervalDays: 90, moves: guardOver(kekMove()) };
    await expect(world.compose({ kek }).sweep()).resolves.toStrictEqual([]);
  });
});

describe('a proof with the KEK of one home', () => {
  const keks = newKeks();
  const keysets = new MemoryKeysets(REGION);
  const record = newKeyset('openai', keks.primary, clock.now(), testRandomness);
  keysets.records.set('openai', record);
  const challenge = () => ({
    provider: 'openai',
    version: 1,
    revision: record.revision,
    kek_id: record.kek_id,
    nonce: newNonce(testRandomness),
    home: 'vault' as const,
  });

  test('is made with that one, read anew, and is none for another home', async () => {
    const [inForce, vault] = [new MemorySecrets(newKeks(), clock), new MemorySecrets(newKeks(), clock)];
    vault.stored = keks;
    const prove = createProveKeyset({ keysets, secrets: inForce, secretsOf: () => vault });
    const asked = challenge();
    const proof = await prove(asked);
    const dek = unwrapDek(keks.primary, 'openai', 1, record.versions[1]!.encrypted_dek!);
    expect(proof).toBe(proveDek(dek, asked, REGION));
    expect(proof).not.toBe(proveDek(dek, { ...asked, home: 'aws' }, REGION));
    expect(proof).not.toBe(proveDek(dek, { ...asked, home: undefined }, REGION));
  });

  test('is not made where one home is configured', async () => {
    const prove = createProveKeyset({ keysets, secrets: new MemorySecrets(keks, clock) });
    await expect(prove(challenge())).rejects.toMatchObject({ code: 'keys_unavailable' });
  });
});

describe('an intent of a move that a crash left open', () => {
  /** Closes one intent. */
  const closed = async (
    more: { readonly revision?: number },
    over: { readonly moves?: { read: () => Promise<ReturnType<typeof kekMove> | undefined> } },
  ) => {
    const audit = new MemoryAudit();
    const metrics = new CountingMetrics();
    const trail = new AuditTrail({ sink: audit, clock, randomness: testRandomness, metrics, region: REGION });
    const by = systemCaller('keyward:sweep', 'request');
    const metadata = { operation: 'move_kek', write_id: 'ours', ...more };
    await trail.recordIntent(by, { event_type: 'config_change', provider: null, metadata });
    const later = new TestClock();
    later.time += HOUR_MS;
    const close = createCloseIntents({
      intents: audit,
      keysets: new MemoryKeysets(REGION),
      credentials: new MemoryCredentials(),
      store: new MemoryDekRotations(),
      trail,
      clock: later,
      ...over,
    });
    await expect(close(by, [])).resolves.toBe(1);
    const event = audit.events.at(-1)!;
    expect(event.metadata).toMatchObject({ ...metadata, phase: 'outcome' });
    return event.metadata.outcome;
  };

  test.each([
    [
      'is written where the row has its write_id',
      { revision: 3 },
      kekMove({ revision: 3, write_id: 'ours' }),
      'written',
    ],
    ['has failed where the row is the one before', { revision: 3 }, kekMove({ revision: 2 }), 'failed'],
    ['has failed where it was the first one, and there is no row', { revision: 1 }, undefined, 'failed'],
    ['is not known of where a later row covers it', { revision: 3 }, kekMove({ revision: 4 }), 'unknown'],
    ['is not known of without a revision', {}, kekMove(), 'unknown'],
  ] as const)('%s', async (_name, more, row, outcome) => {
    await expect(closed(more, { moves: { read: () => Promise.resolve(row) } })).resolves.toBe(outcome);
  });

  test('is not known of where nobody can read the row', async () => {
    await expect(closed({ revision: 3 }, {})).resolves.toBe('unknown');
  });
});
