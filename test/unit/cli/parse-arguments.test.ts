import { CliError } from '../../../cli/io/cli-error';
import { parseArguments, type Invocation } from '../../../cli/parse-arguments';

const CANARY = 'sk-example-canary-not-a-real-key';
const ID = '0123456789abcdef0123456789abcdef';

const commandOf = (...argv: string[]): Invocation => {
  const parsed = parseArguments(argv);
  if (parsed.kind !== 'command') throw new Error(`parsed as ${parsed.kind}`);
  return parsed;
};

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const callAt = (isLocal: boolean, ...argv: string[]) => {
  const { command, parameters, options } = commandOf(...argv);
  if ('work' in command) throw new Error('is more than one call');
  return command.call(parameters, options, { isLocal, now: NOW });
};
const callOf = (...argv: string[]) => callAt(true, ...argv);

const refusalOf = (...argv: string[]): CliError => {
  try {
    callOf(...argv);
  } catch (thrown) {
    if (thrown instanceof CliError) return thrown;
    throw thrown;
  }
  throw new Error('was accepted');
};

describe('calls', () => {
  test.each([
    [
      ['encrypt', 'openai', '--context', 'a=b=c', '--context', 'd='],
      'POST',
      '/v1/providers/openai/encrypt',
      { context: { a: 'b=c', d: '' } },
    ],
    [['--json', 'decrypt', 'openai'], 'POST', '/v1/providers/openai/decrypt', {}],
    [['rewrap', '--region', 'eu-west-1', 'google'], 'POST', '/v1/providers/google/rewrap', {}],
    [
      ['credential', 'put', 'openai', 'main', '--metadata', 'team=x'],
      'PUT',
      '/v1/providers/openai/credentials/main',
      { metadata: { team: 'x' } },
    ],
    [['credential', 'get', 'openai', 'main'], 'GET', '/v1/providers/openai/credentials/main', undefined],
    [['credential', 'reveal', 'openai', 'main'], 'POST', '/v1/providers/openai/credentials/main/reveal', undefined],
    [['credential', 'delete', 'openai', 'main'], 'DELETE', '/v1/providers/openai/credentials/main', undefined],
    [['keys'], 'GET', '/v1/providers', undefined],
    [['keys', 'openai'], 'GET', '/v1/providers/openai', undefined],
    [['rotation', 'list', 'openai'], 'GET', '/v1/providers/openai/rotations', undefined],
    [['rotation', 'abort', 'openai', ID], 'POST', `/v1/providers/openai/rotations/${ID}/abort`, undefined],
    [
      ['rotation', 'abort', 'openai', ID, '--reason', 'a region is down'],
      'POST',
      `/v1/providers/openai/rotations/${ID}/abort`,
      { reason: 'a region is down' },
    ],
    [
      ['version', 'cancel-destruction', 'openai', '3', '--reason', 'still needed'],
      'POST',
      '/v1/providers/openai/versions/3/cancel-destruction',
      { reason: 'still needed' },
    ],
    [['policy', 'show', 'openai'], 'GET', '/v1/providers/openai/rotation-policy', undefined],
    [['version', 'callers', 'openai', '3'], 'GET', '/v1/providers/openai/versions/3/callers', undefined],
    [
      ['version', 'cancel-destruction', 'openai', '3'],
      'POST',
      '/v1/providers/openai/versions/3/cancel-destruction',
      undefined,
    ],
  ])('%j', (argv, method, path, body) => {
    const call = callOf(...argv);
    expect([call.method, call.path, call.body]).toEqual([method, path, body]);
  });

  test('what is stored under the name of a key can be read, replaced and deleted', () => {
    const path = `/v1/providers/openai/credentials/${CANARY}`;
    expect(callOf('credential', 'get', 'openai', CANARY).path).toBe(path);
    expect(callOf('credential', 'reveal', 'openai', CANARY).path).toBe(`${path}/reveal`);
    expect(callOf('credential', 'delete', 'openai', CANARY).path).toBe(path);
    expect(callOf('credential', 'put', 'openai', CANARY, '--if-match', '*').path).toBe(path);
  });

  test('a credential may be named in one word', () => {
    const path = '/v1/providers/openai/credentials/main.v2';
    expect(callOf('credential', 'get', 'openai/main.v2').path).toBe(path);
    expect(callOf('credential', 'delete', 'openai/main.v2', '--purge')).toMatchObject({
      path,
      query: { previous: 'purge' },
    });
    expect(commandOf('credential', 'restore', 'openai/main').parameters).toEqual(['openai', 'main']);
    const set = commandOf('credential', 'metadata', 'set', 'openai/main', 'a=b/c', 'd:=1');
    expect(set.parameters).toEqual(['openai', 'main', 'a=b/c', 'd:=1']);
    expect(commandOf('credential', 'metadata', 'set', 'openai', 'main').parameters).toEqual(['openai', 'main']);
  });

  test('what was deleted is listed by itself', () => {
    expect(callOf('credential', 'list', 'openai', '--deleted', '--all').query).toEqual({
      limit: '200',
      deleted: 'true',
    });
  });

  test('conditions become headers', () => {
    expect(callOf('credential', 'put', 'openai', 'main', '--if-match', '3').headers).toEqual({ 'if-match': '"3"' });
    expect(callOf('credential', 'delete', 'openai', 'main', '--if-match', '*').headers).toEqual({ 'if-match': '*' });
    expect(callOf('credential', 'put', 'openai', 'main', '--if-none-match').headers).toEqual({ 'if-none-match': '*' });
  });

  test('filters become a query; everything is read in the largest pages', () => {
    const filters = [
      '--user',
      'arn:aws:iam::1:user/a',
      '--type',
      'decrypt',
      '--success',
      'false',
      '--provider',
      'openai',
    ];
    expect(callOf('audit', ...filters, '--from', '2026-11-20', '--to', '2026-11-21', '--limit', '5').query).toEqual({
      user_id: 'arn:aws:iam::1:user/a',
      event_type: 'decrypt',
      success: 'false',
      provider: 'openai',
      from: '2026-11-20T00:00:00.000Z',
      to: '2026-11-21T00:00:00.000Z',
      limit: '5',
    });
    expect(callOf('audit', '--all').query).toEqual({ limit: '500' });
    expect(callOf('audit', '--key-version', '2').query).toEqual({ key_version: '2' });
    expect(callOf('rotation', 'list', 'openai', '--limit', '5', '--all').query).toEqual({ limit: '5' });
    expect(callOf('version', 'callers', 'openai', '3', '--since', '1h').query).toEqual({
      from: '2026-11-21T11:00:00.000Z',
    });
    expect(callOf('credential', 'list', 'openai', '--all').query).toEqual({ limit: '200' });
    expect(callOf('credential', 'list', 'openai').query).toEqual({});
  });

  test('a credential, a request and an operation', () => {
    const about = ['--credential', 'main.v2', '--request-id', 'a b', '--operation', 'GET /v1/providers/{provider}'];
    expect(callOf('audit', ...about).query).toEqual({
      credential: 'main.v2',
      request_id: 'a b',
      operation: 'GET /v1/providers/{provider}',
    });
    expect(callOf('audit', '--credential', 'sha256:0123abcd').query).toEqual({ credential: 'sha256:0123abcd' });
    expect(refusalOf('audit', '--credential', 'a/b').detail).toMatch(/^--credential: must be 1 to 128 letters/);
    const keyShaped = refusalOf('audit', '--credential', CANARY).detail;
    expect(keyShaped).toMatch(/^--credential: looks like an API key.* sha256:3d40c7e6$/);
    expect(keyShaped).not.toContain(CANARY);
    expect(refusalOf('audit', '--credential', 'sha256:0123').detail).toMatch(/^--credential: must be/);
  });

  test.each([
    ['30m', '2026-11-21T11:30:00.000Z'],
    ['12h', '2026-11-21T00:00:00.000Z'],
    ['7d', '2026-11-14T12:00:00.000Z'],
    ['2w', '2026-11-07T12:00:00.000Z'],
    ['90s', '2026-11-21T11:58:30.000Z'],
    ['1d12h', '2026-11-20T00:00:00.000Z'],
    ['1w1d1h1m1s', '2026-11-13T10:58:59.000Z'],
    ['20000d', '1972-02-18T12:00:00.000Z'],
  ])('--since %s', (since, from) => {
    expect(callOf('audit', '--since', since).query).toEqual({ from });
    expect(callOf('audit', '--since', since, '--to', '2026-11-21T13:00:00+01:00').query).toEqual({
      from,
      to: '2026-11-21T12:00:00.000Z',
    });
  });

  test.each([
    ...['7', 'd', '7D', '7 d', '1.5h', '7days', '1y', '1h1d', '1d1d', '+7d', ' 7d', '9999999999d', 'all'].map(
      (since): [string, string] => [since, 'must be a duration such as 30m'],
    ),
    ['2026-11-21', 'a time is given by --from'],
    ['2026-11-21T00:00:00Z', 'a time is given by --from'],
    ['0d', 'must be more than 0'],
    ['99999w', 'must not go back to before 1970'],
  ])('--since %s is refused: %s', (since, why) => {
    expect(refusalOf('audit', `--since=${since}`).detail).toMatch(new RegExp(`^--since: .*${why}`));
  });

  test('times are checked before anything is sent', () => {
    expect(
      callOf('audit', '--from', '2026-11-20T10:00:00.1234+02:00', '--to', '2026-11-20t08:00:00.1234z').query,
    ).toEqual({
      from: '2026-11-20T08:00:00.123Z',
      to: '2026-11-20T08:00:00.124Z',
    });
    expect(refusalOf('audit', '--from', '2026-11-20T10:00:00').detail).toMatch(/^--from: must end with Z or an offset/);
    expect(refusalOf('audit', '--to', 'tomorrow').detail).toMatch(/^--to: must be a time such as/);
    expect(refusalOf('version', 'callers', 'openai', '3', '--from', 'x').detail).toMatch(/^--from: must be a time/);
    expect(refusalOf('audit', '--from', '2026-11-21', '--to', '2026-11-20').detail).toBe(
      '--from: must not be after --to',
    );
    expect(refusalOf('audit', '--since', '1h', '--to', '2026-11-20').detail).toMatch(/^--since: counts back from now/);
    for (const command of [['audit'], ['version', 'callers', 'openai', '3']]) {
      expect(refusalOf(...command, '--since', '1h', '--from', '2026-11-20').detail).toBe(
        'only one of --from and --since may be given',
      );
    }
  });

  test("a user's name is enough beside a local server; elsewhere it says what is needed", () => {
    const local = { user_id: 'arn:aws:iam::000000000000:user/openai-only' };
    expect(callAt(true, 'audit', '--user', 'openai-only').query).toEqual(local);
    for (const whole of ['arn:aws:sts::111122223333:assumed-role/ops/alice', 'keyward:sweep']) {
      for (const isLocal of [true, false]) {
        expect(callAt(isLocal, 'audit', '--user', whole).query).toEqual({ user_id: whole });
      }
    }
    for (const path of ['', 'service/', 'a/b/']) {
      expect(callAt(false, 'audit', '--user', `arn:aws-cn:iam::111122223333:role/${path}search`).query).toEqual({
        user_id: 'arn:aws-cn:sts::111122223333:assumed-role/search/*',
      });
    }
    expect(() => callAt(false, 'audit', '--user', 'alice')).toThrow(/^--user: must be a complete ARN.*assumed-role/);
    expect(() => callAt(true, 'audit', '--user', 'role/alice')).toThrow(/^--user: must be a complete ARN/);
  });

  test('a context member cannot set a prototype', () => {
    expect(JSON.stringify(callOf('encrypt', 'openai', '--context', '__proto__=x').body)).toBe(
      '{"context":{"__proto__":"x"}}',
    );
  });
});

test('completion, of a shell that it knows', () => {
  expect(parseArguments(['completion', 'fish'])).toEqual({ kind: 'completion', shell: 'fish' });
});

describe('help and version', () => {
  test('come before anything that is wrong', () => {
    expect(parseArguments(['--help'])).toEqual({ kind: 'help', topic: undefined });
    expect(parseArguments(['--version'])).toEqual({ kind: 'version' });
    expect(parseArguments(['-V'])).toEqual({ kind: 'version' });
    expect(parseArguments(['-VV'])).toEqual({ kind: 'version' });
    expect(parseArguments(['encrypt', '--nonsense', '--version'])).toEqual({ kind: 'version' });
  });

  test('nothing at all is not the same as being asked', () => {
    expect(parseArguments([])).toEqual({ kind: 'nothing' });
  });

  test.each([
    [['help']],
    [['-h']],
    [['--json', '-h']],
    [['help', '--json']],
    [['--region', '-h']],
    [['--nonsense', '--help']],
    [['-hV']],
    [['-help']],
  ])('%j is about the program', (argv) => {
    expect(parseArguments(argv)).toEqual({ kind: 'help', topic: undefined });
  });

  test.each([
    [['credential', 'put', '--help']],
    [['credential', 'put', '-h']],
    [['-h', 'credential', 'put']],
    [['credential', '-h', 'put']],
    [['credential', 'put', 'openai', 'main', 'one too many', '-h']],
    [['credential', 'put', '--metadata', '-h']],
    [['credential', 'put', '--metadata', '--help']],
    [['help', 'credential', 'put']],
    [['help', 'credential', 'put', '-h']],
  ])('%j is about one command', (argv) => {
    const topic = argv[0] === 'help' && argv.includes('-h') ? ['help'] : ['credential', 'put'];
    expect(parseArguments(argv)).toMatchObject({ kind: 'help', topic: { words: topic } });
  });

  test.each([[['help', 'credential']], [['credential', '-h']], [['credential', '--help', CANARY]]])(
    '%j is about a group',
    (argv) => {
      expect(parseArguments(argv)).toEqual({ kind: 'help', topic: { group: 'credential' } });
    },
  );

  test.each([[['help', 'encrpyt']], [['encrpyt', '-h']]])('%j names the command that was meant', (argv) => {
    expect(refusalOf(...argv).detail).toContain('did you mean encrypt?');
  });

  test('after -- nothing is an option', () => {
    expect(commandOf('keys', '--', 'openai').parameters).toEqual(['openai']);
    expect(refusalOf('keys', '--', '--help').detail).toContain('the provider must be');
  });
});

describe('a program', () => {
  test('what stands behind -- is its own, whatever it looks like', () => {
    const argv = ['node', '--help', '-V', '--', '--credential', CANARY, '', '--json'];
    const parsed = commandOf('--json', 'run', '--credential', 'openai/default=A', '--mask', '--', ...argv);
    expect(parsed.parameters).toEqual(argv);
    expect(parsed.options).toEqual({ json: true, credential: ['openai/default=A'], mask: true });
  });

  test.each([
    [['run', 'node', 'app.js'], 'run: the program is missing: put options first, then --'],
    [
      ['run', '--credential', 'openai/default=A', 'node', '--inspect'],
      'run: the program is missing: put options first, then --',
    ],
    [['run', '--'], 'run: the program is missing after --'],
    [['run', '--credential', '--', 'node'], 'run: the program is missing: put options first, then --'],
    [['--', 'run', 'node'], 'run must stand before --'],
    [['run', 'node', '--', 'app.js'], 'run: only options may stand before --'],
    [['run', CANARY, '--', 'app.js'], 'the history of your shell has it'],
    [['run', '--consistent', '--', 'app.js'], 'run: there is no such option'],
    [['run', '--mask=x', '--', 'app.js'], '--mask takes no value'],
  ])('%j is refused', (argv, detail) => {
    const refused = refusalOf(...argv);
    expect(refused).toMatchObject({ exitCode: 2, detail: expect.stringContaining(detail) });
    expect(refused.detail).not.toContain(CANARY);
  });

  test('help of it, before -- alone', () => {
    expect(parseArguments(['run', '-h', '--', 'node'])).toMatchObject({ kind: 'help', topic: { words: ['run'] } });
  });
});

describe('what is refused, without being repeated', () => {
  test.each([
    [['--json'], 'a command is missing'],
    [['--context', 'a=b'], 'a command is missing'],
    [['--help=x'], 'a command is missing'],
    [['keys', '--help=x'], '--help takes no value'],
    [['-hx'], 'keyward: there is no such option; it takes'],
    [['keys', `-h${CANARY}`], 'keys: there is no such option; it takes'],
    [['keys', `-V${CANARY}`], 'keys: there is no such option; it takes'],
    [[CANARY], 'no such command'],
    [
      ['credential', CANARY],
      'credential takes one of put, get, list, reveal, delete, previous, restore, purge, metadata; see',
    ],
    [
      ['credential'],
      'credential takes one of put, get, list, reveal, delete, previous, restore, purge, metadata; see keyward help credential',
    ],
    [['version'], 'keyward --version shows that of this program'],
    [['encrypt', 'openai', CANARY], 'read from stdin'],
    [['encrypt', CANARY], 'read from stdin'],
    [['credential', 'put', 'openai', CANARY], 'read from stdin'],
    [['credential', 'put', 'openai', CANARY], 'the history of your shell has it'],
    [['credential', 'put', 'openai', CANARY, '--if-none-match'], 'the history of your shell has it'],
    [['credential', 'put', 'openai', `xai-${CANARY}`], 'the name looks like a key or token'],
    [['credential', 'put', 'openai', 'main', CANARY], 'read from stdin'],
    [['encrypt', 'openai', CANARY], 'the history of your shell has it'],
    [['credential', 'put', 'openai', 'main', '--no-metadata', '--metadata', `a=${CANARY}`], 'only one of'],
    [['credential', 'put', 'openai', 'main', '--format', CANARY], '--format: must be one of key, document, text'],
    [['encrypt', 'openai', `--plaintext=${CANARY}`], 'read from stdin'],
    [['encrypt', 'openai', `--${CANARY}`], 'read from stdin'],
    [['encrypt', 'openai', `--json=${CANARY}`], '--json takes no value'],
    [['encrypt', 'openai', '--context', CANARY], '--context: must be name=value'],
    [['encrypt', 'openai', '--context', `a=${CANARY}`, '--context', 'a=b'], 'given twice'],
    [['encrypt', 'openai', '--context'], '--context lacks its value'],
    [['encrypt', 'openai', '--context', '--json'], '--context lacks its value'],
    [['encrypt', 'openai', '--context', `-${CANARY}`], 'one that begins with - is given as --context=…'],
    [['encrypt', 'openai', '--context='], '--context: must not be empty'],
    [['keys', '--endpoint', ''], '--endpoint: must not be empty'],
    [['keys', '--region', 'eu-west-1', '--region', CANARY], '--region is given twice; it has one value'],
    [['audit', '--success', CANARY], '--success: must be one of true, false'],
    [['policy', 'set', 'openai', '--interval', '45'], '--interval: must be one of 30, 60, 90'],
    [['credential', 'list', 'openai', '--limit', '201'], '--limit: must be 1 to 200'],
    [['rotation', 'abort', 'openai', ID, '--reason', 'two\nlines'], '--reason: must be 1 to 200 printable characters'],
    [['rotation', 'abort', 'openai', ID, '--reason', `leaked ${CANARY}`], '--reason: must not hold an API key'],
    [['version', 'schedule-destruction', 'openai', '1', '--yes'], '--window is missing; usage: keyward version sch'],
    [['encrypt'], 'encrypt: the provider is missing; usage: keyward encrypt <provider>'],
    [
      ['encrypt', '../x'],
      'the provider must be 1 to 50 of a-z, 0-9 and -, and no - first: openai, anthropic, google, global',
    ],
    [['encrypt', 'OpenAI'], 'the provider must be'],
    [['completion'], 'the shell is missing; usage: keyward completion <shell>'],
    [['completion', 'sh'], 'the shell must be one of bash, zsh, fish'],
    [['credential', 'get', 'openai'], 'the name is missing; usage: keyward credential get <provider> <name>'],
    [['credential', 'get', 'openai', 'a/b'], 'the name must be 1 to 128 letters, digits, ".", "_" and "-"'],
    [['credential', 'restore', `openai/${CANARY}/x`], 'the name looks like a key or token'],
    [['credential', 'get', 'openai/a/b'], 'the name must be 1 to 128 letters, digits'],
    [['credential', 'get', 'openai/'], 'the name must be 1 to 128 letters, digits'],
    [['credential', 'get', '/main'], 'the provider must be 1 to 50'],
    [['credential', 'list', 'openai/main'], 'the provider must be 1 to 50'],
    [['credential', 'metadata'], 'credential metadata takes one of set; see keyward help credential'],
    [['credential', 'metadata', CANARY], 'credential metadata takes one of set'],
    [['credential', 'metadata', 'set', 'openai', 'main', CANARY], 'the member looks like a key or token'],
    [['credential', 'metadata', 'set', 'openai', 'main', 'a=b', 'c'], 'the member must be NAME=TEXT, or NAME:=JSON'],
    [['credential', 'metadata', 'set', 'openai', 'main', '=b'], 'the member must be NAME=TEXT, or NAME:=JSON'],
    [['rotation', CANARY], 'rotation takes one of list, show, watch, abort'],
    [['rotation', 'show', 'openai', CANARY], 'the id looks like a key or token'],
    [['rotation', 'show', 'openai', '../credentials'], 'the id must be 32 of 0-9 and a-f'],
    [['rotation', 'abort', 'openai', 'latest'], 'the id is required'],
    [['version', 'callers', 'openai', '01'], 'the version must be a whole number from 1'],
    [['audit', '--key-version', CANARY], '--key-version: must be 1 to'],
    [['keys', '--limit', CANARY], 'keys does not take --limit; it takes --endpoint, --profile, --region, --json'],
    [['credential', 'put', 'openai', 'main', '--if-match', CANARY], '--if-match'],
    [['credential', 'put', 'openai', 'main', '--if-match', '1', '--if-none-match'], 'only one of'],
  ])('%j', (argv, part) => {
    const { exitCode, code, detail } = refusalOf(...argv);
    expect([exitCode, code]).toEqual([2, 'usage']);
    expect(detail).toContain(part);
    expect(detail).not.toContain(CANARY);
  });
});

describe('what was probably meant is named', () => {
  test.each([
    [['encrpyt', 'openai'], 'encrypt'],
    [['Encrypt', 'openai'], 'encrypt'],
    [['credentials', 'list', 'openai'], 'credential'],
    [['credential-put', 'openai', 'main'], 'credential put'],
    [['credential:put', 'openai', 'main'], 'credential put'],
    [['put', 'openai', 'main'], 'credential put'],
    [['list', 'openai'], 'credential list or rotation list'],
    [['rot', 'openai'], 'rotate or rotation'],
    [['credential', 'lsit', 'openai'], 'list'],
    [['encrypt', 'openai', '--contxt', 'a=b'], '--context'],
    [['encrypt', 'openai', '--CONTEXT', 'a=b'], '--context'],
    [['encrypt', 'openai', '-json'], '--json'],
    [['--Help'], '--help'],
    [['--versoin'], '--version'],
    [['-version'], '--version'],
    [['encrypt', 'openai', '-r', 'eu-west-1'], '--region'],
    [['rotate', 'openai', '--dryrun'], '--dry-run'],
    [['rotate', 'openai', '--idem', 'x'], '--idempotency-key'],
  ])('%j: %s', (argv, meant) => {
    expect(refusalOf(...argv).detail).toContain(`did you mean ${meant}?`);
    expect(refusalOf(...argv).detail).not.toMatch(/\?[;:]/);
  });

  test.each([[[CANARY]], [['encrypt', 'openai', `--${CANARY}`]], [['x'.repeat(100_000)]], [['']]])(
    'nothing is like %.40j',
    (argv) => {
      expect(refusalOf(...argv).detail).not.toContain('did you mean');
    },
  );

  test('an option of another command is one that this command does not take', () => {
    expect(refusalOf('encrypt', 'openai', '--limit', '5').detail).toBe(
      'encrypt does not take --limit; it takes --context, --trim, --endpoint, --profile, --region, --json, --help, --version',
    );
  });
});

describe('options', () => {
  test('may stand before the command, and have their value after =', () => {
    const { parameters, options } = commandOf('--context=a=b', '--region=eu-west-1', 'encrypt', '--json', 'openai');
    expect([parameters, options]).toEqual([['openai'], { context: ['a=b'], region: 'eu-west-1', json: true }]);
  });

  test('a value may begin with - where it is given after =, and be - alone', () => {
    expect(commandOf('rotate', 'openai', '--reason=-x').options).toEqual({ reason: '-x' });
    expect(commandOf('rotate', 'openai', '--reason', '-').options).toEqual({ reason: '-' });
  });

  test('a switch may be given again', () => {
    expect(commandOf('rotate', 'openai', '--yes', '--yes').options).toEqual({ yes: true });
  });
});
