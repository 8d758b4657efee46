import { isFailure, MAX_LISTED } from '../../../lambdas/core/transparency/audit-finding';
import { parseTrustPolicy } from '../../../lambdas/core/transparency/parse-trust-policy';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import type { VerifiedAudit } from '../../../lambdas/core/transparency/verify-audit';
import { EFFORT } from '../../effort';
import { testSigner } from '../../doubles/transparency/test-signer';
import {
  auditLine,
  auditWorld,
  COSIGNER,
  each,
  kindsOf,
  LOG_KEY,
  policyOf,
  shown,
  type AuditWorld,
} from './audit-world';
import { handOver } from './hand-over';
import { HOUR_MS, ORIGIN, START } from './publisher-world';

const DAY_MS = 24 * HOUR_MS;
const failures = ({ findings }: VerifiedAudit) => findings.filter(({ kind }) => isFailure(kind));

/** Two hours of events, published. */
async function published(): Promise<AuditWorld> {
  const world = auditWorld();
  world.happen(0, 300);
  await world.log.publish();
  world.log.now += HOUR_MS;
  world.happen(300, 600);
  await world.log.publish();
  return world;
}

test('a clean log has no finding', async () => {
  const world = await published();
  const steps: string[] = [];
  const verified = await world.verify({ onProgress: ({ step, done, of }) => steps.push(`${step} ${done} ${of}`) });
  expect(verified.findings).toEqual([]);
  expect(kindsOf(verified)).toEqual([]);
  expect(verified.summary).toEqual({
    origin: ORIGIN,
    tree: { size: 600, root: expect.any(Buffer) },
    note: world.log.values.checkpoint!.bytes,
    cosignedAt: (START + HOUR_MS) / 1000,
    isOneAccount: true,
    entries: 600,
    lines: 600,
    malformed: 0,
    foreign: 0,
    older: 0,
    expired: 0,
    events: 600,
  });
  expect(steps).toEqual(['entries 0 600', 'lines 600 undefined', 'events 600 undefined']);
});

test('an empty log has none, and one that was never published lacks its checkpoint', async () => {
  const world = auditWorld();
  expect((await world.verify()).findings).toEqual([
    { kind: 'missing', fault: 'checkpoint_missing', path: 'checkpoint' },
  ]);
  await world.log.publish();
  expect((await world.verify()).findings).toEqual([]);
});

test('an outside witness makes more than one account', async () => {
  const world = await published();
  const { key } = testSigner('witness.example/log', 'cosignature');
  const policy = parseTrustPolicy(
    Buffer.from(`log ${formatVerifierKey(LOG_KEY.key)}\nwitness w ${formatVerifierKey(key)}\nquorum w\n`),
  ).value!;
  const { summary } = await world.verify({ policy });
  expect(summary).toMatchObject({ isOneAccount: false });
  const none = parseTrustPolicy(Buffer.from(`log ${formatVerifierKey(LOG_KEY.key)}\nquorum none\n`)).value!;
  const verified = await world.verify({ policy: none, maxAgeMs: 1 });
  expect(verified.findings).toEqual([]);
  expect(verified.summary).not.toHaveProperty('cosignedAt');
  const named = parseTrustPolicy(
    Buffer.from(`log ${formatVerifierKey(LOG_KEY.key)}\nwitness own ${formatVerifierKey(COSIGNER.key)}\nquorum none\n`),
  ).value!;
  expect((await world.verify({ policy: named })).summary.cosignedAt).toBe((START + HOUR_MS) / 1000);
});

describe('no failure', () => {
  /** At full effort every call, else every eleventh. */
  const STEP = EFFORT < 1 ? 11 : 1;

  test('wherever a publisher stopped, nor after the next one', async () => {
    const fed = () => {
      const world = auditWorld();
      world.happen(0, 270);
      world.log.archiveLines(Array.from({ length: 40 }, (_, at) => auditLine(260 + at)));
      for (let at = 270; at < 300; at += 1) world.table.set(String(at), shown(auditLine(at)));
      return world;
    };
    let calls = 0;
    await fed().log.publish(() => void (calls += 1));
    expect(calls).toBeGreaterThan(40);
    for (let at = 0; at < calls; at += STEP) {
      const world = fed();
      await world.log.publish(undefined);
      world.happen(300, 520);
      world.log.now += HOUR_MS;
      const seen = [(await world.verify()).summary.tree!];
      let passed = 0;
      await world.log
        .publish(() => {
          if (passed++ === at) throw new Error('stopped');
        })
        .catch(() => undefined);
      expect(failures(await world.verify({ seen }))).toEqual([]);
      await world.log.publish();
      expect((await world.verify({ seen })).findings).toEqual([]);
    }
  });

  test('before the first checkpoint is signed, but that it is not there yet', async () => {
    const world = auditWorld();
    world.happen(0, 5);
    await world.log
      .publish((call) => {
        if (call === 'write checkpoint') throw new Error('stopped');
      })
      .catch(() => undefined);
    expect(failures(await world.verify())).toEqual([
      { kind: 'missing', fault: 'checkpoint_missing', path: 'checkpoint' },
    ]);
  });

  test('while publishers write between any two reads', async () => {
    const world = await published();
    let next = 600;
    const { files } = world;
    const meanwhile = async (): Promise<void> => {
      if (next >= 640) return;
      world.happen(next, next + 3);
      next += 3;
      world.log.now += 60_000;
      await world.log.publish();
    };
    const busy = {
      read: async (path: string) => {
        const bytes = await files.read(path);
        await meanwhile();
        return bytes;
      },
      list: async (prefix: string) => {
        const paths = await files.list(prefix);
        await meanwhile();
        return paths;
      },
    };
    expect(failures(await world.verify({ files: busy }))).toEqual([]);
    expect(next).toBeGreaterThan(640);
  });

  test('of two publishers at once, batches cut otherwise and replayed after a day', async () => {
    const world = auditWorld();
    world.happen(0, 300);
    const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));
    await Promise.all([world.log.publish(turn), world.log.publish(turn)]);
    world.log.now += HOUR_MS;
    for (const [from, to] of [
      [0, 10],
      [5, 290],
      [100, 300],
    ] as const)
      world.happen(from, to);
    await world.log.publish();
    world.log.now += 26 * HOUR_MS;
    world.happen(0, 300);
    await world.log.publish();
    expect((await world.verify()).findings).toEqual([]);
  });

  test('of a table that was restored: events that came back are compared, too', async () => {
    const world = await published();
    const before = new Map(world.table);
    world.table.clear();
    expect(kindsOf(await world.verify())).toEqual(['missing']);
    for (const [id, event] of before) world.table.set(id, event);
    expect((await world.verify()).findings).toEqual([]);
  });

  test('of a line that differs in its nonce alone, whichever is archived first', async () => {
    const world = auditWorld();
    const again = (number: number) => auditLine(number, { nonce: Buffer.alloc(32, number).toString('base64') });
    // By the names of objects either comes first.
    for (let number = 0; number < 12; number += 1) {
      world.log.archiveLines([auditLine(number), auditLine(100 + number)]);
      await world.log.publish();
      world.log.archiveLines([again(number)]);
      await world.log.publish();
    }
    const verified = await world.verify({ events: each([]), retention: { events: 1 } });
    expect(verified.findings).toEqual([]);
    expect(verified.summary).toMatchObject({ entries: 24, lines: 36 });
  });

  test('of lines of another region, and of lines that are no event, which are counted', async () => {
    const world = await published();
    world.log.archiveLines(['x', auditLine(900, { region: 'eu-west-1' })]);
    world.table.set('other', shown(auditLine(901, { region: 'eu-west-1' })));
    const verified = await world.verify();
    expect(verified.findings).toEqual([]);
    expect(verified.summary).toMatchObject({ malformed: 1, foreign: 1 });
  });

  test('of files in the archive that are no objects of it', async () => {
    const world = await published();
    world.log.archive.set('2026-13-01T00', new Map([['0'.repeat(64), Buffer.from('x')]]));
    [...world.log.archive.values()][0]!.set('readme', Buffer.from('x'));
    expect((await world.verify()).findings).toEqual([]);
  });

  test('of a checkpoint that is cosigned anew at each read', async () => {
    const world = await published();
    const read = async (path: string) => {
      if (path === 'state') {
        world.log.now += 1000;
        await world.log.publish();
      }
      return world.files.read(path);
    };
    expect((await world.verify({ files: { ...world.files, read } })).findings).toEqual([]);
  });

  test('of a checkpoint that nobody reads twice alike', async () => {
    const world = await published();
    let reads = 0;
    const read = async (path: string) => {
      if (path === 'checkpoint') {
        reads += 1;
        world.log.now += 1000;
        await world.log.publish();
      }
      return world.files.read(path);
    };
    expect((await world.verify({ files: { ...world.files, read } })).findings).toEqual([]);
    expect(reads).toBe(11);
  });

  test('without the events of the table', async () => {
    const { findings, summary } = await (await published()).verify({ events: undefined } as never);
    expect(findings).toEqual([]);
    expect(summary).not.toHaveProperty('events');
  });

  test('of a member of a newer release, which the API does not show', async () => {
    const world = auditWorld();
    const line = auditLine(1, { colour: 'red', metadata: { operation: 'decrypt', shape: 'round' } });
    world.log.archiveLines([line]);
    world.table.set('1', shown(auditLine(1, { metadata: { operation: 'decrypt' } })));
    await world.log.publish();
    expect((await world.verify()).findings).toEqual([]);
    world.table.set('1', shown(auditLine(1, { metadata: { operation: 'decrypt' }, taste: 'sweet' })));
    expect((await world.verify()).findings).toMatchObject([{ kind: 'edited', members: ['taste'] }]);
  });

  test('after a hand-over that the old key signed', async () => {
    const world = await published();
    const { tree } = (await world.verify()).summary;
    await handOver(world, testSigner(ORIGIN, 'ed25519', 'the next key'));
    const verified = await world.verify({ seen: [tree!] });
    expect(verified.findings).toEqual([]);
    expect(verified.summary.tree?.size).toBe(601);
  });
});

test('of a hand-over whose proof is gone, though the old key signs still, the proof is missing', async () => {
  const world = await published();
  const path = await handOver(world, testSigner(ORIGIN, 'ed25519', 'the next key'));
  world.others.delete(path);
  const verified = await world.verify({
    policy: policyOf(testSigner(ORIGIN, 'ed25519', 'the next key'), COSIGNER),
  });
  expect(verified.findings).toEqual([{ kind: 'missing', fault: 'hand_over_proof', place: 600 }]);
});

describe('events from before the log', () => {
  /** Events of three days before, archived in the log's first hours. */
  async function takenOver() {
    const world = auditWorld();
    const old = [-300_000, -299_999, -299_998].map((number) => auditLine(number));
    world.happen(0, 2);
    world.log.archiveLines(old);
    for (const line of old) world.table.set(line, shown(line));
    await world.log.publish();
    return world;
  }

  test('are no finding, and counted', async () => {
    const verified = await (await takenOver()).verify();
    expect(verified.findings).toEqual([]);
    expect(verified.summary.older).toBe(3);
  });

  test('are backdated when they come weeks later', async () => {
    const world = await takenOver();
    world.log.now += 15 * DAY_MS;
    const late = auditLine(-299_997);
    world.log.archiveLines([late]);
    await world.log.publish();
    const { id, timestamp } = shown(late);
    const { findings } = await world.verify({ period: { from: 0, to: START - DAY_MS } });
    expect(findings.filter(({ kind }) => kind === 'backdated')).toMatchObject([{ fault: 'line_late', id, timestamp }]);
  });

  test('are backdated where the log’s own beginning is not there any more', async () => {
    const world = await takenOver();
    const first = [...world.log.archive.values()][0]!;
    for (const [sha256, bytes] of first) if (bytes.includes(shown(auditLine(0))['id'] as string)) first.delete(sha256);
    const { findings } = await world.verify({ events: each([]) });
    expect(findings.filter(({ kind }) => kind === 'backdated')).toHaveLength(3);
  });
});

describe('what is kept for a time alone', () => {
  /** Hours later, without the archive of the first hour. */
  async function expired() {
    const world = await published();
    const [first] = world.log.archive.keys();
    world.log.archive.delete(first!);
    world.log.now += 10 * HOUR_MS;
    world.happen(60_000, 60_002);
    await world.log.publish();
    return world;
  }
  const NOTHING = each([]);

  test('is no finding after that time', async () => {
    const world = await expired();
    const retention = { lines: 9 * HOUR_MS, events: 9 * HOUR_MS };
    const verified = await world.verify({
      events: NOTHING,
      retention,
      period: { from: 0, to: world.log.now - 2 * HOUR_MS },
    });
    expect(verified.findings).toEqual([]);
    expect(verified.summary).toMatchObject({ expired: 300, entries: 302 });
    expect((await world.verify({ retention: { lines: 13 * HOUR_MS } })).counts.missing).toBe(300);
  });

  test('is missing before', async () => {
    const { counts, findings } = await (await expired()).verify();
    expect(counts.missing).toBe(300);
    expect(findings[0]).toMatchObject({
      kind: 'missing',
      fault: 'line_missing',
      place: 0,
      timestamp: expect.any(String),
    });
  });

  test('of an event of an earlier release, whose id is random, the index says the time', async () => {
    const world = auditWorld();
    const ids = ['0'.repeat(31) + '1', 'f'.repeat(32), '7'.repeat(32)];
    for (const [at, id] of ids.entries()) world.log.archiveLines([auditLine(at, { id })]);
    await world.log.publish();
    world.log.archive.clear();
    world.log.now += 10 * HOUR_MS;
    const kept = await world.verify({ retention: { lines: 20 * HOUR_MS } });
    expect(kept.findings.filter(({ fault }) => fault === 'line_missing').map(({ timestamp }) => timestamp)).toEqual(
      ids.map(() => new Date(START).toISOString()),
    );
    expect((await world.verify({ retention: { lines: 9 * HOUR_MS } })).summary.expired).toBe(3);
    for (const path of [...world.log.store.keys()]) if (path.startsWith('index/')) world.log.store.delete(path);
    const lost = await world.verify({ retention: { lines: 9 * HOUR_MS } });
    expect(lost.summary.expired).toBe(0);
    expect(lost.findings.filter(({ fault }) => fault === 'line_missing')).toHaveLength(3);
    expect(lost.findings).toContainEqual({ kind: 'missing', fault: 'index_missing', id: expect.any(String), place: 0 });
  });
});

describe('a period', () => {
  test('leaves out events before and after it, and archive objects before it', async () => {
    const world = await published();
    const reads: string[] = [];
    const files = { ...world.files, read: (path: string) => (reads.push(path), world.files.read(path)) };
    for (const id of [...world.table.keys()]) world.table.delete(id);
    world.log.now += HOUR_MS;
    const period = { from: START + 100_000, to: START + 110_000 };
    const { findings } = await world.verify({ files, period });
    expect(findings.map(({ fault, place }) => [fault, place])).toEqual(
      Array.from({ length: 10 }, (_, at) => ['event_missing', 100 + at]),
    );
    const late = { from: START + 4 * HOUR_MS, to: START + 5 * HOUR_MS };
    reads.length = 0;
    expect((await world.verify({ files, period: late })).findings).toEqual([]);
    expect(reads.filter((path) => path.startsWith('archive/'))).toEqual([]);
  });

  test('leaves out another line of an event outside, whose own line is not read', async () => {
    const world = await published();
    world.log.now += 10 * HOUR_MS;
    world.log.archiveLines([auditLine(3, { provider: 'anthropic' })]);
    const period = { from: START + 9 * HOUR_MS, to: START + 20 * HOUR_MS };
    expect((await world.verify({ period })).findings).toEqual([]);
    expect(kindsOf(await world.verify())).toEqual(['edited']);
  });

  test('leaves out unpublished and backdated events outside', async () => {
    const world = await published();
    world.log.now += 3 * DAY_MS;
    world.log.archiveLines([auditLine(2000)]);
    await world.log.publish();
    world.log.archiveLines([auditLine(2001)]);
    const period = { from: 0, to: START + HOUR_MS / 2 };
    expect((await world.verify({ events: each([...world.table.values()]), period })).findings).toEqual([]);
    expect(kindsOf(await world.verify({ retention: { events: 1 } }))).toEqual(['backdated', 'expired_unpublished']);
  });
});

describe('the table', () => {
  test('of thousands of edited events each is counted, and a thousand are named', async () => {
    const world = auditWorld();
    world.happen(0, 1100);
    await world.log.publish();
    for (const [id, event] of world.table) world.table.set(id, { ...event, provider: 'anthropic' });
    const { counts, findings } = await world.verify();
    expect(counts.edited).toBe(1100);
    expect(findings).toHaveLength(MAX_LISTED);
    expect(findings[999]).toMatchObject({ kind: 'edited', fault: 'event_mismatch', place: 999, members: ['provider'] });
  });

  test('events whose id or time is none', async () => {
    const world = await published();
    const event = shown(auditLine(1));
    const damaged = [
      { ...event, id: 'x' },
      { ...event, timestamp: 'yesterday' },
      { ...event, id: 7 },
    ];
    const { findings } = await world.verify({ events: each(damaged), retention: { events: 1 } });
    expect(findings).toEqual(
      damaged.map(() => ({ kind: 'edited', fault: 'event_mismatch', members: ['id', 'timestamp'] })),
    );
  });

  test('metadata that is none', async () => {
    const world = await published();
    const events = [{ ...shown(auditLine(1)), metadata: 'none' }];
    const { findings } = await world.verify({ events: each(events), retention: { events: 1 } });
    expect(findings).toMatchObject([{ members: ['metadata.credential', 'metadata.operation'] }]);
  });

  test('an event in no log, seen twice, is reported once', async () => {
    const world = await published();
    const event = shown(auditLine(700));
    const { findings } = await world.verify({ events: each([event, event]), retention: { events: 1 } });
    expect(findings).toMatchObject([{ kind: 'not_yet_published', id: event['id'], timestamp: event['timestamp'] }]);
  });
});

describe('what goes while it is read', () => {
  /** Files of which those that match are there only so often. */
  const going = ({ files }: AuditWorld, pattern: RegExp, times = 0) => {
    const left = new Map<string, number>();
    return {
      ...files,
      read: async (path: string) => {
        if (!pattern.test(path)) return files.read(path);
        const before = left.get(path) ?? times;
        left.set(path, before - 1);
        return before > 0 ? files.read(path) : undefined;
      },
    };
  };

  test.each([
    ['archive objects', /^archive/, 'archive_missing'],
    ['index objects', /^index/, 'index_missing'],
  ])('%s', async (_, pattern, fault) => {
    const world = await published();
    const { findings } = await world.verify({ files: going(world, pattern) });
    expect(findings).toContainEqual({ kind: 'missing', fault, path: expect.stringMatching(pattern) });
  });

  test('proofs of hand-overs', async () => {
    const world = await published();
    const path = await handOver(world, testSigner(ORIGIN, 'ed25519', 'the next key'));
    const { findings } = await world.verify({ files: going(world, /^hand-over/) });
    expect(findings).toEqual([
      { kind: 'edited', fault: 'proof_form', path },
      { kind: 'forked', fault: 'log_signature_missing', path: 'checkpoint' },
    ]);
  });

  test('the archived line of an edited event: its members cannot be compared any more', async () => {
    const world = await published();
    const event = { ...shown(auditLine(1)), provider: 'anthropic' };
    const settings = { events: each([event]), retention: { events: 1 } };
    const { findings } = await world.verify({ ...settings, files: going(world, /^archive/, 1) });
    expect(findings).toEqual([
      { kind: 'edited', fault: 'event_mismatch', id: event['id' as keyof typeof event], place: 1, members: [] },
    ]);
  });

  test('an archive object with a line that must be judged again', async () => {
    const world = await published();
    world.log.archiveLines([auditLine(3, { provider: 'anthropic' })]);
    const { findings } = await world.verify({ files: going(world, /^archive/, 1) });
    expect(failures({ findings } as VerifiedAudit)).toEqual([]);
  });
});

test('proofs of hand-overs that are about something else', async () => {
  const world = await published();
  const path = await handOver(world, testSigner(ORIGIN, 'ed25519', 'the next key'));
  const proof = world.others.get(path)!;
  const faultOf = async () => (await world.verify()).findings[0];
  world.others.set(path, Buffer.from(String(proof).replace('\n601\n', '\nmany\n')));
  expect(await faultOf()).toEqual({ kind: 'edited', fault: 'checkpoint_size', path });
  world.others.set(path, Buffer.from(String(proof).replace('index 600', 'index 601')));
  expect(await faultOf()).toEqual({ kind: 'edited', fault: 'proof_index', path });
  world.others.set(path, proof);
  world.log.store.delete('tile/entries/002.p/89');
  expect(await faultOf()).toEqual({ kind: 'edited', fault: 'tile_missing', path });
});

test('an index record at the place of a hand-over', async () => {
  const world = await published();
  await handOver(world, testSigner(ORIGIN, 'ed25519', 'the next key'));
  const record = Buffer.alloc(22, 1);
  record.writeUIntBE(600, 16, 6);
  const path = 'index/2026/11/27/10/00/000000000009';
  world.log.store.set(path, record);
  expect((await world.verify()).findings).toEqual([{ kind: 'edited', fault: 'index_mismatch', path }]);
});

test('a checkpoint two runs old is older than the state', async () => {
  const world = await published();
  const { checkpoint } = world.log.values;
  for (const from of [600, 610]) {
    world.happen(from, from + 10);
    await world.log.publish();
  }
  world.log.values.checkpoint = checkpoint;
  expect(failures(await world.verify())).toEqual([{ kind: 'replayed', fault: 'checkpoint_older', path: 'checkpoint' }]);
});

test('a state of another tree of the same size', async () => {
  const [world, other] = [await published(), auditWorld()];
  other.happen(0, 300);
  await other.log.publish();
  other.happen(301, 601);
  await other.log.publish();
  world.log.values.state = other.log.values.state;
  expect((await world.verify()).findings).toContainEqual({ kind: 'forked', fault: 'state_mismatch', path: 'state' });
});

test('a fork of which a bundle is missing is found by the hashes that are there', async () => {
  const world = await published();
  world.log.store.delete('tile/entries/001');
  const seen = [{ size: 400, root: Buffer.alloc(32, 1) }];
  expect(failures(await world.verify({ seen })).map(({ kind, fault }) => `${kind} ${fault}`)).toEqual([
    'missing tile_missing',
    'forked history_mismatch',
  ]);
});

test('of a log in which nothing is readable the events are in no log', async () => {
  const world = await published();
  world.log.now += 2 * DAY_MS;
  world.log.store.clear();
  expect(kindsOf(await world.verify())).toEqual(['expired_unpublished', 'truncated']);
});

test('the log of another origin, though the policy has its key, too', async () => {
  const world = await published();
  expect((await world.verify({ origin: `${ORIGIN}-2` })).findings).toEqual([
    { kind: 'forked', fault: 'checkpoint_origin', path: 'checkpoint' },
  ]);
});

test('an edited event whose archived line stands among others of all sorts', async () => {
  const world = auditWorld();
  world.log.archiveLines(['x', auditLine(900, { region: 'eu-west-1' }), auditLine(1)]);
  await world.log.publish();
  const events = each([{ ...shown(auditLine(1)), provider: 'anthropic' }]);
  expect((await world.verify({ events })).findings).toMatchObject([{ kind: 'edited', members: ['provider'] }]);
});
