import { moveKek, type MoveKekOptions } from '../../../cli/commands/move-kek';
import type { JsonObject } from '../../../cli/client/json-object';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import { cliFailureOf } from '../../doubles/cli-failure-of';
import { CliStage } from '../../doubles/cli-stage';

const move = (state: string, over: JsonObject = {}): JsonObject => ({
  move_id: 'a'.repeat(32),
  from: 'local',
  to: 'vault',
  state,
  started_by: 'arn:aws:iam::000000000000:user/administrator',
  started_at: '2026-11-27T08:00:00.000Z',
  switched_at: null,
  ended_at: null,
  waiting_for: [],
  ...over,
});
const noAnswer = new CliError(EXIT.unavailable, 'unreachable', 'the endpoint did not answer');
const refused = new CliError(EXIT.requestRefused, 'conflict', 'vault holds something else');
const THERE: MoveKekOptions = { from: 'local', to: 'vault' };

const bodiesOf = ({ calls }: CliStage): unknown[] => calls.map(({ method, path, body }) => [method, path, body]);
const failureOf = (stage: CliStage, options: MoveKekOptions): Promise<CliError> =>
  cliFailureOf(moveKek(stage.session, [], options));

test('begins a move, follows it to the switch, and says what comes next', async () => {
  const waiting = move('copying', { waiting_for: ['eu-west-1'], switch_after: '2026-11-27T08:16:00.000Z' });
  const stage = new CliStage([
    waiting,
    noAnswer,
    waiting,
    move('switched', { switched_at: '2026-11-27T08:17:00.000Z' }),
  ]);
  await moveKek(stage.session, [], THERE);
  const asked = ['POST', '/v1/kek/move', { action: 'begin', from: 'local', to: 'vault' }];
  expect(bodiesOf(stage)).toEqual([asked, asked, asked, asked]);
  expect(stage.stdout.text).toMatch(/^from +local\nto +vault\nstate +switched\n/);
  expect(stage.stderr.text).toContain(
    'moving_kek: copying; waits for eu-west-1; switches after 2026-11-27T08:16:00.000Z',
  );
  expect(stage.stderr.text).toContain('keyward kek move --finish');
});

test.each([
  ['finish', 'finished', { finish: true }, 'delete it'],
  ['abort', 'aborted', { abort: true }, 'the target keeps its copy'],
] as const)('%s is repeated until every region reads the home that is wanted', async (action, state, options, next) => {
  const stage = new CliStage([move('switched', { waiting_for: ['ap-south-1'] }), move(state)]);
  await moveKek(stage.session, [], options);
  expect(bodiesOf(stage)).toEqual(Array<unknown>(2).fill(['POST', '/v1/kek/move', { action }]));
  expect(stage.stderr.text).toContain(next);
});

test('--no-wait does one step', async () => {
  const stage = new CliStage([move('copying', { waiting_for: ['eu-west-1'] })]);
  await moveKek(stage.session, [], { ...THERE, 'no-wait': true });
  expect(stage.stdout.text).toMatch(/state +copying\n[^]*waiting_for +eu-west-1\n$/);
  expect(stage.stderr.text).toBe('');
});

test.each<[string, MoveKekOptions]>([
  ['nothing', {}],
  ['one home', { from: 'local' }],
  ['the same home twice', { from: 'vault', to: 'vault' }],
  ['another home', { from: 'local', to: 'gcp' }],
  ['two ways', { ...THERE, finish: true }],
  ['both ends', { finish: true, abort: true }],
])('%s is a mistake in the command line, and nothing is sent', async (_name, options) => {
  const stage = new CliStage([]);
  expect(await failureOf(stage, options)).toMatchObject({ exitCode: EXIT.usage, code: 'usage' });
  expect(stage.calls).toEqual([]);
});

test('a refusal is shown as it is; without an answer the move stands', async () => {
  expect(await failureOf(new CliStage([refused]), THERE)).toMatchObject({
    exitCode: EXIT.requestRefused,
    detail: 'vault holds something else',
  });
  expect((await failureOf(new CliStage(Array<CliError>(5).fill(noAnswer)), THERE)).detail).toBe(
    'the endpoint did not answer; the move stands; look with: keyward kek status',
  );
  const interruptedAt = new CliStage([new CliError(EXIT.interrupted, 'interrupted', 'stopped')]);
  expect(await failureOf(interruptedAt, THERE)).toMatchObject({
    exitCode: EXIT.interrupted,
    detail: 'the move stands; look with: keyward kek status',
  });
});

test('a reply about something else is unexpected', async () => {
  expect(await failureOf(new CliStage([{ state: 7 }]), THERE)).toMatchObject({ exitCode: EXIT.unexpected });
});
