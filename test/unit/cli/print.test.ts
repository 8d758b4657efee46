import { CliError, EXIT, exitCodeOf } from '../../../cli/io/cli-error';
import { isShownInFull, renderError, renderReply } from '../../../cli/io/print';

const settings = { json: false, isTerminal: false };
const hostile = '\u001b[2J\u009b1mx\n\u202ey\u2028';

test('a secret comes out byte by byte; a terminal gets a newline after it, where it does not end in one', () => {
  const shown = { kind: 'secret', member: 'plaintext' } as const;
  expect(renderReply({ plaintext: ' a\n\u001b' }, shown, settings)).toBe(' a\n\u001b');
  expect(renderReply({ plaintext: 'a' }, shown, { ...settings, isTerminal: true })).toBe('a\n');
  expect(renderReply({ plaintext: 'a\nb\n' }, shown, { ...settings, isTerminal: true })).toBe('a\nb\n');
  expect(renderReply({ plaintext: 'a\r\n' }, shown, { ...settings, isTerminal: true })).toBe('a\r\n');
  expect(renderReply({ plaintext: 'a\n\n' }, shown, { ...settings, isTerminal: true })).toBe('a\n\n');
  expect(renderReply({ plaintext: '' }, shown, { ...settings, isTerminal: true })).toBe('\n');
});

test('a secret steers no terminal, but keeps its lines; whoever copies it can be told', () => {
  const shown = { kind: 'secret', member: 'plaintext' } as const;
  const terminal = { ...settings, isTerminal: true };
  const steering = { plaintext: 'a\r\n\tb\n\u001b]0;x\u0007\rc\u202e\u{e0041}' };
  expect(renderReply(steering, shown, terminal)).toBe('a\r\n\tb\n?]0;x??c??\n');
  expect(renderReply(steering, shown, settings)).toBe(steering.plaintext);
  expect(isShownInFull(steering, shown, terminal)).toBe(false);
  expect(isShownInFull(steering, shown, settings)).toBe(true);
  expect(isShownInFull(steering, shown, { ...terminal, json: true })).toBe(true);
  expect(isShownInFull({ plaintext: 'a\nb' }, shown, terminal)).toBe(true);
  const json = renderReply(steering, shown, { ...terminal, json: true });
  expect(json.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(json)).toEqual(steering);
});

test('nothing that a stranger wrote controls the terminal', () => {
  const shown = { kind: 'object' } as const;
  expect(renderReply({ name: 'a', agent: hostile }, shown, settings)).toBe('name   a\nagent  ?[2J?1mx??y?\n');
  const json = renderReply({ agent: hostile }, shown, { ...settings, json: true });
  expect(json.trimEnd()).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  expect(JSON.parse(json)).toEqual({ agent: hostile });
  expect(renderError(new CliError(EXIT.unexpected, 'a', hostile, 'b'), false)).toBe(
    'keyward: a: ?[2J?1mx??y? (request b)\n',
  );
});

test('an error as JSON', () => {
  expect(JSON.parse(renderError(new CliError(EXIT.refused, 'a', 'b', 'c'), true))).toEqual({
    code: 'a',
    detail: 'b',
    request_id: 'c',
  });
  expect(JSON.parse(renderError(new CliError(EXIT.refused, 'a', 'b'), true))).toEqual({ code: 'a', detail: 'b' });
  const more = { command: 'keyward keys' };
  expect(JSON.parse(renderError(new CliError(EXIT.ok, 'a', 'b', undefined, more), true))).toEqual({
    code: 'a',
    detail: 'b',
    ...more,
  });
});

test.each([
  [403, 3],
  [404, 4],
  [400, 5],
  [412, 5],
  [429, 6],
  [500, 6],
  [503, 6],
  [302, 1],
])('status %i ends with %i', (status, code) => {
  expect(exitCodeOf(status)).toBe(code);
});
