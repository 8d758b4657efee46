import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { holdsSecret } from '../../../cli/commands/metadata-patch';
import { setMetadata } from '../../../cli/commands/set-metadata';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import { CliStage } from '../../doubles/cli-stage';

const CANARY = 'sk-example-canary-not-a-real-key';
const MAIN = ['openai', 'main'];
const directory = mkdtempSync(join(tmpdir(), 'keyward-metadata-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});
const fileOf = (content: string | Buffer): string => {
  const path = join(directory, 'patch.json');
  writeFileSync(path, content);
  return path;
};

type Given = Parameters<typeof setMetadata>[2];

async function sent(words: readonly string[], options: Given = {}, input?: string): Promise<unknown> {
  const stage = new CliStage([{ revision: 5, metadata: { team: 'search' } }]);
  stage.stdin.end(input ?? '');
  await setMetadata(stage.session, [...MAIN, ...words], options);
  expect(stage.calls.map(({ method, path }) => [method, path])).toEqual([
    ['PATCH', '/v1/providers/openai/credentials/main'],
  ]);
  expect(stage.stdout.text).toContain('revision  5\n');
  return stage.calls[0]?.body;
}

async function refusal(words: readonly string[], options: Given = {}, input?: string): Promise<CliError> {
  const stage = new CliStage([]);
  stage.stdin.end(input ?? '');
  const thrown: unknown = await setMetadata(stage.session, [...MAIN, ...words], options).catch(
    (error: unknown) => error,
  );
  if (!(thrown instanceof CliError)) throw new Error('was accepted');
  expect(thrown.exitCode).toBe(2);
  expect(stage.connections).toBe(0);
  expect(thrown.detail).not.toContain(CANARY);
  return thrown;
}

test.each<[string[], Given, unknown]>([
  [['team=search'], {}, { team: 'search' }],
  [['a=', 'b=5', 'c=true', 'd=null', 'e={"a":1}'], {}, { a: '', b: '5', c: 'true', d: 'null', e: '{"a":1}' }],
  [['a:=5', 'b:=true', 'c:={"d":[1]}', 'e:="text"'], {}, { a: 5, b: true, c: { d: [1] }, e: 'text' }],
  [['base_url=https://example.com/v1?a=b:=c'], {}, { base_url: 'https://example.com/v1?a=b:=c' }],
  [['a=b'], { unset: ['c', 'd e'] }, { a: 'b', c: null, 'd e': null }],
  [[], { unset: ['c'] }, { c: null }],
])('%j and %j', async (words, options, metadata) => {
  expect(await sent(words, options)).toEqual({ metadata });
});

test('a whole patch, from a file and from stdin', async () => {
  const patch = { team: null, limits: { daily: 5 } };
  expect(await sent([], { 'json-file': fileOf(JSON.stringify(patch)) })).toEqual({ metadata: patch });
  expect(await sent([], { 'json-file': '-' }, `${JSON.stringify(patch)}\n`)).toEqual({ metadata: patch });
});

test('only as long as it is the revision that was read', async () => {
  const stage = new CliStage([{}]);
  await setMetadata(stage.session, [...MAIN, 'a=b'], { 'if-match': '4' });
  expect(stage.calls[0]?.headers).toEqual({ 'if-match': '"4"' });
});

test.each<[string, string[], Given, string]>([
  ['nothing', [], {}, 'nothing to change'],
  ['a member without a name', [':=5'], {}, 'has no name'],
  ['a name twice', ['a=b', 'a:=5'], {}, 'named twice'],
  ['a name that is set and taken away', ['a=b'], { unset: ['a'] }, 'named twice'],
  ['no JSON', [`a:=${CANARY}`], {}, 'NAME:=JSON: the text is not JSON'],
  ['a file beside members', ['a=b'], { 'json-file': 'x' }, 'only one of'],
  ['a file beside --unset', [], { 'json-file': 'x', unset: ['a'] }, 'only one of'],
  ['a file that is not there', [], { 'json-file': `/nowhere/${CANARY}` }, 'could not be read (ENOENT)'],
])('%s is refused before anything is sent', async (_, words, options, part) => {
  expect((await refusal(words, options)).detail).toContain(part);
});

test.each<[string, string | Buffer, string]>([
  ['no object', '[1]', 'must be a JSON object'],
  ['no JSON', CANARY, '--json-file: the text is not JSON'],
  ['a name twice', '{"a":1,"a":2}', 'twice'],
  ['what is not UTF-8', Buffer.from([0x7b, 0xff]), 'is not UTF-8'],
  ['too much', ' '.repeat(400_000), 'has more than'],
])('a file with %s is refused', async (_, content, part) => {
  expect((await refusal([], { 'json-file': fileOf(content) })).detail).toContain(part);
});

test('an empty stdin is no patch', async () => {
  expect((await refusal([], { 'json-file': '-' })).detail).toContain('stdin is empty');
});

describe('what looks like an API key', () => {
  const SECRET = [`api_key=${CANARY}`];

  test('is refused in a pipe, unless somebody has said that he means it', async () => {
    const { detail } = await refusal(SECRET);
    expect(detail).toMatch(/^metadata that looks like an API key must be confirmed: .*--yes/);
    expect(await sent(SECRET, { yes: true })).toEqual({ metadata: { api_key: CANARY } });
    await refusal([], { 'json-file': fileOf(JSON.stringify({ a: [{ b: CANARY }] })) });
  });

  test('is asked about on a terminal', async () => {
    for (const [typed, calls] of [
      ['y\r', 2],
      ['\r', 0],
    ] as const) {
      const stage = new CliStage([{}, {}], { isTerminal: true });
      const asked = stage.typeAtQuestion(setMetadata(stage.session, [...MAIN, ...SECRET], {}), typed);
      await asked.catch((thrown: unknown) => {
        expect(thrown).toMatchObject({ exitCode: 2 });
      });
      expect(stage.calls).toHaveLength(calls);
      expect(stage.stderr.text).toContain('looks like an API key');
      expect(stage.stderr.text).not.toContain(CANARY);
    }
  });

  const HEX = '0123456789abcdef'.repeat(2);
  test.each([
    CANARY,
    `Bearer ${CANARY}`,
    `https://example.com/v1?key=AIza${'x'.repeat(35)}`,
    `Authorization: "${CANARY}"`,
    { [CANARY]: 1 },
    ['a', { b: CANARY }],
    HEX,
  ])('%j is one', (value) => {
    expect(holdsSecret(value)).toBe(true);
  });

  test.each([
    'search',
    '',
    'https://my-resource-name-of-some-length.openai.azure.com/openai/deployments/gpt-4o-mini-2024-07-18/chat',
    '6f9619ff-8b86-d011-b42d-00c04fc964ff',
    'arn:aws:iam::111122223333:role/search-service',
    'whose key this is: the one of the team that searches, until 2027-01-01',
    5,
    true,
    null,
    { a: ['b', 1.5, null] },
  ])('%j is none', (value) => {
    expect(holdsSecret(value)).toBe(false);
  });
});

describe('on a terminal the undo command is named', () => {
  const shown = (revision: number, metadata: unknown) => ({ revision, metadata });
  const told = async (...replies: (Record<string, unknown> | Error)[]): Promise<string> => {
    const stage = new CliStage(replies, { isTerminal: true });
    await setMetadata(stage.session, [...MAIN, 'team=b c', 'url=x'], { profile: 'ops' });
    expect(stage.calls.map(({ method }) => method)).toEqual(['GET', 'PATCH']);
    return stage.stderr.text;
  };

  test('as long as nobody else has changed it', async () => {
    expect(await told(shown(4, { team: "o'hara" }), shown(5, { team: 'b c', url: 'x' }))).toBe(
      `keyward: undo: restore the earlier metadata with: keyward credential metadata set openai main 'team=o'\\''hara' --unset=url --if-match 5 --profile=ops\n`,
    );
    expect(await told(shown(4, { team: 'a' }), shown(6, { team: 'b c', url: 'x' }))).toBe('');
  });

  test('where it could be seen, and has changed', async () => {
    const forbidden = new CliError(EXIT.refused, 'access_denied', 'the policy does not allow this');
    expect(await told(forbidden, shown(5, { team: 'b c', url: 'x' }))).toBe('');
    expect(await told(shown(4, { a: 1 }), shown(5, { a: 1 }))).toBe('');
  });
});
