import fc from 'fast-check';
import { COMMANDS } from '../../../cli/commands';
import { displayWidth } from '../../../cli/io/display-width';
import { ListPages } from '../../../cli/io/list-pages';
import type { ListShown } from '../../../cli/io/output-format';
import { runs } from '../../effort';
import { screenOf } from '../../doubles/terminal-screen';

const shown: ListShown = {
  kind: 'list',
  member: 'events',
  columns: [
    { name: 'name', rank: 0, least: 4 },
    { name: 'agent', rank: 1, least: 3 },
  ],
};
const inPipe = { json: false };

test('in a pipe a list is a table with all of its text and one heading', () => {
  const pages = new ListPages(shown, inPipe);
  const first = {
    events: [
      { name: 'long name', agent: null },
      { name: 'b', agent: { c: 1 } },
    ],
  };
  expect(pages.render(first, true)).toBe('NAME       AGENT\nlong name  -\nb          {"c":1}\n');
  expect(pages.render({ events: [{ name: 'c', agent: 'd' }] }, true)).toBe('c          d\n');
  expect(pages.render({ events: [{ name: 'an even longer name', agent: 'd' }] }, true)).toBe(
    'an even longer name  d\n',
  );
  expect(pages.end()).toBe('');
  expect(pages.isCut).toBe(false);
});

test('JSON is an object a line, without a heading', () => {
  const pages = new ListPages(shown, { json: true });
  const reply = { events: [{ name: 'a', agent: null }, { name: 'b' }], damaged: ['c'] };
  expect(pages.render(reply, true)).toBe('{"name":"a","agent":null}\n{"name":"b"}\n{"name":"c","damaged":true}\n');
  expect(pages.render({}, true) + pages.end()).toBe('');
});

test('the heading waits for rows, and of an empty list is all there is', () => {
  const pages = new ListPages(shown, inPipe);
  expect(pages.render({ events: [] }, false)).toBe('');
  expect(pages.render({ events: [{ name: 'a', agent: 'b' }] }, true)).toBe('NAME  AGENT\na     b\n');
  expect(new ListPages(shown, inPipe).end()).toBe('NAME  AGENT\n');
});

test('what is damaged is named, and marked where its text stands', () => {
  const pages = new ListPages(shown, inPipe);
  const reply = {
    events: [
      { name: 'a', agent: 'x', damaged: true },
      { name: 'b', agent: 'y' },
    ],
    damaged: ['c'],
  };
  expect(pages.countOf(reply)).toBe(3);
  expect(pages.render(reply, true)).toBe('NAME  AGENT\na     (damaged) x\nb     y\nc     (damaged)\n');
});

test('on a terminal an object is read as its pairs, and nothing that a stranger wrote controls it', () => {
  const pages = new ListPages(shown, { json: false, columns: 80 });
  const agent = { a: 'x y', b: 1, c: { d: '\u009b1m' }, e: '\u001b[2J\u202e' };
  expect(
    pages.render(
      {
        events: [
          { name: 'n\n', agent },
          { name: 'm', agent: ['z'] },
        ],
      },
      true,
    ),
  ).toBe('NAME  AGENT\nn?    a=x y b=1 c={"d":"\\u009b1m"} e=?[2J?\nm     ["z"]\n');
});

test('columns stay where they are on later pages, and what is wider is cut', () => {
  const pages = new ListPages(shown, { json: false, columns: 20 });
  expect(pages.render({ events: [{ name: 'a name', agent: 'b' }] }, false)).toBe('NAME    AGENT\na name  b\n');
  expect(pages.isCut).toBe(false);
  expect(pages.render({ events: [{ name: 'a longer name', agent: 'an agent' }] }, true)).toBe('a lon…  an a…\n');
  expect(pages.isCut).toBe(true);
});

test('where more pages follow a column is as wide as it usually gets', () => {
  const usual = { ...shown, columns: [{ name: 'name', rank: 0, usual: 8 }, shown.columns[1]!] };
  expect(new ListPages(usual, inPipe).render({ events: [{ name: 'a', agent: 'b' }] }, false)).toBe(
    'NAME      AGENT\na         b\n',
  );
  expect(new ListPages(usual, inPipe).render({ events: [{ name: 'a', agent: 'b' }] }, true)).toBe(
    'NAME  AGENT\na     b\n',
  );
});

test('on a terminal members of an object stand in the order in which they tell most, whatever the service sends first', () => {
  const column = { name: 'about', rank: 1, leads: ['b'], follows: ['d'] };
  const ordered: ListShown = { kind: 'list', member: 'events', columns: [{ name: 'name', rank: 0 }, column] };
  const page = { events: [{ name: 'x', about: { a: 1, b: 2, c: 3, d: 4 } }] };
  expect(new ListPages(ordered, { json: false, columns: 80 }).render(page, true)).toContain('x     2 d=4 a=1 c=3\n');
  expect(new ListPages(ordered, inPipe).render(page, true)).toContain('x     {"a":1,"b":2,"c":3,"d":4}\n');
});

test('an event about a credential shows on a terminal what became of the value before', () => {
  const audit = COMMANDS.find(({ words: [first] }) => first === 'audit');
  if (audit === undefined || 'work' in audit) throw new Error('is no single call');
  const event = {
    timestamp: '2026-11-21T08:00:00.000Z',
    event_type: 'encrypt',
    provider: 'openai',
    success: true,
    user_id: 'arn:aws:iam::000000000000:user/administrator',
    metadata: { operation: 'put_credential', write_id: '0'.repeat(32), credential: 'main', previous_value: 'kept' },
  };
  const pages = new ListPages(audit.shown([], {}) as ListShown, { json: false, columns: 150 });
  expect(pages.render({ events: [event] }, true)).toContain('main put_credential previous_value=kept');
});

const LISTS = COMMANDS.flatMap((command) => {
  if ('work' in command) return [];
  const list = command.shown([], {});
  return 'kind' in list && list.kind === 'list' ? [[command.words.join(' '), list] as const] : [];
});

test('there are five lists', () => {
  const names = ['credential list', 'keys', 'rotation list', 'audit', 'audit checkpoints'];
  expect(LISTS.map(([name]) => name)).toEqual(names);
});

test.each(LISTS)(
  '%s: at every width a row is a line that fits, and every page has its columns at the same places',
  (_, list) => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 60 }),
      fc.constantFrom<unknown>(
        null,
        true,
        7,
        '2026-11-21T00:00:00.000Z',
        `arn:aws:iam::000000000000:user/${'x'.repeat(64)}`,
      ),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }),
      fc.constantFrom('日本語のキー', '🔑'.repeat(40), '\u001b[2J\r\n', 'word '.repeat(60)),
    );
    const row = fc.record(Object.fromEntries(list.columns.map(({ name }) => [name, cell])));
    fc.assert(
      fc.property(
        fc.array(fc.array(row, { maxLength: 4 }), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 250 }),
        (replies, columns) => {
          const pages = new ListPages(list, { json: false, columns });
          const texts = replies.map((rows, index) =>
            pages.render({ [list.member]: rows }, index === replies.length - 1),
          );
          const text = texts.join('') + pages.end();
          const lines = text.split('\n').slice(0, -1);
          expect(lines).toHaveLength(1 + replies.flat().length);
          for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
          expect(text).not.toMatch(/[^\P{Cc}\n]/u);
        },
      ),
      { numRuns: runs(200) },
    );
  },
);

const EVENT = {
  timestamp: '2026-11-21T08:00:01.250Z',
  event_type: 'decrypt',
  provider: 'openai',
  success: true,
  user_id: 'arn:aws:iam::000000000000:user/administrator',
  ip_address: '127.0.0.1',
  request_id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  metadata: { revision: 1, credential: 'main', operation: 'reveal_credential' },
};
const auditAt = (columns: number): string[] => {
  const list = LISTS.find(([name]) => name === 'audit')![1];
  const pages = new ListPages(list, { json: false, columns });
  return screenOf(pages.render({ events: [EVENT] }, true), columns);
};

test('the audit log at some widths: when, what and who come first, then how, and what is for copying last', () => {
  expect(auditAt(40)).toEqual(['TIMESTAMP             EVENT_…  USER_ID', '2026-11-21T08:00:01…  decrypt  …istrator']);
  expect(auditAt(80)).toEqual([
    'TIMESTAMP             EVENT_…  PROVI…  SUCC…  USER_ID           METADATA',
    '2026-11-21T08:00:01…  decrypt  openai  true   …r/administrator  main reveal_cre…',
  ]);
  expect(auditAt(120)[0]).not.toContain('REQUEST_ID');
  const [, wide = ''] = auditAt(200);
  for (const value of Object.values(EVENT)) {
    if (typeof value === 'string') expect(wide).toContain(value);
  }
  expect(wide).toContain('main reveal_credential revision=1');
});

test('a heading that is cut is no loss; a cell or a column that is, is one', () => {
  const cutAt = (columns: number, events: readonly object[]): boolean => {
    const pages = new ListPages(shown, { json: false, columns });
    pages.render({ events }, true);
    pages.end();
    return pages.isCut;
  };
  expect(cutAt(9, [{ name: 'a', agent: 'b' }])).toBe(false);
  expect(cutAt(9, [{ name: 'a', agent: 'bcde' }])).toBe(true);
  expect(cutAt(4, [{ name: 'a', agent: 'b' }])).toBe(true);
  expect(cutAt(4, [])).toBe(false);
});
