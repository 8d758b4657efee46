import { COMMANDS } from '../../../cli/commands';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import { renderReply } from '../../../cli/io/print';
import { scheduleDestruction } from '../../../cli/commands/schedule-destruction';
import { parseArguments } from '../../../cli/parse-arguments';
import { setPolicy } from '../../../cli/commands/set-policy';
import { showDekRotation, watchDekRotation } from '../../../cli/commands/show-dek-rotation';
import { CliStage, ROTATION_ID, dekRotationReply } from '../../doubles/cli-stage';

const settings = { json: false, isTerminal: false };
const shownBy = async (words: string, reply: Readonly<Record<string, unknown>>): Promise<string> => {
  const command = COMMANDS.find((each) => each.words.join(' ') === words);
  if (command === undefined || 'work' in command) throw new Error('is no single call');
  const shown = await command.shown([], {});
  if (shown.kind === 'list') throw new Error('is a list');
  return renderReply(reply, shown, settings);
};

describe('rotation show and watch', () => {
  const completed = dekRotationReply({ status: 'completed', ended_at: '2026-11-21T01:00:00.000Z' });
  const byId = { method: 'GET', path: `/v1/providers/openai/rotations/${ROTATION_ID}` };
  const newest = { method: 'GET', path: '/v1/providers/openai/rotations', query: { limit: '1' } };

  test('by id, and the latest', async () => {
    const stage = new CliStage([completed, { rotations: [dekRotationReply()] }, completed]);
    await showDekRotation(stage.session, ['openai', ROTATION_ID]);
    await showDekRotation(stage.session, ['openai', 'latest']);
    expect(stage.calls).toEqual([byId, newest, byId]);
  });

  test.each([
    ['watch', watchDekRotation],
    ['show', showDekRotation],
  ])('%s takes the latest where none is named', async (word, work) => {
    expect(parseArguments(['rotation', word, 'openai'])).toMatchObject({ kind: 'command', parameters: ['openai'] });
    const stage = new CliStage([{ rotations: [dekRotationReply()] }, completed, completed]);
    await work(stage.session, ['openai']);
    await work(stage.session, ['openai', ROTATION_ID]);
    expect(stage.calls).toEqual([newest, byId, byId]);
  });

  test('the latest is damaged, which is not the same as never', async () => {
    const stage = new CliStage([
      { rotations: [], damaged: [ROTATION_ID] },
      new CliError(EXIT.unavailable, 'rotation_damaged', 'is'),
    ]);
    await expect(showDekRotation(stage.session, ['openai', 'latest'])).rejects.toMatchObject({
      code: 'rotation_damaged',
    });
    expect(stage.calls).toEqual([newest, byId]);
  });

  test.each([[{ rotations: [] }], [{}]])('there has never been one: %j', async (reply) => {
    const stage = new CliStage([reply]);
    await expect(showDekRotation(stage.session, ['openai', 'latest'])).rejects.toMatchObject({ exitCode: 4 });
  });

  test('regions, and those that an emergency did not wait for', async () => {
    const at = '2026-11-21T00:01:00.000Z';
    const regions = [
      { region: 'us-east-1', proved_at: at, acknowledged_at: at },
      { region: 'eu-west-1', proved_at: null, acknowledged_at: null },
    ];
    const text = await shownBy(
      'rotation abort',
      dekRotationReply({ emergency: true, regions, unproved_regions: ['eu-west-1'] }),
    );
    expect(text).toMatch(/emergency +yes\n/);
    expect(text).toMatch(new RegExp(`region +us-east-1: proved it ${at}, acknowledged it ${at}\n`));
    expect(text).toMatch(/region +eu-west-1: has not proved the version\n/);
    expect(text).toMatch(/promoted_without +eu-west-1\n/);
    expect(text).not.toContain('emergency_');
  });

  test('who made it an emergency, when and why, beside the reason of the rotation', async () => {
    const takeover = { by: 'arn:aws:iam::000000000000:user/on-call', at: '2026-11-21T00:00:30.000Z', reason: 'leaked' };
    const text = await shownBy('rotation abort', dekRotationReply({ emergency: true, reason: 'yearly', takeover }));
    expect(text).toMatch(/reason +yearly\n/);
    expect(text).toMatch(
      /emergency_by +arn:aws:iam::000000000000:user\/on-call\nemergency_at +2026-11-21T00:00:30.000Z\n/,
    );
    expect(text).toMatch(/emergency_reason +leaked\n/);
    const without = dekRotationReply({ takeover: { ...takeover, reason: null } });
    expect(await shownBy('rotation abort', without)).toMatch(/emergency_reason +-\n/);
    expect(await shownBy('rotation abort', dekRotationReply({ takeover: null }))).not.toContain('emergency_');
  });
});

describe('policy', () => {
  const policy = {
    enabled: true,
    interval_days: 90,
    grace_period_days: 7,
    next_rotation_at: 'later',
    last_rotation_at: null,
  };
  const path = '/v1/providers/openai/rotation-policy';

  test('set changes what is named, and shows both', async () => {
    const after = { ...policy, interval_days: 30, next_rotation_at: 'sooner' };
    const stage = new CliStage([
      { provider: 'openai', rotation_policy: policy },
      { provider: 'openai', rotation_policy: after },
    ]);
    await setPolicy(stage.session, ['openai'], { interval: '30' });
    expect(stage.calls).toEqual([
      { method: 'GET', path },
      { method: 'PUT', path, body: { enabled: true, interval_days: 30, grace_period_days: 7 } },
    ]);
    expect(stage.stdout.text).toBe(
      [
        'enabled            true',
        'interval_days      90 -> 30',
        'grace_period_days  7',
        'next_rotation_at   later -> sooner',
        'last_rotation_at   -',
        '',
      ].join('\n'),
    );
  });

  test('set as JSON', async () => {
    const after = { ...policy, enabled: false };
    const stage = new CliStage([{ rotation_policy: policy }, { rotation_policy: after }], { json: true });
    await setPolicy(stage.session, ['openai'], { disable: true, grace: '0' });
    expect(stage.calls[1]?.body).toEqual({ enabled: false, interval_days: 90, grace_period_days: 0 });
    expect(JSON.parse(stage.stdout.text)).toEqual({ provider: 'openai', before: policy, after });
  });

  test.each([
    [{}, 'nothing to change'],
    [{ enable: true, disable: true }, 'only one of'],
    [{ grace: '-1' }, '--grace: must be 0 to 90'],
    [{ grace: '91' }, '--grace'],
    [{ grace: '7.5' }, '--grace'],
  ])('set refuses %j before it asks', async (options, part) => {
    const stage = new CliStage([]);
    await expect(setPolicy(stage.session, ['openai'], options)).rejects.toMatchObject({
      exitCode: 2,
      detail: expect.stringContaining(part),
    });
  });

  test('what is no policy is not written back', async () => {
    const stage = new CliStage([{ rotation_policy: { enabled: 'yes' } }]);
    await expect(setPolicy(stage.session, ['openai'], { enable: true })).rejects.toMatchObject({ exitCode: 1 });
    expect(stage.calls).toHaveLength(1);
  });

  test('show', async () => {
    expect(await shownBy('policy show', { provider: 'openai', rotation_policy: policy })).toMatch(
      /^provider +openai\nenabled +true\ninterval_days +90\n/,
    );
  });
});

describe('version', () => {
  test('callers, those with most uses first, and whether that is all', async () => {
    const reply = {
      version: 1,
      state: 'decrypt_only',
      callers: [{ user_id: 'arn:aws:iam::0:user/a\u001b[2J', uses: 12, last_used_at: 'today' }],
      complete: false,
    };
    expect(await shownBy('version callers', reply)).toBe(
      [
        'version   1',
        'state     decrypt_only',
        'complete  no: the log is longer than one call reads; name a later --from',
        'caller    arn:aws:iam::0:user/a?[2J: 12 uses, last today',
        '',
      ].join('\n'),
    );
    expect(await shownBy('version callers', { ...reply, callers: [], complete: true })).toMatch(/complete +yes\n$/);
    const once = { user_id: 'a', uses: 1, last_used_at: 'today' };
    expect(await shownBy('version callers', { ...reply, callers: [once] })).toMatch(/a: 1 use, last today\n$/);
  });

  test('schedule-destruction, once it is confirmed', async () => {
    const stage = new CliStage([{ provider: 'openai', version: 1, state: 'rewrap_only' }], { isTerminal: true });
    const done = scheduleDestruction(stage.session, ['openai', '1'], { window: '30', reason: 'no longer needed' });
    await stage.typeAtQuestion(done, 'openai\r');
    expect(stage.stderr.text).toContain("Version 1 of openai's key will be destroyed 30 days from now at the earliest");
    expect(stage.calls).toEqual([
      {
        method: 'POST',
        path: '/v1/providers/openai/versions/1/schedule-destruction',
        body: { pending_window_days: 30, reason: 'no longer needed' },
      },
    ]);
    expect(stage.stdout.text).toMatch(/state +rewrap_only\n/);
  });

  test.each([
    [{ yes: true, window: '6' }, '--window: must be 7 to 30'],
    [{ yes: true, window: '31' }, '--window'],
    [{ yes: true, window: '' }, '--window'],
    [{ window: '7', reason: 'x'.repeat(201) }, '--reason: must be 1 to 200 printable characters'],
    [{ window: '7' }, 'give --yes where there is no terminal'],
  ])('schedule-destruction refuses %j', async (options, part) => {
    const stage = new CliStage([]);
    await expect(scheduleDestruction(stage.session, ['openai', '1'], options)).rejects.toMatchObject({
      exitCode: 2,
      detail: expect.stringContaining(part),
    });
  });
});
