import { CliError } from '../../../cli/io/cli-error';
import { parseArguments, type Invocation } from '../../../cli/parse-arguments';

const CANARY = 'sk-example-canary-not-a-real-key';
const ID = '0123456789abcdef0123456789abcdef';

const commandOf = (...argv: string[]): Invocation => {
  const parsed = parseArguments(argv);
  if (parsed.kind !== 'command') throw new Error(`parsed as ${parsed.kind}`);
  return parsed;
};

const callOf = (...argv: string[]) => {
  const { command, parameters, options } = commandOf(...argv);
  if ('work' in command) throw new Error('is more than one call');
  return command.call(parameters, options);
};

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
    expect(callOf('audit', ...filters, '--from', 'x', '--to', 'y', '--limit', '5').query).toEqual({
      user_id: 'arn:aws:iam::1:user/a',
      event_type: 'decrypt',
      success: 'false',
      provider: 'openai',
      from: 'x',
      to: 'y',
      limit: '5',
    });
    expect(callOf('audit', '--all').query).toEqual({ limit: '500' });
    expect(callOf('audit', '--key-version', '2').query).toEqual({ key_version: '2' });
    expect(callOf('rotation', 'list', 'openai', '--limit', '5', '--all').query).toEqual({ limit: '5' });
    expect(callOf('version', 'callers', 'openai', '3', '--from', 'x').query).toEqual({ from: 'x' });
    expect(callOf('credential', 'list', 'openai', '--all').query).toEqual({ limit: '200' });
    expect(callOf('credential', 'list', 'openai').query).toEqual({});
  });

  test('a context member cannot set a prototype', () => {
    expect(JSON.stringify(callOf('encrypt', 'openai', '--context', '__proto__=x').body)).toBe(
      '{"context":{"__proto__":"x"}}',
    );
  });
});

describe('help and version', () => {
  test('come before anything that is wrong', () => {
    expect(parseArguments(['--help'])).toEqual({ kind: 'help', command: undefined });
    expect(parseArguments(['credential', 'put', '--help'])).toMatchObject({
      command: { words: ['credential', 'put'] },
    });
    expect(parseArguments(['--version'])).toEqual({ kind: 'version' });
  });
});

describe('what is refused, without being repeated', () => {
  test.each([
    [[], 'a command is missing'],
    [[CANARY], 'no such command'],
    [['credential', CANARY], 'credential takes one of'],
    [['encrypt', 'openai', CANARY], 'read from stdin'],
    [['encrypt', CANARY], 'read from stdin'],
    [['credential', 'put', 'openai', CANARY], 'read from stdin'],
    [['credential', 'put', 'openai', 'main', CANARY], 'read from stdin'],
    [['encrypt', 'openai', `--plaintext=${CANARY}`], 'read from stdin'],
    [['encrypt', 'openai', `--${CANARY}`], 'read from stdin'],
    [['encrypt', 'openai', `--json=${CANARY}`], 'an option lacks its value'],
    [['encrypt', 'openai', '--context', CANARY], '--context: must be name=value'],
    [['encrypt', 'openai', '--context', `a=${CANARY}`, '--context', 'a=b'], 'given twice'],
    [['encrypt', 'openai', '--context'], 'an option lacks its value'],
    [['encrypt'], 'the provider is missing'],
    [['encrypt', '../x'], 'not one that there can be'],
    [['credential', 'get', 'openai'], 'the name is missing'],
    [['credential', 'get', 'openai', 'a/b'], 'not one that there can be'],
    [['rotation', CANARY], 'rotation takes one of list, show, watch, abort'],
    [['rotation', 'show', 'openai', CANARY], 'the id is not one'],
    [['rotation', 'show', 'openai', '../credentials'], 'the id is not one'],
    [['rotation', 'abort', 'openai', 'latest'], 'the id has to be given'],
    [['version', 'callers', 'openai', '01'], 'the version is not one'],
    [['audit', '--key-version', CANARY], '--key-version: must be 1 to'],
    [['keys', '--limit', CANARY], 'keys does not take --limit'],
    [['credential', 'put', 'openai', 'main', '--if-match', CANARY], '--if-match'],
    [['credential', 'put', 'openai', 'main', '--if-match', '1', '--if-none-match'], 'only one of'],
  ])('%j', (argv, part) => {
    const { exitCode, code, detail } = refusalOf(...argv);
    expect([exitCode, code]).toEqual([2, 'usage']);
    expect(detail).toContain(part);
    expect(detail).not.toContain(CANARY);
  });
});
