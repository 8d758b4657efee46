import { CliError, EXIT } from '../../../cli/io/cli-error';
import { tellUndoCommand, type Made } from '../../../cli/commands/tell-undo-command';
import { CliStage } from '../../doubles/cli-stage';

const path = '/v1/providers/openai/credentials/main';
const times = { created_at: '2026-11-01T08:00:00.000Z', updated_at: '2026-11-21T08:00:00.000Z' };
const isNew = { created_at: times.updated_at, updated_at: times.updated_at };
const kept = (revision: number) => ({
  previous: { revision, replaced_at: '2026-11-21T08:00:00.000Z', expires_at: '2026-12-21T08:00:00.000Z' },
});
const made = (members: Partial<Made>): Made => ({
  change: 'replaced',
  call: { method: 'PUT', path },
  parameters: ['openai', 'main'],
  reply: {},
  options: {},
  ...members,
});
const said = async (reply: Record<string, unknown>, options = {}): Promise<string> => {
  const stage = new CliStage([]);
  await tellUndoCommand(stage.session, made({ reply, options }));
  return stage.stderr.text;
};

describe('of a put', () => {
  test('over a key: the restoration of the very one that was there', async () => {
    expect(await said({ revision: 4, ...times, ...kept(3) })).toBe(
      'keyward: undo: the previous key is kept until 2026-12-21T08:00:00.000Z; restore it with: keyward credential restore openai main --revision 3\n',
    );
  });

  test('with what says where and as whom', async () => {
    const options = { endpoint: 'http://127.0.0.1:9', profile: '-x y', region: 'eu-west-1', json: false };
    expect(await said({ revision: 4, ...times, ...kept(3) }, options)).toMatch(
      / --revision 3 --endpoint=http:\/\/127\.0\.0\.1:9 '--profile=-x y' --region=eu-west-1\n$/,
    );
  });

  test('under a new name: its deletion, which asks nothing and takes no other value', async () => {
    expect(await said({ revision: 1, ...isNew })).toBe(
      'keyward: undo: nothing was stored under this name before; delete it with: keyward credential delete openai main --if-match 1 --yes\n',
    );
  });

  test('under a deleted name: what was deleted, which a deletion would displace', async () => {
    expect(await said({ revision: 3, ...isNew, ...kept(1) })).toMatch(
      /: the deleted key is kept until .* keyward credential restore openai main --revision 1\n$/,
    );
  });

  test.each<[string, Record<string, unknown>]>([
    ['the very value that was there', { revision: 5, ...times, ...kept(3) }],
    ['what was not kept', { revision: 5, ...times }],
    ['no credential', {}],
    ['strange revisions', { revision: 'x', ...isNew, previous: { revision: '$(id)' } }],
  ])('of %s nothing is promised', async (_, reply) => {
    expect(await said(reply)).toBe('');
  });

  test('as JSON the command stands alone', async () => {
    const stage = new CliStage([], { json: true });
    await tellUndoCommand(stage.session, made({ reply: { revision: 4, ...times, ...kept(3) } }));
    expect(JSON.parse(stage.stderr.text)).toEqual({
      code: 'undo',
      detail: expect.stringMatching(/^the previous key is kept/),
      command: 'keyward credential restore openai main --revision 3',
    });
  });
});

describe('of a deletion', () => {
  const deletion = made({ change: 'deleted', call: { method: 'DELETE', path } });
  const command = 'keyward credential restore openai main';

  test('in a pipe no call more is made', async () => {
    const stage = new CliStage([]);
    await tellUndoCommand(stage.session, deletion);
    expect(stage.stderr.text).toBe(`keyward: undo: while the key is kept, restore it with: ${command}\n`);
    expect(stage.calls).toEqual([]);
  });

  test('on a terminal it is looked at, what is kept', async () => {
    const stage = new CliStage([kept(3).previous], { isTerminal: true });
    await tellUndoCommand(stage.session, deletion);
    expect(stage.calls).toEqual([{ method: 'GET', path: `${path}/previous`, query: { consistent: 'true' } }]);
    expect(stage.stderr.text).toBe(
      `keyward: undo: the key is kept until 2026-12-21T08:00:00.000Z; restore it with: ${command} --revision 3\n`,
    );
  });

  test.each<[string, Error, string]>([
    ['nothing', new CliError(EXIT.notFound, 'previous_value_not_found', 'none'), 'not_kept: no previous value is kept'],
    [
      'a service of before',
      new CliError(EXIT.notFound, 'route_not_found', 'none'),
      'not_kept: no previous value is kept',
    ],
    ['what may not be seen', new CliError(EXIT.refused, 'access_denied', 'no'), 'undo: while the key is kept'],
    ['no answer', new Error('gone'), 'undo: while the key is kept'],
  ])('on a terminal, of %s, it does not fail', async (_, failure, words) => {
    const stage = new CliStage([failure], { isTerminal: true });
    await tellUndoCommand(stage.session, deletion);
    expect(stage.stderr.text).toContain(words);
  });

  test('a permanent deletion has no undo command', async () => {
    const stage = new CliStage([], { isTerminal: true });
    await tellUndoCommand(stage.session, made({ change: 'purged' }));
    expect(stage.stderr.text).toBe('');
  });
});
