import { OPERATION_IDS } from '../../lambdas/core/runtime/operations';
import { apiRows, configuredHere, operationsRows } from '../infra/observability/alarm-rows';
import { actNamed, ACTS, KEY, type Notes } from './wiring/acts';
import { API_CALLS, HOME_CALLS, inRegion, PROVES } from './wiring/expected-calls';
import type { OutsideCall } from './wiring/recording-aws';
import { emfLines } from './wiring/emf-lines';
import { itemsWritten } from './wiring/items-written';
import { OUTAGES, REPLICA } from './wiring/outages';
import { sqsEvent } from './wiring/sqs-event';
import { useBundles } from './wiring/use-bundles';
import {
  GRACE_DAYS,
  HOME,
  KEK_INTERVAL_DAYS,
  REGIONS,
  RETENTION_DAYS,
  signer,
  WiredDeployment,
} from './wiring/wired-deployment';

const SECOND_MS = 1000;
const DAY_MS = 86_400_000;
/** A timeout for a busy machine. */
const LONG_MS = 600_000;

const bundles = useBundles();
let wired: WiredDeployment;
beforeAll(async () => {
  wired = await WiredDeployment.start(bundles());
}, LONG_MS);
afterAll(async () => {
  await wired.close();
});

const describeCalls = (calls: readonly OutsideCall[]): readonly string[] =>
  [...new Set(calls.map(({ verb, target, region }) => `${verb} ${target} ${region}`))].sort();

/** Runs an act and compares the function's calls with its row. */
async function asks(name: string, region: string, row: readonly string[], run: () => Promise<unknown>): Promise<void> {
  const mark = wired.aws.calls.length;
  await run();
  expect({ [name]: describeCalls(wired.callsSince(mark, signer(name, region))) }).toEqual({
    [name]: inRegion(row, region),
  });
}

const serve = (...request: Parameters<WiredDeployment['serve']>) => wired.serve(...request);

test('bootstrap asks at home, makes what is missing, and looks into every region', async () => {
  const event = { RequestType: 'Create', ResourceProperties: { ServiceToken: 'x' }, LogicalResourceId: 'x' };
  await asks('bootstrap', HOME, HOME_CALLS['bootstrap, first'], () => wired.invoke('bootstrap', HOME, event));
  await wired.secrets.service.rotations.settled();
  await asks('bootstrap', HOME, HOME_CALLS['bootstrap, again'], () =>
    wired.invoke('bootstrap', HOME, { ...event, RequestType: 'Update', OldResourceProperties: {} }),
  );
});

test.each(['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const)(
  'rotate-kek asks at home in %s, and no region refers to a key that goes',
  (step) => {
    const name = `rotate-kek:${step}` as const;
    const calls = describeCalls(wired.callsSince(0, signer(name, HOME)));
    expect(calls).toEqual(inRegion(HOME_CALLS[name], HOME));
  },
);

const NOTES = new Map<string, Notes>([
  [HOME, { provider: 'openai', token: '', rotation: '' }],
  [REPLICA, { provider: 'google', token: '', rotation: '' }],
]);

test('every call of the API has its row', () => {
  const acted = ACTS.map(({ name }) => name);
  expect(acted).toEqual(Object.keys(API_CALLS).sort((a, b) => acted.indexOf(a) - acted.indexOf(b)));
  expect(new Set(acted.map((name) => name.split(',')[0]))).toEqual(new Set(OPERATION_IDS));
});

describe.each([HOME, REPLICA])('in %s', (region) => {
  test.each(ACTS.map((act) => [act.name, act] as const))('%s asks whom its row says', async (name, act) => {
    const notes = NOTES.get(region)!;
    const row = API_CALLS[name as keyof typeof API_CALLS]!;
    const mark = wired.aws.calls.length;
    await asks(act.function, region, row, async () => {
      const reply = await serve(act, region, notes);
      expect(reply).toMatchObject({ status: act.status });
      const { ciphertext, rotation_id: rotation } = reply.body as { ciphertext?: string; rotation_id?: string };
      notes.token = ciphertext ?? notes.token;
      notes.rotation = rotation ?? notes.rotation;
    });
    // Whoever else was called: each region proves with its own keys, and nothing else is called back.
    const others = new Set(wired.aws.calls.slice(mark).map(({ by }) => by));
    others.delete(signer(act.function, region));
    if (row.includes('rotates kek home')) {
      await wired.secrets.service.rotations.settled();
      for (const by of others) if (by.startsWith('rotate-kek:')) others.delete(by);
    }
    if (!row.includes('invokes prove-keyset everywhere')) expect(others).toEqual(new Set());
    for (const each of others) {
      const prover = REGIONS.find((one) => each === signer('prove-keyset', one))!;
      expect({ [each]: describeCalls(wired.callsSince(mark, each)) }).toEqual({ [each]: inRegion(PROVES, prover) });
    }
  });
});

describe('while something is away', () => {
  const notes: Notes = { provider: 'anthropic', token: '', rotation: '' };
  beforeAll(async () => {
    notes.token = String((await serve(actNamed('encrypt'), REPLICA, notes)).body['ciphertext']);
    await serve(actNamed('putCredential'), REPLICA, notes);
  });
  afterEach(() => {
    wired.aws.fault = () => undefined;
    wired.isPatient = true;
  });

  test.each(OUTAGES.map((outage) => [outage.name, outage] as const))('%s', async (_, outage) => {
    const { act, region, down, silent = [], env = {}, asked, status, code } = outage;
    wired.aws.fault = (call) => {
      const what = `${call.target} ${call.region}`;
      if (silent.includes(what)) return 'hang';
      return down.includes(what) ? 'error' : undefined;
    };
    // It detects silence by its own limits.
    wired.isPatient = silent.length === 0;
    const mark = wired.aws.calls.length;
    const { body, ...reply } = await serve(actNamed(act), region, notes, env);
    const calls = wired.aws.calls.slice(mark);
    const order = (target: string) => calls.filter((call) => call.target === target).map((call) => call.region);
    expect({
      ...reply,
      code: body['code'],
      ...Object.fromEntries(Object.keys(asked).map((each) => [each, order(each)])),
    }).toEqual({ status, code, ...asked });
    if (status !== 200) expect(JSON.stringify(body)).not.toContain(KEY);
  });

  test.each([
    ['keysets', { keysets: [REPLICA, REPLICA, REPLICA], kek: [] }],
    ['kek', { keysets: [REPLICA], kek: [REPLICA, REPLICA, REPLICA] }],
  ])('a region whose %s are away proves nothing with those of another', async (target, asked) => {
    const challenge = { provider: 'anthropic', version: 1, revision: 1, kek_id: 'kek-1', nonce: '0'.repeat(64) };
    wired.aws.fault = (call) => (call.target === target && call.region === REPLICA ? 'error' : undefined);
    const mark = wired.aws.calls.length;
    const answer = await wired.invoke('prove-keyset', REPLICA, challenge);
    const calls = wired.aws.calls.slice(mark);
    const order = (each: string) => calls.filter((call) => call.target === each).map((call) => call.region);
    expect({ answer, keysets: order('keysets'), kek: order('kek') }).toEqual({
      answer: { code: expect.any(String) },
      ...asked,
    });
  });
});

test(
  'a rotation without an emergency: every region proves with what is its own, home does the rest',
  async () => {
    const notes: Notes = { provider: 'anthropic', token: '', rotation: '' };
    await serve(actNamed('putCredential'), REPLICA, notes);
    const started = await serve(actNamed('rotate'), REPLICA, notes);
    notes.rotation = String(started.body['rotation_id']);
    const startedAt = wired.aheadMs;
    const worker = (row: keyof typeof HOME_CALLS, messages: readonly string[]) =>
      asks('rotation-worker', HOME, HOME_CALLS[row], async () => {
        for (const message of messages) {
          const answer = await wired.invoke('rotation-worker', HOME, sqsEvent([message]));
          expect(answer).toEqual({ batchItemFailures: [] });
        }
      });
    const advance = JSON.stringify({ kind: 'advance', provider: notes.provider });
    const rotation = async () => (await serve(actNamed('describeRotation'), HOME, notes)).body;

    const mark = wired.aws.calls.length;
    await worker('rotation-worker, advance', [advance]);
    for (const region of REGIONS) {
      const calls = describeCalls(wired.callsSince(mark, signer('prove-keyset', region)));
      expect({ [region]: calls }).toEqual({ [region]: inRegion(PROVES, region) });
    }
    const { regions } = (await rotation()) as { regions: { region: string; proved_at: string | null }[] };
    expect(regions.map(({ region }) => region)).toEqual([...REGIONS].sort());
    for (const { proved_at: provedAt } of regions) expect(provedAt).not.toBeNull();
    // 62 seconds for holders of a copy, 20 for a write to be visible in all regions.
    wired.aheadMs = startedAt + 100 * SECOND_MS;
    wired.sqs.bodies.length = 0;
    await worker('rotation-worker, promote', [advance]);
    const shards = wired.sqs.bodies.filter((body) => body.includes('rekey'));
    expect(shards).toHaveLength(16);
    await worker('rotation-worker, rekey', shards);
    wired.aheadMs += 300 * SECOND_MS;
    for (const shard of shards) await wired.invoke('rotation-worker', HOME, sqsEvent([shard]));
    await worker('rotation-worker, end', [advance]);
    expect(await rotation()).toMatchObject({ status: 'completed' });
  },
  LONG_MS,
);

test('rewrap-deks asks every region for the new KEK before it moves anything at home', async () => {
  wired.sqs.bodies.length = 0;
  await wired.rotateKek();
  const message = wired.sqs.bodies.find((body) => body.includes('kek_id'))!;
  await asks('rewrap-deks', HOME, HOME_CALLS['rewrap-deks'], async () => {
    expect(await wired.invoke('rewrap-deks', HOME, sqsEvent([message]))).toEqual({ batchItemFailures: [] });
  });
});

test('the sweep works at home, and looks at the keys of every region', async () => {
  const sweep = () => wired.invoke('sweep', HOME, { keyward: 'sweep' });
  // After the grace period of the rotated version.
  wired.aheadMs += (GRACE_DAYS + 1) * DAY_MS;
  await asks('sweep', HOME, HOME_CALLS.sweep, sweep);
});

test('the erasing of previous values reads and writes at home alone', async () => {
  const notes: Notes = { provider: 'anthropic', token: '', rotation: '' };
  for (const act of ['putCredential', 'putCredential, replace']) await serve(actNamed(act), REPLICA, notes);
  wired.aheadMs += 31 * DAY_MS;
  await asks('rotation-worker', HOME, HOME_CALLS['rotation-worker, expire'], async () => {
    for (let shard = 0; shard < 16; shard += 1) {
      const message = JSON.stringify({ kind: 'expire', provider: notes.provider, shard });
      const answer = await wired.invoke('rotation-worker', HOME, sqsEvent([message]));
      expect(answer).toEqual({ batchItemFailures: [] });
    }
  });
});

test('every event that a function has written goes when the configured time is over', () => {
  const written = wired.aws.calls
    .filter(({ verb, target }) => verb === 'writes' && target === 'audit')
    .flatMap(({ by, body }) => itemsWritten(body).map((item) => ({ by, item })))
    .filter(({ item }) => item['timestamp'] !== undefined);
  const wrong = written.filter(({ item }) => {
    const at = Math.floor(Date.parse(item['timestamp']?.S ?? '') / SECOND_MS);
    return Number(item['expires_at']?.N) !== at + RETENTION_DAYS * (DAY_MS / SECOND_MS);
  });
  expect(wrong).toEqual([]);
  const homeOnly = ['rotate-kek:finishSecret', 'rewrap-deks', 'rotation-worker', 'sweep', 'bootstrap'];
  const writers = ['encrypt', 'decrypt', 'rewrap', 'credentials', 'rotations', 'audit'];
  expect([...new Set(written.map(({ by }) => by))].sort()).toEqual(
    [
      ...homeOnly.map((name) => signer(name, HOME)),
      ...[HOME, REPLICA].flatMap((region) => writers.map((name) => signer(name, region))),
    ].sort(),
  );
});

test('a keyset is made with the configured grace period, and an old KEK rotated by the configured interval', async () => {
  const made = wired.aws.calls.find(
    ({ by, verb, target }) => by === signer('bootstrap', HOME) && verb === 'writes' && target === 'keysets',
  )!;
  expect(made.body).toMatchObject({
    Item: { rotation_policy: { M: { grace_period_days: { N: String(GRACE_DAYS) } } } },
  });
  // Not yet, says the sweep of the test before: five days more than the interval are usual.
  wired.aheadMs += (KEK_INTERVAL_DAYS + 2) * DAY_MS;
  const mark = wired.aws.calls.length;
  await wired.invoke('sweep', HOME, { keyward: 'sweep' });
  await wired.secrets.service.rotations.settled();
  expect(describeCalls(wired.callsSince(mark, signer('sweep', HOME)))).toContain(`rotates kek ${HOME}`);
});

describe('what the alarms watch is what the functions write', () => {
  const notes: Notes = { provider: 'anthropic', token: '', rotation: '' };
  const rows = [
    ...apiRows(configuredHere(HOME, HOME, REGIONS.slice(1))),
    ...operationsRows(configuredHere(HOME, HOME, REGIONS.slice(1))),
  ].filter(({ namespace }) => namespace === 'Keyward');
  const downFor = (target: string, region: string) => {
    wired.aws.fault = (call) => (call.target === target && call.region === region ? 'error' : undefined);
  };
  afterEach(() => {
    wired.aws.fault = () => undefined;
  });

  test(
    'a region that proves nothing, a replica that lags, a round and a deployment that fail',
    async () => {
      const oldToken = String((await serve(actNamed('encrypt'), HOME, notes)).body['ciphertext']);
      downFor('prove-keyset', REPLICA);
      expect(await serve(actNamed('rotate, emergency'), HOME, notes)).toMatchObject({ status: 202 });
      wired.secrets.service.replication.setLag(REPLICA, Infinity);
      wired.sqs.bodies.length = 0;
      await wired.rotateKek();
      const message = wired.sqs.bodies.find((body) => body.includes('kek_id'))!;
      const lagging = await wired.invoke('rewrap-deks', HOME, sqsEvent([message]));
      expect(lagging).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] });
      wired.secrets.service.replication.release(REPLICA);
      downFor('keysets', HOME);
      await expect(wired.invoke('sweep', HOME, { keyward: 'sweep' })).rejects.toThrow('not done');
      const created = { RequestType: 'Create', ResourceProperties: { ServiceToken: 'x' } };
      await expect(wired.invoke('bootstrap', HOME, created)).rejects.toThrow('no usable keyset');
      wired.aws.fault = () => undefined;
      notes.token = oldToken;
      // An emergency retires at once: it says who still comes with the old version.
      expect(await serve(actNamed('decrypt'), HOME, notes)).toMatchObject({ status: 409 });
      await wired.damageKeyset('google');
      await wired.invoke('sweep', HOME, { keyward: 'sweep' }).catch(() => undefined);
      await wired.replaceKek('{"schema":1}');
      // A region that still has the last good one is used.
      await serve(actNamed('encrypt'), HOME, notes);
    },
    LONG_MS,
  );

  test('under this namespace, with this one dimension, each by its name', () => {
    const lines = emfLines(wired.output);
    for (const {
      _aws: { CloudWatchMetrics: described },
      service,
    } of lines) {
      expect(described).toMatchObject([{ Namespace: 'Keyward', Dimensions: [['service']] }]);
      expect({ service }).toEqual(rows[0]!.of[0]);
    }
    const written = new Set(
      lines.flatMap(({ _aws }) => _aws.CloudWatchMetrics.flatMap((each) => each.Metrics.map(({ Name }) => Name))),
    );
    // Rarer than what a test of this size can bring about; the unit tests of the use cases count them.
    const rare = ['keyset_lagging', 'kek_rotation_abandoned', 'rekey_failed', 'version_referenced'];
    const watched = rows.map(({ metric }) => metric);
    expect(watched.filter((metric) => !written.has(metric)).sort()).toEqual(rare.sort());
  });

  test('ages are in the unit that the thresholds are in', () => {
    const values = (name: string) =>
      emfLines(wired.output)
        .flatMap((line) => line[name] ?? [])
        .map(Number);
    const days = wired.aheadMs / DAY_MS;
    expect(Math.max(...values('dek_age_days'))).toBeLessThanOrEqual(days + 1);
    expect(Math.max(...values('kek_age_days'))).toBeGreaterThan(KEK_INTERVAL_DAYS + 5);
    expect(Math.max(...values('kek_age_days'))).toBeLessThanOrEqual(days + 1);
    const hours = values('dek_rotation_age_hours');
    expect(Math.max(...hours)).toBeGreaterThan(24 * GRACE_DAYS);
    expect(Math.max(...hours)).toBeLessThanOrEqual(24 * days + 1);
  });
});
