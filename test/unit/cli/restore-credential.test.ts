import { CliError, EXIT } from '../../../cli/io/cli-error';
import { describePrevious } from '../../../cli/commands/describe-previous';
import { purgePrevious } from '../../../cli/commands/purge-previous';
import { restoreCredential } from '../../../cli/commands/restore-credential';
import { CliStage } from '../../doubles/cli-stage';

type Reply = Record<string, unknown> | Error;

const PATH = '/v1/providers/openai/credentials/main';
const MAIN = ['openai', 'main'];
const OPTIONS = { endpoint: 'http://127.0.0.1:1/a b', profile: "o'hara" };
const PASTED = `'--endpoint=http://127.0.0.1:1/a b' '--profile=o'\\''hara'`;
const previous = {
  provider: 'openai',
  name: 'main',
  revision: 3,
  hint: 'abcd',
  metadata: { base_url: 'https://example.com' },
  replaced_at: '2026-11-21T08:00:00.000Z',
  expires_at: '2026-12-21T08:00:00.000Z',
};
const current = { provider: 'openai', name: 'main', hint: 'wxyz', revision: 4, updated_at: '2026-11-21T08:00:00.000Z' };
const restored = { ...current, hint: 'abcd', revision: 5, previous: { ...previous, revision: 4 } };
const notFound = new CliError(EXIT.notFound, 'credential_not_found', 'there is no such credential');
const forbidden = new CliError(EXIT.refused, 'access_denied', 'the policy does not allow this');
const nothingKept = new CliError(EXIT.notFound, 'previous_value_not_found', 'no previous value is kept', 'r-1');
const otherKept = new CliError(EXIT.requestRefused, 'previous_value_changed', 'it has another revision');
const changed = new CliError(EXIT.requestRefused, 'precondition_failed', 'not in the state');
const damaged = new CliError(EXIT.unavailable, 'credential_damaged', 'could not be opened');

const looks = [
  { method: 'GET', path: `${PATH}/previous`, query: { consistent: 'true' } },
  { method: 'GET', path: PATH, query: { consistent: 'true' } },
];
const restoration = (headers: object = {}) => ({
  method: 'POST',
  path: `${PATH}/restore`,
  headers,
  body: { revision: 3 },
});
const onTerminal = (...replies: Reply[]): CliStage => new CliStage(replies, { isTerminal: true });

describe('restore', () => {
  test('by its revision it is brought back at once, and the command is named that undoes it', async () => {
    for (const isTerminal of [true, false]) {
      const stage = new CliStage([restored], { isTerminal });
      await restoreCredential(stage.session, MAIN, { ...OPTIONS, revision: '3' });
      expect(stage.calls).toEqual([restoration()]);
      expect(stage.stdout.text).toMatch(
        /revision +5\n[^]*previous +revision 4, replaced 2026-11-21[^\n]*until 2026-12-21/,
      );
      expect(stage.stderr.text).toBe(
        `keyward: undo: the replaced key is kept until 2026-12-21T08:00:00.000Z; restore it with: keyward credential restore openai main --revision 4 ${PASTED}\n`,
      );
    }
  });

  test('in a pipe the one that is kept is brought back, and no other', async () => {
    const stage = new CliStage([previous, { ...restored, previous: undefined }]);
    await restoreCredential(stage.session, MAIN, { 'if-match': '4' });
    expect(stage.calls).toEqual([looks[0], restoration({ 'if-match': '"4"' })]);
    expect(stage.stderr.text).toBe('');
  });

  test('with --yes a terminal is not asked', async () => {
    const stage = onTerminal(previous, restored);
    await restoreCredential(stage.session, MAIN, { yes: true });
    expect(stage.calls).toEqual([looks[0], restoration()]);
  });

  test.each<[string, Reply, string, object]>([
    [
      'a key',
      current,
      'The key that ends in wxyz (revision 4, of 2026-11-21T08:00:00.000Z) will be replaced',
      { 'if-match': '"4"' },
    ],
    ['nothing', notFound, 'It is deleted now.', { 'if-none-match': '*' }],
    ['what may not be seen', forbidden, 'cannot be shown; it will be replaced, and kept only if it opens', {}],
    ['what is damaged', damaged, 'cannot be shown; it will be replaced, and kept only if it opens', {}],
  ])('on a terminal it is shown and agreed to; over %s', async (_, now, words, headers) => {
    const stage = onTerminal(previous, now, restored);
    await stage.typeAtQuestion(restoreCredential(stage.session, MAIN, {}), 'y\r');
    expect(stage.calls).toEqual([...looks, restoration(headers)]);
    expect(stage.stderr.text).toContain(
      'The previous key that ends in abcd (revision 3, replaced 2026-11-21T08:00:00.000Z, metadata {"base_url":"https://example.com"}) will be restored as main of openai.\n',
    );
    expect(stage.stderr.text).toContain(words);
  });

  test('whoever does not agree has sent nothing', async () => {
    const stage = onTerminal(previous, current);
    await expect(stage.typeAtQuestion(restoreCredential(stage.session, MAIN, {}), 'n\r')).rejects.toMatchObject({
      exitCode: 2,
      detail: 'not confirmed; nothing was sent',
    });
    expect(stage.calls).toEqual(looks);
  });

  test('what has changed since the question is left', async () => {
    for (const failure of [changed, otherKept]) {
      const stage = onTerminal(previous, current, failure);
      const asked = stage.typeAtQuestion(restoreCredential(stage.session, MAIN, {}), 'y\r');
      await expect(asked).rejects.toMatchObject({ exitCode: 5, detail: expect.stringMatching(/^somebody else has/) });
    }
  });

  test('where none is kept, or another one, it says what shows more', async () => {
    for (const options of [{}, { revision: '3' }]) {
      const none = restoreCredential(new CliStage([nothingKept]).session, MAIN, { ...OPTIONS, ...options });
      await expect(none).rejects.toMatchObject({
        exitCode: 4,
        requestId: 'r-1',
        detail: `no previous value is kept; see what became of it: keyward audit --provider openai --credential main --since 30d ${PASTED}`,
      });
    }
    const other = restoreCredential(new CliStage([otherKept]).session, MAIN, { revision: '3' });
    await expect(other).rejects.toMatchObject({
      exitCode: 5,
      detail: 'it has another revision; see which one it is: keyward credential previous openai main',
    });
    const keyShaped = restoreCredential(new CliStage([nothingKept]).session, ['openai', 'sk-example-key'], {});
    await expect(keyShaped).rejects.toBe(nothingKept);
  });

  test.each(['0', '-1', '1.5', 'latest', '99999999999'])('--revision %s is none', async (revision) => {
    const stage = new CliStage([]);
    await expect(restoreCredential(stage.session, MAIN, { revision })).rejects.toMatchObject({ exitCode: 2 });
    expect(stage.connections).toBe(0);
  });

  test('what is no previous value is not restored, and any other failure is told as it is', async () => {
    await expect(restoreCredential(new CliStage([{}]).session, MAIN, {})).rejects.toMatchObject({
      code: 'unexpected_reply',
    });
    const failure = new Error('not a reply');
    await expect(restoreCredential(new CliStage([failure]).session, MAIN, {})).rejects.toBe(failure);
  });

  test('what a stranger has stored does not reach the terminal, nor very much of it', async () => {
    const long = {
      hint: '',
      revision: '\u001b[2J',
      replaced_at: '\u001b]0;',
      metadata: { a: `\u202e${'x'.repeat(400)}` },
    };
    const stage = onTerminal({ ...previous, ...long, revision: 3 }, current, restored);
    await stage.typeAtQuestion(restoreCredential(stage.session, MAIN, {}), 'y\r');
    expect(stage.stderr.text).not.toMatch(/\u202e|\u001b\]0/);
    expect(stage.stderr.text).toContain('x'.repeat(280));
    expect(stage.stderr.text).not.toContain('x'.repeat(300));
    const bare = onTerminal({ ...previous, metadata: undefined }, current, restored);
    await bare.typeAtQuestion(restoreCredential(bare.session, MAIN, {}), 'y\r');
    expect(bare.stderr.text).toContain('no metadata');
  });
});

test('previous describes it, never behind', async () => {
  const stage = new CliStage([previous]);
  await describePrevious(stage.session, MAIN, {});
  expect(stage.calls).toEqual([looks[0]]);
  expect(stage.stdout.text).toMatch(/revision +3\n[^]*expires_at +2026-12-21T08:00:00.000Z\n/);
});

describe('purge', () => {
  const purge = (headers: object = {}) => ({ method: 'POST', path: `${PATH}/purge`, headers });
  const asked = (stage: CliStage, typed: string) => stage.typeAtQuestion(purgePrevious(stage.session, MAIN, {}), typed);

  test('in a pipe it needs --yes, and nothing is sent before', async () => {
    const stage = new CliStage([]);
    await expect(purgePrevious(stage.session, MAIN, {})).rejects.toMatchObject({
      exitCode: 2,
      detail: expect.stringMatching(/^credential purge must be confirmed: .*--yes/),
    });
    expect(stage.connections).toBe(0);
    const agreed = new CliStage([{}]);
    await purgePrevious(agreed.session, MAIN, { yes: true, 'if-match': '4' });
    expect(agreed.calls).toEqual([purge({ 'if-match': '"4"' })]);
    expect([agreed.stdout.text, agreed.stderr.text]).toEqual(['', '']);
  });

  test.each<[string, Reply, object]>([
    ['a key', current, { 'if-match': '"4"' }],
    ['a deleted one', notFound, { 'if-none-match': '*' }],
    ['what may not be seen', forbidden, {}],
  ])('on a terminal it is shown and agreed to; of %s', async (_, now, headers) => {
    const stage = onTerminal(now, previous, {});
    await asked(stage, 'y\r');
    expect(stage.calls).toEqual([looks[1], looks[0], purge(headers)]);
    expect(stage.stderr.text).toContain('The previous key that ends in abcd (revision 3');
    expect(stage.stderr.text).toContain(
      'of main of openai will be purged, and cannot be restored then. The current key stays.',
    );
  });

  test('one that cannot be shown is purged all the same', async () => {
    const damaged = new CliError(EXIT.undecryptable, 'credential_damaged', 'could not be opened');
    const unseen =
      'The previous key of main of openai cannot be shown; if there is one, it will be purged, and cannot be restored then.';
    for (const [failure, words] of [
      [forbidden, unseen],
      [damaged, unseen],
      [nothingKept, 'main of openai has no previous key that can be restored; a damaged or expired one'],
    ] as const) {
      const stage = onTerminal(current, failure, {});
      await asked(stage, 'y\r');
      expect(stage.stderr.text).toContain(words);
      expect(stage.calls[2]).toEqual(purge({ 'if-match': '"4"' }));
    }
  });

  test('whoever does not agree has sent nothing, and what failed is told', async () => {
    const stage = onTerminal(current, previous);
    await expect(asked(stage, '\r')).rejects.toMatchObject({ exitCode: 2 });
    expect(stage.calls).toHaveLength(2);
    await expect(asked(onTerminal(current, previous, changed), 'y\r')).rejects.toMatchObject({
      detail: expect.stringMatching(/^somebody else has/),
    });
    await expect(asked(onTerminal(current, nothingKept, nothingKept), 'y\r')).rejects.toMatchObject({
      detail: expect.stringContaining('keyward audit --provider openai'),
    });
    await expect(purgePrevious(new CliStage([nothingKept]).session, MAIN, { yes: true })).rejects.toMatchObject({
      detail: expect.stringContaining('keyward audit --provider openai'),
    });
    const failure = new CliError(EXIT.unavailable, 'unreachable', 'no answer');
    await expect(asked(onTerminal(current, failure), 'y\r')).rejects.toBe(failure);
    const other = new Error('no reply');
    await expect(asked(onTerminal(current, other), 'y\r')).rejects.toBe(other);
  });
});
