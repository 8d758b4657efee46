import { CliError, EXIT } from '../../../cli/io/cli-error';
import type { ApiCall } from '../../../cli/client/api-call';
import { rotate, type RotateOptions } from '../../../cli/commands/rotate';
import { cliFailureOf } from '../../doubles/cli-failure-of';
import { CliStage, ROTATION_ID, dekRotationReply } from '../../doubles/cli-stage';

const completed = dekRotationReply({ status: 'completed', ended_at: '2026-11-21T01:00:00.000Z' });
const busy = (seconds: number) =>
  new CliError(EXIT.unavailable, 'store_unavailable', 'try again', 'r-1', { retryAfterSeconds: seconds });
const noAnswer = new CliError(EXIT.unavailable, 'unreachable', 'the endpoint did not answer');
const keyOf = ({ headers }: ApiCall): string => headers?.['idempotency-key'] ?? '';

const failureOf = (stage: CliStage, options: RotateOptions = {}): Promise<CliError> =>
  cliFailureOf(rotate(stage.session, ['openai'], options));

test('starts a rotation with a fresh key and follows it', async () => {
  const stage = new CliStage([dekRotationReply(), dekRotationReply(), completed]);
  await rotate(stage.session, ['openai'], { reason: 'a test' });
  expect(stage.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
    'POST /v1/providers/openai/rotate',
    `GET /v1/providers/openai/rotations/${ROTATION_ID}`,
    `GET /v1/providers/openai/rotations/${ROTATION_ID}`,
  ]);
  expect(stage.calls[0]?.body).toEqual({ reason: 'a test' });
  expect(stage.stdout.text).toMatch(/status +completed\n/);
  const other = new CliStage([dekRotationReply(), completed]);
  await rotate(other.session, ['openai'], {});
  expect(keyOf(stage.calls[0]!)).toMatch(/^[0-9a-f-]{36}$/);
  expect(keyOf(other.calls[0]!)).not.toBe(keyOf(stage.calls[0]!));
});

test('--no-wait ends with what was started', async () => {
  const stage = new CliStage([dekRotationReply()]);
  await rotate(stage.session, ['openai'], { 'no-wait': true, 'idempotency-key': 'monday-run' });
  expect(stage.stdout.text).toMatch(/status +publishing\n/);
  expect(keyOf(stage.calls[0]!)).toBe('monday-run');
});

test('is sent again with the same key, as late as the service says', async () => {
  const stage = new CliStage([busy(3), noAnswer, busy(86_400), noAnswer, dekRotationReply(), completed]);
  await rotate(stage.session, ['openai'], {});
  const posts = stage.calls.filter(({ method }) => method === 'POST');
  expect(posts).toHaveLength(5);
  expect(new Set(posts.map(keyOf)).size).toBe(1);
  expect(stage.time.pauses).toEqual([3_000, 2_000, 30_000, 8_000]);
});

test('five attempts, then the key with which it can be repeated', async () => {
  const stage = new CliStage(() => noAnswer);
  const { exitCode, detail } = await failureOf(stage);
  expect([exitCode, stage.calls.length]).toEqual([6, 5]);
  expect(detail).toContain('may have been started');
  expect(detail).toContain(`--idempotency-key=${keyOf(stage.calls[0]!)}`);
});

test('a key that a shell would take apart is printed so that it can be pasted', async () => {
  for (const [key, shown] of [
    ['a b', "'a b'"],
    ["it's $(me)", `'it'\\''s $(me)'`],
    ['-x', '-x'],
    ['a;b', "'a;b'"],
  ]) {
    const { detail } = await failureOf(new CliStage(() => noAnswer), { 'idempotency-key': key! });
    expect(detail).toContain(`repeat with --idempotency-key=${shown}, which`);
  }
});

test('a refusal is not sent again', async () => {
  const refused = new CliError(EXIT.refused, 'access_denied', 'not allowed', 'r-1');
  const stage = new CliStage([refused]);
  expect(await failureOf(stage)).toBe(refused);
});

test('one that is running is named, and how to follow it', async () => {
  const running = new CliError(EXIT.requestRefused, 'rotation_running', 'is running', 'r-1', {
    rotationId: ROTATION_ID,
  });
  expect(await failureOf(new CliStage([running]))).toMatchObject({
    exitCode: 5,
    code: 'rotation_running',
    requestId: 'r-1',
    detail: expect.stringContaining(`keyward rotation watch openai ${ROTATION_ID}`),
  });
});

test('Ctrl-C before the answer says that a rotation may have been started', async () => {
  const stage = new CliStage([noAnswer]);
  stage.time.duringPause = () => {
    stage.time.interrupt();
  };
  expect(await failureOf(stage)).toMatchObject({
    exitCode: 130,
    detail: expect.stringContaining('keyward rotation show openai latest'),
  });
  expect(stage.calls).toHaveLength(1);
});

describe('--emergency', () => {
  const options = { emergency: true, 'no-wait': true };

  test('asks for the name on a terminal', async () => {
    const stage = new CliStage([dekRotationReply({ emergency: true })], { isTerminal: true });
    await stage.typeAtQuestion(rotate(stage.session, ['openai'], options), 'openai\r');
    expect(stage.stderr.text).toMatch(/grace[^]*Type openai to go on: openai\u001b\[\?2004l\n$/);
    expect(stage.calls[0]?.body).toEqual({ emergency: true });
  });

  test.each(['google\n', '\n', 'openai2\n'])('%j is not it, and nothing is sent', async (typed) => {
    const stage = new CliStage([], { isTerminal: true });
    expect(await stage.typeAtQuestion(failureOf(stage, options), typed)).toMatchObject({
      exitCode: 2,
      detail: 'not confirmed; nothing was sent',
    });
  });

  test('nor is the end of input', async () => {
    const stage = new CliStage([], { isTerminal: true });
    stage.stdin.end();
    expect(await failureOf(stage, options)).toMatchObject({ exitCode: 2 });
  });

  test('Ctrl-C at the question', async () => {
    const stage = new CliStage([], { isTerminal: true });
    const failure = failureOf(stage, options);
    stage.time.interrupt();
    expect(await failure).toMatchObject({ exitCode: 130, detail: 'nothing was sent' });
  });

  test('in a pipe --yes is needed, and enough', async () => {
    const stage = new CliStage([]);
    stage.stdin.end('openai\n');
    expect(await failureOf(stage, options)).toMatchObject({ exitCode: 2, detail: expect.stringContaining('--yes') });
    const sure = new CliStage([dekRotationReply()]);
    await rotate(sure.session, ['openai'], { ...options, yes: true });
    expect(sure.calls).toHaveLength(1);
  });
});

test.each([
  ['x'.repeat(201), 'must be 1 to 200 printable characters'],
  ['\u202e', 'must be 1 to 200 printable characters'],
  ['it was sk-example-canary-not-a-real-key', 'must not hold an API key'],
])('a reason that the service would refuse is not sent: %j', async (reason, rule) => {
  const stage = new CliStage([]);
  const { exitCode, detail } = await failureOf(stage, { reason, emergency: true });
  expect([exitCode, detail]).toEqual([2, `--reason: ${rule}`]);
});
