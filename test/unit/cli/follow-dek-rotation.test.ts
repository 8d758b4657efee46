import { CliError, EXIT } from '../../../cli/io/cli-error';
import { followDekRotation } from '../../../cli/commands/follow-dek-rotation';
import { cliFailureOf } from '../../doubles/cli-failure-of';
import { CliStage, ROTATION_ID, dekRotationReply } from '../../doubles/cli-stage';
import { screenOf } from '../../doubles/terminal-screen';

const NAME = { provider: 'openai', id: ROTATION_ID };
const ENDED = { ended_at: '2026-11-21T01:00:00.000Z' };
const completed = dekRotationReply({
  status: 'completed',
  ...ENDED,
  counts: { total: 9, moved: 9, shards_verified: 16 },
});
const rekeying = (moved: number) =>
  dekRotationReply({ status: 'rekeying', counts: { total: 1_000, moved }, moved_per_second: 10 });

const failureOf = (stage: CliStage): Promise<CliError> => cliFailureOf(followDekRotation(stage.session, NAME));
const noAnswer = new CliError(EXIT.unavailable, 'unreachable', 'the endpoint did not answer');

describe('in a pipe', () => {
  test('a line for each change, none for what only goes on, and the result on stdout', async () => {
    const stage = new CliStage([dekRotationReply(), dekRotationReply(), rekeying(10), rekeying(20), completed]);
    await followDekRotation(stage.session, NAME);
    expect(stage.stderr.text.split('\n').map((line) => line.slice(0, 40))).toEqual([
      'keyward: publishing: proved by 0 of 2 re',
      'keyward: rekeying: 10 of 1,000 values, 1',
      'keyward: completed: 16 of 16 shards veri',
      '',
    ]);
    expect(stage.stdout.text).toMatch(/^rotation_id +0193\w+\n[^]*status +completed\n[^]*moved +9\n/);
    expect(stage.calls[0]).toEqual({ method: 'GET', path: `/v1/providers/openai/rotations/${ROTATION_ID}` });
  });

  test('otherwise a line every 15 seconds', async () => {
    const views = Array.from({ length: 13 }, (_, index) => rekeying(index));
    const stage = new CliStage([...views, completed]);
    await followDekRotation(stage.session, NAME);
    const lines = stage.stderr.text.split('\n').filter((line) => line.includes('rekeying'));
    expect(stage.time.pauses).toEqual(views.map(() => 5_000));
    expect(lines.map((line) => / (\d+) of 1,000 /.exec(line)?.[1])).toEqual(['0', '3', '6', '9', '12']);
  });

  test('as JSON: the result as it came, and each line one object', async () => {
    const stage = new CliStage([dekRotationReply(), completed], { json: true, isTerminal: true });
    await followDekRotation(stage.session, NAME);
    expect(JSON.parse(stage.stdout.text)).toEqual(completed);
    const lines = stage.stderr.text.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { code: string }).code)).toEqual(['publishing', 'completed']);
  });
});

describe('on a terminal', () => {
  test.each([200, 80, 30, 8])('one line of %i columns, drawn over again and gone at the end', async (columns) => {
    const stage = new CliStage([dekRotationReply(), rekeying(10), rekeying(900), completed], {
      isTerminal: true,
      columns,
    });
    const seen: string[][] = [];
    stage.time.duringPause = () => seen.push(screenOf(stage.stderr.text, columns));
    await followDekRotation(stage.session, NAME);
    expect(seen.map((rows) => rows.length)).toEqual([1, 1, 1]);
    expect(seen.flat().map((row) => row.slice(0, 7))).toEqual(['openai ', 'openai ', 'openai ']);
    expect(screenOf(stage.stderr.text, columns)).toEqual([]);
  });

  test('a window that becomes narrower leaves nothing behind', async () => {
    const stage = new CliStage([dekRotationReply(), rekeying(10), completed], { isTerminal: true, columns: 100 });
    const seen: string[][] = [];
    stage.time.duringPause = () => {
      // From here on the terminal wraps the output.
      Object.assign(stage.stderr, { columns: 30 });
      seen.push(screenOf(stage.stderr.text, 30));
    };
    await followDekRotation(stage.session, NAME);
    expect(seen[0]!.length).toBeGreaterThan(1);
    expect(seen[1]).toHaveLength(1);
    expect(screenOf(stage.stderr.text, 30)).toEqual([]);
  });

  test('one that cannot redraw gets lines', async () => {
    const stage = new CliStage([dekRotationReply(), completed], { isTerminal: true, env: { TERM: 'dumb' } });
    await followDekRotation(stage.session, NAME);
    expect(stage.stderr.text).not.toMatch(/[\r\u001b]/);
    expect(stage.stderr.text).toMatch(/^keyward: publishing: .*\nkeyward: completed: .*\n$/);
  });
});

describe('how it ends', () => {
  test('with failures: exit code 7, and the names in the result', async () => {
    const counts = { total: 9, moved: 7, failed: 2 };
    const failed = dekRotationReply({ status: 'completed_with_failures', ...ENDED, counts, failures: ['one', 'two'] });
    const stage = new CliStage([failed]);
    expect(await failureOf(stage)).toMatchObject({
      exitCode: 7,
      code: 'completed_with_failures',
      detail: expect.stringMatching(/^2 credentials .* they are named above$/),
    });
    expect(stage.stdout.text).toMatch(/does_not_decrypt +one\ndoes_not_decrypt +two\n$/);
  });

  test('with one failure', async () => {
    const failed = { status: 'completed_with_failures', ...ENDED, counts: { failed: 1 }, failures: ['one'] };
    expect((await failureOf(new CliStage([dekRotationReply(failed)]))).detail).toBe(
      '1 credential does not decrypt and stays as it was, and so does the version before; it is named above',
    );
  });

  test('with previous values that do not decrypt, which are counted as keys and named apart', async () => {
    const failed = { status: 'completed_with_failures', ...ENDED, counts: { failed: 3 } };
    const named = { failures: ['one'], previous_failures: ['one', 'two'] };
    const stage = new CliStage([dekRotationReply({ ...failed, ...named })]);
    expect((await failureOf(stage)).detail).toBe(
      '3 stored keys do not decrypt and stay as they were, and so does the version before; they are named above',
    );
    expect(stage.stdout.text).toMatch(
      /does_not_decrypt +one\nprevious_does_not_decrypt +one\nprevious_does_not_decrypt +two\n$/,
    );
  });

  test('with more failures than are named', async () => {
    const failed = { status: 'completed_with_failures', ...ENDED, counts: { failed: 200 }, failures: ['one'] };
    expect((await failureOf(new CliStage([dekRotationReply(failed)]))).detail).toMatch(/the first 1 are named above$/);
  });

  test.each(['aborted', 'superseded'])('%s: exit code 8, with the result shown', async (status) => {
    const stage = new CliStage([dekRotationReply({ status, ...ENDED })]);
    expect(await failureOf(stage)).toMatchObject({ exitCode: 8, code: status });
    expect(stage.stdout.text).toContain(status);
  });

  test('by Ctrl-C: exit code 130, and how to look again', async () => {
    const stage = new CliStage([dekRotationReply(), dekRotationReply()], { isTerminal: true });
    stage.time.duringPause = () => {
      stage.time.interrupt();
    };
    expect(await failureOf(stage)).toMatchObject({
      exitCode: 130,
      code: 'interrupted',
      detail: expect.stringContaining(`keyward rotation watch openai ${ROTATION_ID}`),
    });
    expect(screenOf(stage.stderr.text, 80)).toEqual([]);
    expect(stage.stdout.text).toBe('');
  });
});

describe('while it follows', () => {
  test('a service that does not answer is asked again, as late as it says', async () => {
    const busy = new CliError(EXIT.unavailable, 'store_unavailable', 'try again', 'r', { retryAfterSeconds: 7 });
    const stage = new CliStage([rekeying(1), busy, noAnswer, noAnswer, rekeying(2), completed]);
    await followDekRotation(stage.session, NAME);
    expect(stage.time.pauses).toEqual([5_000, 7_000, 2_000, 4_000, 5_000]);
    expect(stage.stderr.text).toContain('keyward: unreachable: no answer; trying again\n');
  });

  test('but not for ever', async () => {
    const stage = new CliStage(() => noAnswer);
    const began = stage.time.now();
    expect(await failureOf(stage)).toMatchObject({
      exitCode: 6,
      code: 'unreachable',
      detail: expect.stringContaining('the rotation continues'),
    });
    expect(stage.time.now() - began).toBeGreaterThanOrEqual(300_000);
    expect(stage.time.now() - began).toBeLessThan(340_000);
  });

  test('credentials that have run out are looked for again, once', async () => {
    const refused = new CliError(EXIT.refused, 'http_403', 'the endpoint answered with status 403');
    const stage = new CliStage([rekeying(1), refused, rekeying(2), refused, completed]);
    await followDekRotation(stage.session, NAME);
    expect(stage.connections).toBe(3);
    const stranger = new CliStage([refused, refused]);
    expect(await failureOf(stranger)).toMatchObject({ exitCode: 3 });
    expect(stranger.calls).toHaveLength(2);
  });

  test('what is no rotation ends it', async () => {
    expect(await failureOf(new CliStage([{ status: 'completed' }]))).toMatchObject({ code: 'unexpected_reply' });
    expect(await failureOf(new CliStage([dekRotationReply({ rotation_id: '../x' })]))).toMatchObject({
      code: 'unexpected_reply',
    });
  });
});
