import type { ApiCall } from '../../../cli/client/api-call';
import { COMMANDS } from '../../../cli/commands';
import { showPages } from '../../../cli/show-pages';
import { Sink } from '../../doubles/cli-stage';
import { screenOf } from '../../doubles/terminal-screen';

type Reply = Readonly<Record<string, unknown>>;

const list = {
  kind: 'list',
  member: 'events',
  columns: [
    { name: 'name', rank: 0, least: 6, grows: true },
    { name: 'about', rank: 1, least: 6, grows: true },
  ],
} as const;
const rowsOf = (...names: string[]) => names.map((name) => ({ name, about: { team: 'search' } }));

interface Given {
  readonly query?: Readonly<Record<string, string>>;
  readonly all?: boolean;
  readonly json?: boolean;
  readonly isTerminal?: boolean;
  readonly columns?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly nothing?: () => Promise<() => Promise<string>>;
}

async function show(replies: readonly Reply[], given: Given = {}) {
  const { query = {}, all = false, json = false, isTerminal = false, columns = 80, env = {}, nothing } = given;
  const calls: ApiCall[] = [];
  const client = {
    send: async (call: ApiCall): Promise<Reply> => {
      calls.push(call);
      const reply = replies[calls.length - 1];
      if (reply === undefined) throw new Error('one call more than the test expects');
      return reply;
    },
  };
  const [stdout, stderr] = [new Sink(isTerminal, columns), new Sink(isTerminal, columns)];
  await showPages(client, { method: 'GET', path: '/v1', query }, list, {
    json,
    all,
    stdout,
    stderr,
    env,
    ...(nothing !== undefined && { nothing }),
  });
  return { out: stdout.text, err: stderr.text, queries: calls.map((call) => call.query) };
}

const MORE = 'keyward: more: there may be more; --all shows everything\n';

test('a page that is full is all that is shown', async () => {
  const { out, err, queries } = await show([{ events: rowsOf('a', 'b'), next_cursor: '1' }], { query: { limit: '2' } });
  expect(out).toBe('NAME  ABOUT\na     {"team":"search"}\nb     {"team":"search"}\n');
  expect([err, queries]).toEqual([MORE, [{ limit: '2' }]]);
});

test('an empty page and a short one go on by themselves, until there are as many rows as were asked for', async () => {
  const filters = { provider: 'openai', limit: '3' };
  const replies = [
    { events: [], next_cursor: '1' },
    { events: rowsOf('a'), damaged: ['b'], next_cursor: '2' },
    { events: [], next_cursor: '3' },
    { events: rowsOf('c'), next_cursor: '4' },
  ];
  const { out, err, queries } = await show(replies, { query: filters });
  expect(out.split('\n').map((line) => line.split(' ')[0])).toEqual(['NAME', 'a', 'b', 'c', '']);
  expect(err).toBe(MORE);
  expect(queries).toEqual([
    filters,
    { ...filters, cursor: '1' },
    { ...filters, limit: '1', cursor: '2' },
    { ...filters, limit: '1', cursor: '3' },
  ]);
});

test('without a limit there are 50, and a page of exactly the last rows does not go on', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `n${index}`);
  const replies = [{ events: rowsOf(...names), next_cursor: '1' }, { events: rowsOf(...names.slice(10)) }];
  const { err, queries } = await show(replies);
  expect([err, queries]).toEqual(['', [{}, { limit: '20', cursor: '1' }]]);
});

test('--all has one heading, columns that stay, and pages as large as asked for', async () => {
  const replies = [
    { events: [], next_cursor: '1' },
    { events: rowsOf('a name', 'b'), next_cursor: '2' },
    { events: rowsOf('c') },
  ];
  const { out, err, queries } = await show(replies, { query: { limit: '500' }, all: true });
  const about = '{"team":"search"}';
  expect(out).toBe(`NAME    ABOUT\na name  ${about}\nb       ${about}\nc       ${about}\n`);
  expect(err).toBe('');
  expect(queries).toEqual([{ limit: '500' }, { limit: '500', cursor: '1' }, { limit: '500', cursor: '2' }]);
});

test('a list of nothing is its heading, and in JSON nothing', async () => {
  expect(await show([{ events: [], next_cursor: '1' }, { events: [] }])).toMatchObject({
    out: 'NAME  ABOUT\n',
    err: '',
  });
  expect(await show([{ events: [] }], { json: true })).toMatchObject({ out: '', err: '' });
});

test.each([false, true])('pages that go in circles come to an end (all: %s)', async (all) => {
  const circle = { events: [], next_cursor: 'again' };
  await expect(show([circle, circle, circle], { all })).rejects.toMatchObject({ code: 'unexpected_reply' });
});

test('on a terminal a row is a line, and what was cut is said once', async () => {
  const replies = [
    { events: rowsOf('a name that is long', 'b'), next_cursor: '1' },
    { events: rowsOf('another name that is long') },
  ];
  const { out, err } = await show(replies, { all: true, isTerminal: true, columns: 20 });
  expect(screenOf(out, 20)).toEqual([
    'NAME       ABOUT',
    'a name t…  team=sea…',
    'b          team=sea…',
    'another …  team=sea…',
  ]);
  expect(err).toMatch(/^keyward: cut: [^\n]*\n$/);
  const wide = await show(replies, { all: true, isTerminal: true });
  expect(wide.err).toBe('');
  const json = await show(replies, { all: true, isTerminal: true, columns: 20, json: true });
  expect(json.err).toBe('');
  expect(json.out.split('\n')).toHaveLength(4);
});

test.each([
  [{ COLUMNS: '30' }, 30],
  [{ COLUMNS: 'wide' }, 80],
  [{}, 80],
])('a terminal that knows no size is as wide as %j says, or %i columns', async (env, columns) => {
  const events = [{ name: 'n'.repeat(100), about: 'a'.repeat(100) }];
  const { out } = await show([{ events }], { isTerminal: true, columns: 0, env });
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBe(columns);
});

describe('whoever waits at a terminal for a rare event sees that the search goes on', () => {
  const ERASE = '\r\u001b[K';
  const searchingFor = (pages: number): string =>
    `${ERASE}searching: nothing in the last ${pages} answers; Ctrl-C stops the search`;
  const nothing = (length: number, from = 0) =>
    Array.from({ length }, (_, index) => ({ events: [], next_cursor: String(from + index) }));

  test('by one line, which is gone before the event is there', async () => {
    const { err } = await show([...nothing(5), { events: rowsOf('a') }], { isTerminal: true });
    expect(err).toBe([3, 4, 5].map(searchingFor).join('') + ERASE);
  });

  test('after an event, too', async () => {
    const replies = [{ events: rowsOf('a'), next_cursor: 'x' }, ...nothing(3), { events: [] }];
    expect((await show(replies, { isTerminal: true, all: true })).err).toBe(searchingFor(3) + ERASE);
  });

  test('on a narrow terminal without a second line', async () => {
    const { err } = await show([...nothing(3), { events: [] }], { isTerminal: true, columns: 20 });
    expect(screenOf(err.replaceAll('\u001b[K', ''), 20)).toHaveLength(1);
  });

  test.each([[{}], [{ isTerminal: true, json: true }], [{ isTerminal: true, env: { TERM: 'dumb' } }]])(
    'and nobody else does: %j',
    async (given) => {
      expect((await show([...nothing(5), { events: rowsOf('a') }], given)).err).toBe('');
    },
  );
});

describe('of a list that is empty is said what to think of it', () => {
  const nothing = () => Promise.resolve(() => Promise.resolve('no event matches'));

  test.each([
    [false, 'keyward: nothing: no event matches\n'],
    [true, '{"code":"nothing","detail":"no event matches"}\n'],
  ])('on stderr (JSON: %s)', async (json, err) => {
    expect(await show([{ events: [] }], { json, nothing })).toMatchObject({ err });
  });

  test('and of no other', async () => {
    expect(await show([{ events: rowsOf('a') }], { nothing })).toMatchObject({ err: '' });
  });
});

describe('deleted credentials', () => {
  const DELETED = {
    provider: 'openai',
    name: 'main',
    revision: 4,
    deleted_at: '2026-11-21T08:00:00.000Z',
    previous: {
      provider: 'openai',
      name: 'main',
      revision: 3,
      hint: 'abcd',
      metadata: { team: 'search' },
      expires_at: '2026-12-21T08:00:00.000Z',
    },
  };
  const command = COMMANDS.find(({ words }) => words.join(' ') === 'credential list');
  const shownOf = async (page: Reply, given: Given) => {
    if (command === undefined || 'work' in command) throw new Error('is no single call');
    const shown = await command.shown(['openai'], { deleted: true });
    if (shown.kind !== 'list') throw new Error('is no list');
    const { json = false, isTerminal = false, columns = 80 } = given;
    const [stdout, stderr] = [new Sink(isTerminal, columns), new Sink(isTerminal, columns)];
    const settings = { json, all: false, stdout, stderr, env: {} };
    await showPages({ send: () => Promise.resolve(page) }, { method: 'GET', path: '/v1' }, shown, settings);
    return { out: stdout.text, err: stderr.text };
  };

  test('are shown by the key that can be restored, and until when', async () => {
    const { out } = await shownOf({ credentials: [], deleted: [DELETED] }, {});
    expect(out).toBe(
      [
        'NAME  HINT  REVISION  DELETED_AT                EXPIRES_AT                METADATA',
        'main  abcd  3         2026-11-21T08:00:00.000Z  2026-12-21T08:00:00.000Z  {"team":"search"}',
        '',
      ].join('\n'),
    );
    const narrow = await shownOf({ deleted: [DELETED] }, { isTerminal: true, columns: 50 });
    expect(narrow.out).toMatch(/^NAME +HINT +DELETED_AT/);
  });

  test('are as the service has them in JSON', async () => {
    const { out, err } = await shownOf({ deleted: [DELETED] }, { json: true });
    expect([JSON.parse(out), err]).toEqual([DELETED, '']);
  });

  test('of which there are none: that is said', async () => {
    expect(await shownOf({ deleted: [] }, {})).toEqual({
      out: 'NAME  HINT  REVISION  DELETED_AT  EXPIRES_AT  METADATA\n',
      err: 'keyward: nothing: no deleted key can be restored\n',
    });
  });

  test('a row that is none is not made up', async () => {
    expect((await shownOf({ deleted: [{ name: 'main', deleted_at: 'x', previous: 3 }] }, {})).out).toContain('main  -');
  });
});
