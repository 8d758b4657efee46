import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { describeUnless } from '../../skip-without';
import { LocalProcess, temporaryHome } from '../local/local-process';
import { NO_TERMINAL, ShellOnTerminal } from './shell-on-terminal';
import { bareEnvironment } from './bare-environment';

/**
 * The mistakes, as people make them, with the program, a server and a shell: each is undone by the one command that the mistake itself
 * printed, taken out of the output and run as it stands there.
 */

const KEY = 'sk-example-not-a-real-key-0001';
const OTHER = 'sk-example-not-a-real-key-0002';
const BESIDE = { base_url: 'https://example.com/v1', team: 'search' };
const UNDO = /^keyward: undo: .*: (keyward credential (?:restore|delete) .*)$/m;

const { home, remove } = temporaryHome();
let server: LocalProcess;
let names = 0;

const environment = (extra: Record<string, string> = {}): Record<string, string> => ({
  ...bareEnvironment({ home, url: server.url }, dirname(home)),
  PATH: `${join(ROOT, 'bin')}:${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
  ...extra,
});

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The output of a shell for a command line, without a terminal. */
function ran(line: string, extra: Record<string, string> = {}): Ran {
  const env = environment(extra);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: dirname(home), env, input: '' });
  return { code: status, out: stdout.toString(), err: stderr.toString() };
}

const nextName = (): string => `undo-${(names += 1)}`;
const isStored = (place: string): boolean => ran(`keyward credential get ${place}`).code === 0;
const undoIn = (text: string): string =>
  UNDO.exec(text.replaceAll('\r', ''))?.[1] ?? `echo there is no undo in: ${text}`;

/** A key with its metadata, which must be restored completely. */
function store(place: string, key = KEY): void {
  const beside = Object.entries(BESIDE).map(([name, value]) => `--metadata ${name}=${value}`);
  const { code, err } = ran(`printf %s ${key} | keyward credential put ${place} ${beside.join(' ')}`);
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('delete it with') });
}

function expectStored(place: string, key = KEY): void {
  const { api_key, metadata } = JSON.parse(ran(`keyward credential reveal ${place} --json`).out) as Record<
    string,
    unknown
  >;
  expect({ api_key, metadata }).toEqual({ api_key: key, metadata: BESIDE });
}

beforeAll(async () => {
  server = await LocalProcess.start(home);
});
afterAll(async () => {
  await server.stop();
  remove();
});

describe('in a pipe', () => {
  test.each([
    ['a mask that is said to be a key', "printf '********'", '--format key'],
    ['an empty line that is said to be text', 'echo', '--format text'],
    ["jq's null that is said to be a key", 'echo null', '--format key'],
    ['the key of somebody else', `printf %s ${OTHER}`, ''],
    ['the key of somebody else, and none of what stood beside it', `printf %s ${OTHER}`, '--no-metadata'],
    ['a whole document', `echo '{"a":1}'`, ''],
  ])('%s over a key', (_, input, options) => {
    const place = `openai ${nextName()}`;
    store(place);
    const mistake = ran(`${input} | keyward credential put ${place} ${options}`);
    expect(mistake.code).toBe(0);
    expect(ran(`keyward credential reveal ${place}`).out).not.toBe(KEY);
    const undo = undoIn(mistake.err);
    expect(undo).toBe(`keyward credential restore ${place} --revision 1`);
    const undone = ran(undo);
    expect(undone.code).toBe(0);
    expectStored(place);
    // Pasted once more it does not restore the mistake; the command that it printed does.
    expect(ran(undo).code).toBe(5);
    expectStored(place);
    expect(ran(undoIn(undone.err)).code).toBe(0);
    expect(ran(`keyward credential reveal ${place}`).out).not.toBe(KEY);
  });

  test.each([
    ['a mask', "printf '********'", ''],
    ['an empty pipe', "printf ''", ''],
    ['an empty pipe that is said to be a key', "printf ''", '--format key'],
    ['an empty pipe that is said to be text', "printf ''", '--format text'],
    ['a program that fails', 'false', ''],
    ['an empty line', 'echo', ''],
    ["jq's null", 'echo null', ''],
  ])('%s changes nothing, so that nothing has to be undone', (_, input, options) => {
    const place = `openai ${nextName()}`;
    store(place);
    const mistake = ran(`${input} | keyward credential put ${place} ${options}`);
    expect({ code: mistake.code, out: mistake.out }).toEqual({ code: 2, out: '' });
    expect(mistake.err).not.toContain('undo');
    expectStored(place);
  });

  test('a wrong name, under which another key is stored', () => {
    const [right, wrong] = [`openai ${nextName()}`, `openai ${nextName()}`];
    store(right);
    store(wrong, OTHER);
    const mistake = ran(`printf %s sk-example-new | keyward credential put ${wrong}`);
    expect(ran(undoIn(mistake.err)).code).toBe(0);
    expectStored(wrong, OTHER);
    expectStored(right);
  });

  test('a wrong name, under which nothing is stored', () => {
    const [right, wrong] = [`openai ${nextName()}`, `openai ${nextName()}`];
    store(right);
    const mistake = ran(`printf %s sk-example-new | keyward credential put ${wrong}`);
    expect(ran(undoIn(mistake.err)).code).toBe(0);
    expect(isStored(wrong)).toBe(false);
    expectStored(right);
  });

  test('a new key under the name of a deleted one, which comes back', () => {
    const place = `openai ${nextName()}`;
    store(place);
    ran(`keyward credential delete ${place} --yes`);
    const mistake = ran(`printf %s sk-example-new | keyward credential put ${place}`);
    expect(ran(undoIn(mistake.err)).code).toBe(0);
    expectStored(place);
  });

  test('a deletion of the wrong provider', () => {
    const name = nextName();
    store(`openai ${name}`);
    store(`google ${name}`, OTHER);
    const mistake = ran(`keyward credential delete google ${name} --yes`);
    const missed = ran(`keyward credential get google ${name}`);
    expect(missed.code).toBe(4);
    expect(missed.err).toContain('; credential list --deleted lists deleted keys (request ');
    expect(ran(`keyward credential list google --deleted`).out).toMatch(new RegExp(`^${name} +0002 `, 'm'));
    expect(ran(undoIn(mistake.err)).code).toBe(0);
    expectStored(`google ${name}`, OTHER);
    expectStored(`openai ${name}`);
  });

  test('as JSON, with where and as whom, in a shell whose environment says neither', () => {
    const place = `openai ${nextName()}`;
    store(place);
    const where = `--endpoint ${server.url} --profile openai-only --region us-east-1`;
    const bare = { KEYWARD_ENDPOINT: '' };
    for (const line of [
      `printf %s ${OTHER} | keyward credential put ${place} ${where} --json`,
      `keyward credential delete ${place} ${where} --json --yes`,
    ]) {
      const mistake = ran(line, bare);
      expect(mistake.code).toBe(0);
      const said = JSON.parse(mistake.err) as Record<string, string>;
      expect(said['code']).toBe('undo');
      const undone = ran(said['command'] ?? '', bare);
      expect({ ...undone, out: '' }).toEqual({ code: 0, out: '', err: expect.any(String) });
      expectStored(place);
    }
  });

  test('what is purged is gone, and no command is named that says otherwise', () => {
    const place = `openai ${nextName()}`;
    store(place);
    ran(`printf %s ${OTHER} | keyward credential put ${place}`);
    expect(ran(`keyward credential purge ${place}`).code).toBe(2);
    expect(ran(`keyward credential purge ${place} --yes`)).toEqual({ code: 0, out: '', err: '' });
    const gone = ran(`keyward credential restore ${place}`);
    expect(gone.code).toBe(4);
    const audit = /: (keyward audit .*) \(request /.exec(gone.err)?.[1] ?? '';
    expect(ran(audit).out).toContain('purge_previous_value');
    expect(ran(`keyward credential delete ${place} --purge --yes`)).toEqual({ code: 0, out: '', err: '' });
    expect(ran(`keyward credential restore ${place}`).code).toBe(4);
    expect(ran(`keyward credential list openai --deleted --all`).out).not.toContain(`${place.split(' ')[1] ?? ''} `);
  });
});

describeUnless(NO_TERMINAL, 'on a terminal', () => {
  let shell: ShellOnTerminal;
  beforeAll(async () => {
    shell = await ShellOnTerminal.start(environment());
  });
  afterAll(async () => {
    await shell.end();
  });

  /** Answers a question with yes, and types the requested text. */
  async function mistaken(line: string, typed?: string): Promise<string> {
    await shell.asks(line, '[y/N] ');
    shell.write('y\r');
    if (typed !== undefined) {
      await shell.shows(/not shown[^:]*: /);
      shell.write(`${typed}\r`);
    }
    return shell.next();
  }

  async function expectUndone(shown: string): Promise<void> {
    await shell.run(undoIn(shown));
    expect(await shell.run('echo "code $?"')).toBe('code 0\n');
  }

  test.each([
    ['a mask that is said to be a key', '********', '--format key'],
    ['the key of somebody else', OTHER, ''],
  ])('%s over a key', async (_, typed, options) => {
    const place = `openai ${nextName()}`;
    store(place);
    const shown = await mistaken(`keyward credential put ${place} ${options}`, typed);
    expect(ran(`keyward credential reveal ${place}`).out).toBe(typed);
    await expectUndone(shown);
    expectStored(place);
  });

  test('a wrong name, under which nothing is stored', async () => {
    const place = `openai ${nextName()}`;
    await shell.asks(`keyward credential put ${place}`);
    shell.write(`${OTHER}\r`);
    await expectUndone(await shell.next());
    expect(isStored(place)).toBe(false);
  });

  test('a deletion of the wrong provider, which says until when it is kept', async () => {
    const name = nextName();
    store(`openai ${name}`);
    store(`google ${name}`, OTHER);
    const shown = await mistaken(`keyward credential delete google ${name}`);
    expect(shown).toMatch(/the key is kept until \d{4}-.* --revision 1\r\n/);
    await expectUndone(shown);
    expectStored(`google ${name}`, OTHER);
    expectStored(`openai ${name}`);
  });

  test('whoever knows no revision is shown what comes back, and may say no', async () => {
    const place = `openai ${nextName()}`;
    store(place);
    ran(`printf %s ${OTHER} | keyward credential put ${place}`);
    await shell.asks(`keyward credential restore ${place}`, '[y/N] ');
    shell.write('\r');
    expect(await shell.next()).toContain('not confirmed; nothing was sent');
    await shell.asks(`keyward credential restore ${place}`, '[y/N] ');
    // Another user is faster.
    ran(`printf %s sk-example-faster | keyward credential put ${place}`);
    shell.write('y\r');
    expect(await shell.next()).toContain('somebody else has changed it since you were asked');
    expect(ran(`keyward credential reveal ${place}`).out).toBe('sk-example-faster');
    await mistaken(`keyward credential restore ${place}`);
    expectStored(place, OTHER);
  });
});

test('where nothing is kept nothing is promised', async () => {
  await server.stop();
  server = await LocalProcess.start(home, { KEYWARD_PREVIOUS_VALUE_DAYS: '0' });
  const place = `openai ${nextName()}`;
  store(place);
  expect(ran(`printf %s ${OTHER} | keyward credential put ${place}`).err).toBe('');
  expect(ran(`keyward credential restore ${place}`).code).toBe(4);
});
