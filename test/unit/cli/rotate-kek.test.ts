import { rotateKek, type RotateKekOptions } from '../../../cli/commands/rotate-kek';
import type { JsonObject } from '../../../cli/client/json-object';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import { cliFailureOf } from '../../doubles/cli-failure-of';
import { CliStage } from '../../doubles/cli-stage';
import { screenOf } from '../../doubles/terminal-screen';

const [OLD, NEW] = ['a'.repeat(32), 'b'.repeat(32)];
const kek = (over: JsonObject = {}): JsonObject => ({
  source: 'vault',
  place: 'secret/keyward/kek',
  version_id: OLD,
  kek_id: 'kek-0123456789abcdef',
  kek_count: 2,
  created_at: '2026-08-21T00:00:00.000Z',
  age_days: 92,
  interval_days: 90,
  next_rotation_at: '2026-11-19T00:00:00.000Z',
  pending: null,
  regions: [
    { region: 'us-east-1', state: 'current' },
    { region: 'eu-west-1', state: 'behind' },
  ],
  ...over,
});
const pending = (tries: number | null = 1): JsonObject =>
  kek({ pending: { version_id: NEW, tries, max_tries: tries === null ? null : 24 } });
const rotated = kek({ version_id: NEW, age_days: 0 });
const noAnswer = new CliError(EXIT.unavailable, 'unreachable', 'the endpoint did not answer');

const made = ({ calls }: CliStage): string[] => calls.map(({ method, path }) => `${method} ${path}`);
const failureOf = (stage: CliStage, options: RotateKekOptions = {}): Promise<CliError> =>
  cliFailureOf(rotateKek(stage.session, [], options));

test('starts a rotation, follows it until another version is current, and prints the KEK', async () => {
  const stage = new CliStage([kek(), pending(0), pending(1), pending(1), rotated]);
  await rotateKek(stage.session, [], {});
  expect(made(stage)).toEqual(['GET /v1/kek', 'POST /v1/kek/rotate', ...Array<string>(3).fill('GET /v1/kek')]);
  expect(stage.stderr.text.split('\n').map((line) => line.slice(0, 50))).toEqual([
    'keyward: rotating_kek: pending, try 1 of 24; anoth',
    'keyward: rotating_kek: pending, try 1 of 24; anoth',
    'keyward: rotating_kek: requested; another version,',
    '',
  ]);
  expect(stage.stdout.text).toMatch(/^source +vault\nplace +secret\/keyward\/kek\nversion_id +b+\n/);
  expect(stage.stdout.text).toMatch(
    /pending +none\nregion +us-east-1: has the current version\nregion +eu-west-1: has another version\n$/,
  );
});

test('on a terminal one line is drawn over again and gone at the end', async () => {
  const stage = new CliStage([kek(), pending(null), pending(null), rotated], { isTerminal: true, columns: 60 });
  const seen: string[][] = [];
  stage.time.duringPause = () => seen.push(screenOf(stage.stderr.text, 60));
  await rotateKek(stage.session, [], {});
  expect(seen.flat().map((row) => row.slice(0, 3))).toEqual(['KEK', 'KEK']);
  expect(screenOf(stage.stderr.text, 60)).toEqual([]);
});

test('as JSON the reply stays as it came', async () => {
  const stage = new CliStage([kek(), rotated], { json: true });
  await rotateKek(stage.session, [], {});
  expect(JSON.parse(stage.stdout.text)).toEqual(rotated);
});

test('--no-wait ends with what was started', async () => {
  const stage = new CliStage([kek(), pending(3)]);
  await rotateKek(stage.session, [], { 'no-wait': true });
  expect(stage.stdout.text).toMatch(/pending +b+, try 3 of 24\n/);
  expect(stage.calls).toHaveLength(2);
});

test('a rotation that is gone while the KEK is as before was given up: exit code 8', async () => {
  const stage = new CliStage([kek(), kek(), pending(24), kek()]);
  const { exitCode, code } = await failureOf(stage);
  expect([exitCode, code]).toEqual([EXIT.notCompleted, 'abandoned']);
  expect(stage.stdout.text).toMatch(/version_id +a+\n/);
});

test('one that never shows ends after five minutes', async () => {
  const stage = new CliStage(() => kek());
  expect((await failureOf(stage)).exitCode).toBe(EXIT.notCompleted);
  expect(stage.time.pauses.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(300_000);
});

test('a request without an answer is repeated only where a look shows no rotation', async () => {
  for (const look of [pending(), rotated]) {
    const stage = new CliStage([kek(), noAnswer, look, rotated]);
    await rotateKek(stage.session, [], {});
    expect(made(stage).filter((each) => each.startsWith('POST'))).toHaveLength(1);
  }
  const again = new CliStage([kek(), noAnswer, kek(), pending(), rotated]);
  await rotateKek(again.session, [], {});
  expect(made(again).filter((each) => each.startsWith('POST'))).toHaveLength(2);
  const never = new CliStage(({ method }) => (method === 'POST' ? noAnswer : kek()));
  expect(await failureOf(never)).toMatchObject({
    exitCode: EXIT.unavailable,
    detail: 'the endpoint did not answer; a rotation may have been started: look with: keyward kek status',
  });
});

test('a refusal is told as it came', async () => {
  const conflict = new CliError(EXIT.requestRefused, 'conflict', 'the KEK is being moved from local to vault', 'r-1');
  expect(await failureOf(new CliStage([kek(), conflict]))).toBe(conflict);
});

test('what does not answer while it is followed is asked again, and Ctrl-C says that the rotation continues', async () => {
  const stage = new CliStage([kek(), pending(), noAnswer, noAnswer, rotated]);
  await rotateKek(stage.session, [], {});
  expect(stage.stdout.text).toMatch(/version_id +b+\n/);
  const away = new CliStage(({ method }) => (method === 'POST' ? pending() : kek()));
  away.time.duringPause = () => {
    away.time.interrupt();
  };
  expect(await failureOf(away)).toMatchObject({
    exitCode: EXIT.interrupted,
    detail: 'the rotation of the KEK continues; look with: keyward kek status',
  });
  const dead = new CliStage([kek(), pending(), new CliError(EXIT.refused, 'access_denied', 'no')]);
  expect((await failureOf(dead)).detail).toBe('no; the rotation of the KEK continues; look with: keyward kek status');
});

test('Ctrl-C before the answer says that one may have been started', async () => {
  const stage = new CliStage([kek(), new CliError(EXIT.interrupted, 'interrupted', 'stopped by Ctrl-C')]);
  expect((await failureOf(stage)).detail).toBe(
    'a rotation of the KEK may have been started; look with: keyward kek status',
  );
});

test('what is not about the KEK is not shown as if it were', async () => {
  expect(await failureOf(new CliStage([{ kek: 7 }]))).toMatchObject({ exitCode: EXIT.unexpected });
});
