import type { ErrorCode } from '../../../lambdas/core/contract/problems';
import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { KeysetView } from '../../../lambdas/core/keysets/show-keysets';
import type { DekRotationView } from '../../../lambdas/core/dek-rotation/show-dek-rotations';
import { EXAMPLES } from './examples';
import { bodyOf, DRY_RUN, testApi } from './test-api';
import { USER_ARN } from './proxy-event-of';

const openai = '/v1/providers/openai';
const view = EXAMPLES.describeRotation.reply as DekRotationView;
const { rotation_policy: policy } = EXAMPLES.describeKeyset.reply as KeysetView;
const ID = view.rotation_id;
const CANARY = 'sk-example-canary-not-a-real-key';

const failing = (code: ErrorCode) => () => Promise.reject(new KeywardError(code, 'one sentence'));

describe('the rotation policy', () => {
  const path = `${openai}/rotation-policy`;

  it('is shown and set', async () => {
    const changePolicy = jest.fn(async () => policy);
    const { call } = testApi({ changePolicy });
    const change = { enabled: false, interval_days: 30, grace_period_days: 30 };
    const shown = { provider: 'openai', rotation_policy: policy };
    expect(bodyOf(await call('rotations', { path }))).toStrictEqual(shown);
    expect(bodyOf(await call('rotations', { method: 'PUT', path, body: change }))).toStrictEqual(shown);
    expect(changePolicy).toHaveBeenCalledWith(expect.objectContaining({ user_id: USER_ARN }), {
      provider: 'openai',
      ...change,
    });
  });

  it.each<[string, object, string]>([
    ['interval', { interval_days: 45 }, 'interval_days: must be one of 30, 60, 90'],
    ['interval as text', { interval_days: '90' }, 'interval_days: must be one of 30, 60, 90'],
    ['missing interval', { interval_days: undefined }, 'interval_days: must be one of 30, 60, 90'],
    ['negative grace', { grace_period_days: -1 }, 'grace_period_days: must be at least 0'],
    ['grace with a fraction', { grace_period_days: 1.5 }, 'grace_period_days: must be a whole number'],
    ['grace as text', { grace_period_days: CANARY }, 'grace_period_days: must be a number'],
    ['enabled as text', { enabled: CANARY }, 'enabled: must be true or false'],
    ['member that is not one', { next_rotation_at: CANARY }, 'body: unknown members are not allowed'],
  ])('with a wrong %s is refused', async (_, wrong, detail) => {
    const body = { enabled: true, interval_days: 90, grace_period_days: 7, ...wrong };
    const { call, log } = testApi();
    const reply = await call('rotations', { method: 'PUT', path, body });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([400, detail]);
    expect(reply.body + JSON.stringify(log)).not.toContain(CANARY);
  });
});

describe('rotate', () => {
  const request = { method: 'POST', path: `${openai}/rotate` };

  it('starts one, and answers 202 with how it stands then', async () => {
    const steps: string[] = [];
    const promoted: DekRotationView = { ...view, emergency: true, promoted_at: '2026-11-21T12:00:00.000Z' };
    const rotate = jest.fn(async () => {
      steps.push('rotate');
      return { kind: 'started', rotation_id: ID } as const;
    });
    const describeRotation = jest.fn(async () => {
      steps.push('describe');
      return promoted;
    });
    const { call } = testApi({ rotate, describeRotation });
    const body = { emergency: true, reason: 'leaked: “über” Nacht 🔑' };
    const headers = { 'idempotency-key': 'a key of ~ours' };
    const reply = await call('rotations', { ...request, body, headers });
    expect([reply.statusCode, bodyOf(reply)]).toStrictEqual([202, promoted]);
    expect(steps).toStrictEqual(['rotate', 'describe']);
    expect(rotate).toHaveBeenCalledWith(expect.objectContaining({ user_id: USER_ARN }), {
      provider: 'openai',
      emergency: true,
      reason: body.reason,
      idempotency_key: 'a key of ~ours',
    });
    expect(describeRotation).toHaveBeenCalledWith({ provider: 'openai', rotation_id: ID });
  });

  it('needs nothing but an empty object', async () => {
    const rotate = jest.fn(async () => ({ kind: 'started', rotation_id: ID }) as const);
    const { call } = testApi({ rotate });
    expect((await call('rotations', { ...request, body: {} })).statusCode).toBe(202);
    expect(rotate).toHaveBeenCalledWith(expect.anything(), { provider: 'openai', emergency: false });
  });

  it('while one runs is 409 with its id', async () => {
    const { call } = testApi({ rotate: async () => ({ kind: 'running', rotation_id: ID }) });
    const reply = await call('rotations', { ...request, body: {} });
    expect(reply.headers?.['content-type']).toBe('application/problem+json');
    expect(bodyOf(reply)).toMatchObject({ status: 409, code: 'rotation_running', rotation_id: ID });
  });

  it('of a provider that is not configured is 404', async () => {
    const rotate = jest.fn();
    const reply = await testApi({ rotate }).call('rotations', {
      method: 'POST',
      path: '/v1/providers/google/rotate',
      body: {},
    });
    expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([404, 'provider_not_found']);
    expect(rotate).not.toHaveBeenCalled();
  });

  it('as a dry run counts, part by part, and starts nothing', async () => {
    const rotate = jest.fn();
    const dryRun = jest
      .fn(async () => DRY_RUN)
      .mockResolvedValueOnce({ ...DRY_RUN, next: { shard: 3, after: 'last-one' } })
      .mockResolvedValueOnce({ ...DRY_RUN, next: { shard: 4 } });
    const { call } = testApi({ rotate, dryRun });
    const ask = async (more: object) => {
      const reply = await call('rotations', { ...request, body: { dry_run: true, ...more } });
      expect(reply.statusCode).toBe(200);
      return bodyOf(reply);
    };
    const first = await ask({ reason: 'before the audit' });
    expect(first).toStrictEqual({ ...DRY_RUN, next_cursor: expect.any(String) as string });
    const second = await ask({ cursor: first['next_cursor'] });
    expect(await ask({ cursor: second['next_cursor'] })).toStrictEqual({ ...DRY_RUN });
    expect(dryRun.mock.calls.map((call) => (call as unknown[])[1])).toStrictEqual([
      { provider: 'openai', reason: 'before the audit' },
      { provider: 'openai', from: { shard: 3, after: 'last-one' } },
      { provider: 'openai', from: { shard: 4 } },
    ]);
    expect(rotate).not.toHaveBeenCalled();
  });

  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each<[string, unknown, string]>([
    ['a dry run that is text', { dry_run: 'true' }, 'dry_run: must be true or false'],
    ['an emergency that is a number', { emergency: 1 }, 'emergency: must be true or false'],
    ['no reason', { reason: '' }, 'reason: must not be empty'],
    ['a long reason', { reason: 'x'.repeat(201) }, 'reason: must have at most 200 characters'],
    ['a line in the reason', { reason: `${CANARY}\n` }, 'reason: must have only printable characters'],
    ['a turn in the reason', { reason: `${CANARY}\u202e` }, 'reason: must have only printable characters'],
    ['a reason that is none', { reason: 7 }, 'reason: must be a string'],
    ['a key in the reason', { reason: `leaked: ${CANARY}` }, 'reason: must not hold an API key'],
    ['a cursor of no dry run', { cursor: encode({ shard: 1 }) }, 'cursor: is allowed for a dry run alone'],
    ['a cursor of nothing', { dry_run: true, cursor: '' }, 'cursor: must not be empty'],
    [
      'a cursor of another call',
      { dry_run: true, cursor: encode({ after: 'x' }) },
      'cursor: does not belong to this query',
    ],
    [
      'a cursor before the first shard',
      { dry_run: true, cursor: encode({ shard: -1 }) },
      'cursor: does not belong to this query',
    ],
    [
      'a cursor after no name',
      { dry_run: true, cursor: encode({ shard: 1, after: '-' }) },
      'cursor: does not belong to this query',
    ],
    ['more', { [CANARY]: true }, 'body: unknown members are not allowed'],
  ])('with %s is refused', async (_, body, detail) => {
    const { call, log } = testApi();
    const reply = await call('rotations', { ...request, body });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([400, detail]);
    expect(reply.body + JSON.stringify(log)).not.toContain(CANARY);
  });

  it('with two of them is refused; another call leaves it unread', async () => {
    const headers = { 'Idempotency-Key': 'a', 'idempotency-key': 'b' };
    const reply = await testApi().call('rotations', { ...request, body: {}, headers });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([
      400,
      'Idempotency-Key: must occur at most once',
    ]);
    expect((await testApi().call('rotations', { path: `${openai}/rotations`, headers })).statusCode).toBe(200);
  });
});

describe('rotations', () => {
  const path = `${openai}/rotations`;

  it('are listed page by page', async () => {
    const listRotations = jest
      .fn(async () => ({ rotations: [view] }))
      .mockResolvedValueOnce({ rotations: [view], next: ID } as never);
    const { call } = testApi({ listRotations });
    const first = bodyOf(await call('rotations', { path, query: { limit: '1' } }));
    expect(first).toStrictEqual({ rotations: [view], next_cursor: expect.any(String) as string });
    const query = { cursor: String(first['next_cursor']) };
    expect(bodyOf(await call('rotations', { path, query }))).toStrictEqual({ rotations: [view] });
    expect(listRotations.mock.calls).toStrictEqual([
      [{ provider: 'openai', limit: 1 }],
      [{ provider: 'openai', limit: 50, before: ID }],
    ]);
  });

  it('whose reports somebody has edited are named beside the others', async () => {
    const { call } = testApi({ listRotations: async () => ({ rotations: [view], damaged: [ID] }) });
    expect(bodyOf(await call('rotations', { path }))).toStrictEqual({ rotations: [view], damaged: [ID] });
  });

  it.each<[Record<string, string>, string]>([
    [{ limit: '51' }, 'limit: must be 1 to 50'],
    [{ cursor: Buffer.from('{"before":"x"}').toString('base64url') }, 'cursor: does not belong to this query'],
    [{ phase: 'x' }, 'query: unknown parameters are not allowed'],
  ])('with %j are refused', async (query, detail) => {
    const reply = await testApi().call('rotations', { path, query });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([400, detail]);
  });

  it('are shown one by one, and not where there is none', async () => {
    const describeRotation = jest.fn(async () => view);
    const found = await testApi({ describeRotation }).call('rotations', { path: `${path}/${ID}` });
    expect(bodyOf(found)).toStrictEqual(view);
    expect(describeRotation).toHaveBeenCalledWith({ provider: 'openai', rotation_id: ID });
    const { call } = testApi({ describeRotation: failing('rotation_not_found') });
    expect((await call('rotations', { path: `${path}/${ID}` })).statusCode).toBe(404);
  });

  it('are aborted, unless it is too late', async () => {
    const abortRotation = jest.fn(async () => undefined);
    const request = { method: 'POST', path: `${path}/${ID}/abort` };
    expect(bodyOf(await testApi({ abortRotation }).call('rotations', request))).toStrictEqual(view);
    expect(abortRotation).toHaveBeenCalledWith(expect.objectContaining({ user_id: USER_ARN }), {
      provider: 'openai',
      rotation_id: ID,
    });
    await testApi({ abortRotation }).call('rotations', { ...request, body: { reason: 'a region is down' } });
    expect(abortRotation).toHaveBeenLastCalledWith(expect.anything(), {
      provider: 'openai',
      rotation_id: ID,
      reason: 'a region is down',
    });
    const late = await testApi({ abortRotation: failing('rotation_state') }).call('rotations', request);
    expect([late.statusCode, bodyOf(late)['code']]).toStrictEqual([409, 'rotation_state']);
  });
});

describe('the destruction of a version', () => {
  const request = { method: 'POST', path: `${openai}/versions/2/schedule-destruction` };
  const scheduled = EXAMPLES.scheduleDestruction.reply as never;
  const kept = EXAMPLES.cancelDestruction.reply as never;

  it('is scheduled and cancelled', async () => {
    const scheduleDestruction = jest.fn(async () => undefined);
    const cancelDestruction = jest.fn(async () => undefined);
    const describeVersion = jest.fn(async () => kept).mockResolvedValueOnce(scheduled);
    const { call } = testApi({ scheduleDestruction, cancelDestruction, describeVersion });
    const asked = await call('rotations', { ...request, body: { pending_window_days: 14 } });
    expect([asked.statusCode, bodyOf(asked)]).toStrictEqual([200, scheduled]);
    const cancelled = await call('rotations', { method: 'POST', path: `${openai}/versions/2/cancel-destruction` });
    expect([cancelled.statusCode, bodyOf(cancelled)]).toStrictEqual([200, kept]);
    const who = expect.objectContaining({ user_id: USER_ARN }) as object;
    const which = { provider: 'openai', version: 2 };
    expect(scheduleDestruction).toHaveBeenCalledWith(who, { ...which, windowDays: 14 });
    expect(cancelDestruction).toHaveBeenCalledWith(who, which);
    expect(describeVersion.mock.calls).toStrictEqual([[which], [which]]);
    const reason = 'an archive still needs it';
    await call('rotations', { ...request, body: { pending_window_days: 14, reason } });
    await call('rotations', { method: 'POST', path: `${openai}/versions/2/cancel-destruction`, body: { reason } });
    expect(scheduleDestruction).toHaveBeenLastCalledWith(who, { ...which, windowDays: 14, reason });
    expect(cancelDestruction).toHaveBeenLastCalledWith(who, { ...which, reason });
  });

  it.each<[unknown, string]>([
    [6, 'pending_window_days: must be at least 7'],
    [31, 'pending_window_days: must be at most 30'],
    [7.5, 'pending_window_days: must be a whole number'],
    ['7', 'pending_window_days: must be a number'],
    [undefined, 'pending_window_days: must be a number'],
  ])('with a window of %p is refused', async (days, detail) => {
    const reply = await testApi().call('rotations', { ...request, body: { pending_window_days: days } });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([400, detail]);
  });

  it.each<[ErrorCode, number]>([
    ['key_version_referenced', 409],
    ['key_version_state', 409],
    ['invalid_request', 400],
  ])('that is refused with %s is %d', async (code, status) => {
    const { call } = testApi({ scheduleDestruction: failing(code) });
    const reply = await call('rotations', { ...request, body: { pending_window_days: 7 } });
    expect([reply.statusCode, bodyOf(reply)['code']]).toStrictEqual([status, code]);
  });
});

describe('the callers of a version', () => {
  const path = `${openai}/versions/2/callers`;
  const callers = EXAMPLES.listVersionCallers.reply as never;

  it('are listed, from a time on', async () => {
    const listVersionCallers = jest.fn(async () => callers);
    const { call } = testApi({ listVersionCallers });
    expect(bodyOf(await call('audit', { path }))).toStrictEqual(callers);
    for (const from of ['2026-11-21T00:00:00Z', '2026-11-21', '2026-11-21T01:00:00.0004+01:00'])
      await call('audit', { path, query: { from } });
    const which = { provider: 'openai', version: 2 };
    const who = expect.objectContaining({ user_id: 'arn:aws:iam::111122223333:user/tester' }) as unknown;
    const since = [who, { ...which, from: '2026-11-21T00:00:00.000Z' }];
    expect(listVersionCallers.mock.calls).toStrictEqual([[who, which], since, since, since]);
  });

  it.each<[Record<string, string>, string]>([
    [
      { from: 'yesterday' },
      'from: must be a time such as 2026-11-21T09:30:00Z or 2026-11-21T10:30:00+01:00, or a date such as 2026-11-21',
    ],
    [{ to: '2026-11-21T00:00:00Z' }, 'query: unknown parameters are not allowed'],
  ])('with %j are refused', async (query, detail) => {
    const reply = await testApi().call('audit', { path, query });
    expect([reply.statusCode, bodyOf(reply)['detail']]).toStrictEqual([400, detail]);
  });
});
