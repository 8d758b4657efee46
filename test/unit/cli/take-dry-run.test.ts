import { CliError, EXIT } from '../../../cli/io/cli-error';
import { rotate } from '../../../cli/commands/rotate';
import { CliStage } from '../../doubles/cli-stage';
import { screenOf } from '../../doubles/terminal-screen';
import type { JsonObject } from '../../../cli/client/json-object';

/** PUBLISH_MS and SETTLE_MS in seconds. */
const WAITING = 202;
const part = (members: JsonObject = {}): JsonObject => ({
  provider: 'openai',
  dry_run: true,
  from_version: 2,
  to_version: 3,
  credentials: 1_000,
  by_version: [{ key_version: 2, credentials: 1_000 }],
  undecryptable: [],
  would_move: 1_000,
  estimated_seconds: WAITING + 3,
  ...members,
});
const dryRun = (stage: CliStage) => rotate(stage.session, ['openai'], { 'dry-run': true });

test('all parts together, with the waiting counted once', async () => {
  const stage = new CliStage(
    [
      part({ next_cursor: 'b' }),
      part({
        by_version: [
          { key_version: 1, credentials: 400 },
          { key_version: 2, credentials: 600 },
        ],
        next_cursor: 'c',
      }),
      part({
        credentials: 5,
        by_version: [{ key_version: 1, credentials: 5 }],
        would_move: 5,
        estimated_seconds: WAITING + 1,
      }),
    ],
    { json: true },
  );
  await dryRun(stage);
  expect(stage.calls.map(({ path, body }) => [path, body])).toEqual([
    ['/v1/providers/openai/rotate', { dry_run: true }],
    ['/v1/providers/openai/rotate', { dry_run: true, cursor: 'b' }],
    ['/v1/providers/openai/rotate', { dry_run: true, cursor: 'c' }],
  ]);
  expect(JSON.parse(stage.stdout.text)).toEqual({
    ...part(),
    credentials: 2_005,
    by_version: [
      { key_version: 1, credentials: 405 },
      { key_version: 2, credentials: 1_600 },
    ],
    would_move: 2_005,
    estimated_seconds: WAITING + 3 + 3 + 1,
  });
});

test('for a person, with a line that counts', async () => {
  const stage = new CliStage([part({ next_cursor: 'b' }), part({ running_rotation_id: 'abc' })], { isTerminal: true });
  await dryRun(stage);
  expect(stage.stderr.text).toContain('openai counting  1,000 credentials');
  expect(screenOf(stage.stderr.text, 80)).toEqual([]);
  expect(stage.stdout.text).toBe(
    [
      'provider      openai',
      'version       2, would be followed by 3',
      'credentials   2000',
      'on_version_2  2000',
      'would_move    2000',
      'estimate      3 min 28 s',
      'running       abc: another rotation would be refused',
      '',
    ].join('\n'),
  );
});

test('what does not decrypt is named, shown as text alone, and ends with 7', async () => {
  const stage = new CliStage([
    part({ undecryptable: ['one'], next_cursor: 'b' }),
    part({ undecryptable: ['two\u001b[2J'] }),
  ]);
  await expect(dryRun(stage)).rejects.toMatchObject({
    exitCode: 7,
    code: 'undecryptable',
    detail: '2 credentials do not decrypt; they are named above',
  });
  expect(stage.stdout.text).toMatch(/does_not_decrypt +one\ndoes_not_decrypt +two\?\[2J\n$/);
  expect(stage.stderr.text).toMatch(/^keyward: counting: 1,000 credentials, 1 does not decrypt\n$/);
});

test('one alone is spoken of as one', async () => {
  await expect(dryRun(new CliStage([part({ undecryptable: ['one'] })]))).rejects.toMatchObject({
    detail: '1 credential does not decrypt; it is named above',
  });
});

describe('previous values, as a service that keeps them tells of them', () => {
  const kept = (version: number, previous: number, lost: readonly string[] = []): JsonObject =>
    part({
      by_version: [{ key_version: version, credentials: 1_000, previous_values: previous }],
      previous_values: previous,
      undecryptable_previous: lost,
    });

  test('are added up, and shown beside the credentials of each version', async () => {
    const stage = new CliStage([{ ...kept(1, 2), next_cursor: 'b' }, { ...kept(2, 3), next_cursor: 'c' }, kept(2, 0)], {
      json: true,
    });
    await dryRun(stage);
    expect(JSON.parse(stage.stdout.text)).toMatchObject({
      credentials: 3_000,
      previous_values: 5,
      by_version: [
        { key_version: 1, credentials: 1_000, previous_values: 2 },
        { key_version: 2, credentials: 2_000, previous_values: 3 },
      ],
      undecryptable_previous: [],
    });
    const shown = new CliStage([{ ...kept(1, 2), next_cursor: 'b' }, kept(2, 0)]);
    await dryRun(shown);
    expect(shown.stdout.text).toMatch(/previous_values +2\non_version_1 +1000 and 2 previous\non_version_2 +1000\n/);
    expect(shown.stderr.text).toBe('keyward: counting: 1,000 credentials, 2 previous values\n');
  });

  test('that do not decrypt are named apart, and end with 7', async () => {
    const stage = new CliStage([{ ...kept(1, 2, ['one']), next_cursor: 'b' }, kept(2, 1, ['two'])]);
    await expect(dryRun(stage)).rejects.toMatchObject({
      exitCode: 7,
      detail: '2 stored keys do not decrypt; they are named above',
    });
    expect(stage.stdout.text).toMatch(/previous_does_not_decrypt +one\nprevious_does_not_decrypt +two\n$/);
    expect(stage.stderr.text).toContain('2 previous values, 1 does not decrypt');
  });

  test('are not spoken of where the service does not', async () => {
    const stage = new CliStage([part()]);
    await dryRun(stage);
    expect(stage.stdout.text).not.toContain('previous');
  });
});

test('a part is asked for again where the service is busy', async () => {
  const busy = new CliError(EXIT.unavailable, 'audit_unavailable', 'try again', 'r', { retryAfterSeconds: 1 });
  const stage = new CliStage([part({ next_cursor: 'b' }), busy, part()]);
  await dryRun(stage);
  expect(stage.stdout.text).toMatch(/credentials +2000\n/);
});

test('does not go in circles, nor on from what is none', async () => {
  await expect(dryRun(new CliStage(() => part({ next_cursor: 'b' })))).rejects.toMatchObject({
    code: 'unexpected_reply',
  });
  await expect(dryRun(new CliStage([{ provider: 'openai' }]))).rejects.toMatchObject({ code: 'unexpected_reply' });
});

test.each(['emergency', 'no-wait', 'reason', 'idempotency-key'] as const)('takes no --%s', async (name) => {
  const stage = new CliStage([]);
  const options = { 'dry-run': true, [name]: name === 'reason' || name === 'idempotency-key' ? 'x' : true };
  await expect(rotate(stage.session, ['openai'], options)).rejects.toMatchObject({ exitCode: 2 });
});
