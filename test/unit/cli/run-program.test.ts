import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiCall } from '../../../cli/client/api-call';
import { CliError } from '../../../cli/io/cli-error';
import { isForeground } from '../../../cli/program/foreground';
import { endAs } from '../../../cli/program/program-end';
import { readAssignments, type AssignmentOptions } from '../../../cli/program/read-assignments';
import { revealCredentials } from '../../../cli/program/reveal-credentials';
import { runProgram } from '../../../cli/program/run-program';
import { CliStage, StagedSignals } from '../../doubles/cli-stage';

const directory = mkdtempSync(join(tmpdir(), 'keyward-run-'));
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});
let files = 0;
const file = (content: string | Buffer): string => {
  const path = join(directory, `env-${(files += 1)}`);
  writeFileSync(path, content);
  return path;
};

const KEY = 'sk-example-0123456789-not-a-real-key';
const refusal = async (asking: Promise<unknown>): Promise<CliError> => {
  const thrown = await asking.catch((error: unknown) => error);
  if (!(thrown instanceof CliError)) throw new Error('was not refused');
  return thrown;
};
const nothingOf = (...secrets: string[]): unknown => expect.not.stringMatching(secrets.join('|'));

describe('what is handed over', () => {
  test('options first, then each file, in order', async () => {
    const options = {
      credential: ['openai/default=OPENAI_API_KEY', 'anthropic/a.b-c=_k'],
      'env-file': [file('A=keyward://openai/default\nB=plain'), file('C="keyward://google/x"\n')],
    };
    expect(await readAssignments(options)).toEqual([
      { variable: 'OPENAI_API_KEY', reference: { provider: 'openai', name: 'default' } },
      { variable: '_k', reference: { provider: 'anthropic', name: 'a.b-c' } },
      { variable: 'A', reference: { provider: 'openai', name: 'default' } },
      { variable: 'B', value: 'plain' },
      { variable: 'C', reference: { provider: 'google', name: 'x' } },
    ]);
  });

  test.each<[what: string, options: () => AssignmentOptions, detail: RegExp]>([
    ['nothing', () => ({}), /^run: --credential or --env-file is missing/],
    ['no pair', () => ({ credential: ['openai/default'] }), /must be PROVIDER\/NAME=VARIABLE, such as [^;]+$/],
    ['a variable first', () => ({ credential: ['A=openai/default'] }), /the variable comes last$/],
    ['no provider', () => ({ credential: ['default=A'] }), /must be PROVIDER\/NAME=VARIABLE/],
    ['no such provider', () => ({ credential: ['Open AI/default=A'] }), /must be PROVIDER\/NAME=VARIABLE/],
    ['a path', () => ({ credential: ['openai/../x=A'] }), /must be PROVIDER\/NAME=VARIABLE/],
    ['a query', () => ({ credential: ['openai/x?y=A'] }), /must be PROVIDER\/NAME=VARIABLE/],
    ['a key for a pair', () => ({ credential: [KEY] }), /looks like a key, and the history/],
    ['a key for a variable', () => ({ credential: ['openai/default=sk_example'] }), /looks like a key.*the history/],
    ['a key for a provider', () => ({ credential: [`${KEY}/default=A`] }), /looks like a key, and the history/],
    [
      'no name of a variable',
      () => ({ credential: ['openai/default=A-B'] }),
      /^--credential: the variable must be a name/,
    ],
    ['an empty one', () => ({ credential: ['openai/default='] }), /^--credential: the variable must be a name/],
    ['one that loads code', () => ({ credential: ['openai/default=LD_PRELOAD'] }), /controls how programs load code/],
    ['one twice', () => ({ credential: ['openai/a=A', 'openai/b=A'] }), /^run: the variable A is given twice$/],
    [
      'one twice, by option and file',
      () => ({ credential: ['openai/a=A'], 'env-file': [file('A=1')] }),
      /^run: the variable A is given twice$/,
    ],
    ['no file', () => ({ 'env-file': [join(directory, 'none')] }), /^--env-file: the file cannot be read \(ENOENT\)$/],
    [
      'a directory',
      () => ({ 'env-file': [file('A=1'), directory] }),
      /^--env-file: the file 2 cannot be read \(EISDIR\)$/,
    ],
    ['what has no end', () => ({ 'env-file': ['/dev/zero'] }), /^--env-file: the file has more than 1048576 bytes$/],
    ['no UTF-8', () => ({ 'env-file': [file(Buffer.from([0x41, 0x3d, 0xff]))] }), /the file is not UTF-8$/],
    ['a faulty line', () => ({ 'env-file': [file('A=1\nB')] }), /^--env-file: line 2: must be NAME=value/],
    [
      'one of a second file',
      () => ({ 'env-file': [file('A=1'), file('B')] }),
      /^--env-file: line 1 of file 2: must be/,
    ],
    ...[
      'keyward://openai',
      'keyward://openai/x?y',
      'x keyward://openai/x',
      'Keyward://openai/x',
      'keyward:///x',
      'keyward://openai/x/y',
      `keyward://${KEY}/x`,
    ].map(
      (value) =>
        [
          `the reference ${value}`,
          () => ({ 'env-file': [file(`A=${value}`)] }),
          /^--env-file: line 1: a reference must be the whole value, keyward:\/\/PROVIDER\/NAME: that of A is not$/,
        ] as [string, () => AssignmentOptions, RegExp],
    ),
    [
      'more than a thousand variables',
      () => ({ 'env-file': [file(Array.from({ length: 1_001 }, (_, index) => `A${index}=1`).join('\n'))] }),
      /^run: at most 1000 variables/,
    ],
    [
      'more than a hundred',
      () => ({ credential: Array.from({ length: 101 }, (_, index) => `openai/c${index}=A${index}`) }),
      /^run: at most 100 credentials/,
    ],
  ])('%s is refused', async (_, options, detail) => {
    const refused = await refusal(readAssignments(options()));
    expect(refused).toMatchObject({ exitCode: 2, detail: expect.stringMatching(detail) });
    expect(refused.detail).toEqual(nothingOf(KEY, 'sk_example'));
  });
});

describe('what is revealed', () => {
  const of = (...names: string[]) =>
    names.map((name, index) => ({ variable: `V${index}`, reference: { provider: 'openai', name } }));
  const nameOf = ({ path }: ApiCall): string => path.split('/')[5] ?? '';

  test('each credential once, whichever variables get it', async () => {
    const stage = new CliStage((call) => ({ api_key: `value of ${nameOf(call)}` }));
    const variables = await revealCredentials(stage.session, [
      ...of('a', 'b', 'a', 'c', 'd', 'e', 'f'),
      { variable: 'P', value: 'plain' },
    ]);
    expect(variables.map(({ name, value, isSecret }) => [name, value, isSecret])).toEqual([
      ...['a', 'b', 'a', 'c', 'd', 'e', 'f'].map((name, index) => [`V${index}`, `value of ${name}`, true]),
      ['P', 'plain', false],
    ]);
    expect(stage.calls.map(nameOf).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect(stage.calls.every(({ method, path }) => method === 'POST' && path.endsWith('/reveal'))).toBe(true);
    expect(stage.connections).toBe(1);
  });

  test('what fails is named with its variable, and the reason as the service gives it', async () => {
    const stage = new CliStage((call) =>
      nameOf(call) === 'b' ? new CliError(4, 'credential_not_found', 'there is none', 'r-1') : { api_key: KEY },
    );
    const refused = await refusal(revealCredentials(stage.session, of('a', 'b')));
    expect(refused).toMatchObject({ exitCode: 4, code: 'credential_not_found', requestId: 'r-1' });
    expect(refused.detail).toBe('openai/b for V1: there is none; the program was not started');
  });

  test('after a failure no other is asked for', async () => {
    const stage = new CliStage(() => new CliError(3, 'forbidden', 'no'));
    await refusal(revealCredentials(stage.session, of('a', 'b', 'c')));
    expect(stage.calls).toHaveLength(1);
  });

  test('a service that is away for a moment is asked again', async () => {
    const stage = new CliStage([new CliError(6, 'store_unavailable', 'later'), { api_key: KEY }]);
    expect(await revealCredentials(stage.session, of('a'))).toMatchObject([{ value: KEY }]);
    expect(stage.time.pauses).toEqual([1_000]);
  });

  test('a name that looks like a key is looked for in the list, and shown by its fingerprint', async () => {
    const stage = new CliStage([{ credentials: [{ name: KEY }] }, { api_key: 'value' }]);
    expect(await revealCredentials(stage.session, of(KEY))).toMatchObject([{ value: 'value' }]);
    expect(stage.calls.map(({ method }) => method)).toEqual(['GET', 'POST']);
    const other = new CliStage(() => ({ credentials: [] }));
    const refused = await refusal(revealCredentials(other.session, of(KEY)));
    expect(refused.detail).toMatch(/^openai\/sha256:[0-9a-f]{8} for V0: /);
    expect(refused.detail).toEqual(nothingOf(KEY));
    expect(other.calls.every(({ method, path }) => method === 'GET' && !path.includes(KEY))).toBe(true);
  });

  test.each([
    ['a NUL', { api_key: `${KEY}\0` }, 126, 'nul_in_value'],
    ['nothing', { api_key: '' }, 1, 'unexpected_reply'],
    ['something else', { key: KEY }, 1, 'unexpected_reply'],
  ])('%s for a value', async (_, reply, exitCode, code) => {
    const refused = await refusal(revealCredentials(new CliStage([reply]).session, of('a')));
    expect(refused).toMatchObject({ exitCode, code });
    expect(refused.detail).toEqual(nothingOf(KEY));
  });

  test('Ctrl-C meanwhile', async () => {
    const stage = new CliStage([new CliError(6, 'store_unavailable', 'later')]);
    stage.time.duringPause = () => {
      stage.time.interrupt();
    };
    expect(await refusal(revealCredentials(stage.session, of('a')))).toMatchObject({
      exitCode: 130,
      detail: 'stopped by Ctrl-C; the program was not started',
    });
  });
});

test('a program without a name is refused before anything is asked for', async () => {
  const stage = new CliStage([]);
  expect(await refusal(runProgram(stage.session, [''], { credential: ['openai/a=A'] }))).toMatchObject({ exitCode: 2 });
  expect(stage.calls).toEqual([]);
});

describe('how it ends', () => {
  test.each<[end: Parameters<typeof endAs>[0], code: number, raised: NodeJS.Signals[]]>([
    [{ code: 0 }, 0, []],
    [{ code: 255 }, 255, []],
    [{ signal: 'SIGINT' }, 130, ['SIGINT']],
    [{ signal: 'SIGTERM' }, 143, ['SIGTERM']],
    [{ signal: 'SIGKILL' }, 137, ['SIGKILL']],
    // A file of our memory would have the keys.
    [{ signal: 'SIGSEGV' }, 139, []],
    [{ signal: 'SIGABRT' }, 134, []],
    [{ signal: 'SIGPIPE' }, 141, []],
  ])('%j', (end, code, raised) => {
    const signals = new StagedSignals();
    expect(endAs(end, signals)).toBe(code);
    expect(signals.raised).toEqual(raised);
  });
});

describe('who has Ctrl-C from the terminal', () => {
  test.each([
    ['the group of the terminal', '12 (no de) S) S 1 77 70 34816 77 0', true],
    ['another group', '12 (node) S 1 77 70 34816 70 0', false],
    ['one without a terminal', '12 (node) S 1 77 70 0 -1 0', false],
  ])('%s', (_, stat, expected) => {
    expect(isForeground(stat, () => !expected)).toBe(expected);
  });

  test.each([true, false])('where the system does not tell: whether there is one (%s)', (hasTerminal) => {
    expect(isForeground(undefined, () => hasTerminal)).toBe(hasTerminal);
    expect(isForeground('nonsense', () => hasTerminal)).toBe(hasTerminal);
  });
});
