import { hiddenForms, isHidden } from '../../../cli/program/hidden-forms';
import { MaskedBytes } from '../../../cli/program/masked-bytes';

function masked(text: string, ...values: string[]): string {
  const bytes = new MaskedBytes(hiddenForms(values));
  return Buffer.concat([bytes.push(Buffer.from(text)), bytes.end()]).toString();
}

const KEY = 'sk-example/not+a=real key?';
const PEM = `-----BEGIN PRIVATE KEY-----\n${'QUJDREVG'.repeat(8)}\n${'R0hJSktM'.repeat(3)}\n-----END PRIVATE KEY-----\n`;
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each([
  ['as it is', KEY],
  ['as a component of a URL', encodeURIComponent(KEY)],
  ['in small hexadecimal digits', encodeURIComponent(KEY).toLowerCase()],
  ['as a form is sent', new URLSearchParams({ a: KEY }).toString().slice(2)],
  ['in base64', base64(KEY)],
  ['in base64 without padding', base64(KEY).replaceAll('=', '')],
  ['in base64 for URLs', Buffer.from(KEY).toString('base64url')],
])('a key %s', (_, text) => {
  expect(masked(`<${text}>`, KEY)).toBe('<********>');
});

test('a key in JSON as PHP writes it', () => {
  expect(masked(JSON.stringify(KEY).replaceAll('/', String.raw`\/`), KEY)).toBe('"********"');
});

test('a text in a string of JSON', () => {
  const text = 'an "example"\\\n';
  expect(masked(JSON.stringify({ text }), text)).toBe('{"text":"********"}');
});

test.each(['', 'u', 'us', 'user:'])('a key in base64 behind %j: all of it but bits at its ends', (before) => {
  const text = base64(`${before}${KEY}\n`);
  const out = masked(text, KEY);
  expect(out).toMatch(/^.{0,8}\*{8}.{0,4}$/);
  expect(out.startsWith(text.slice(0, Math.floor((before.length * 4) / 3)))).toBe(true);
});

test('a text of several lines: each of them that has eight characters, and the whole in JSON', () => {
  expect(masked(PEM.replaceAll('\n', '\r\n'), PEM)).toBe('********');
  expect(masked(`key: ${'QUJDREVG'.repeat(8)}.`, PEM)).toBe('key: ********.');
  expect(masked('-----BEGIN PRIVATE KEY-----', PEM)).toBe('-----BEGIN PRIVATE KEY-----');
  expect(masked(JSON.stringify({ key: PEM }), PEM)).toBe('{"key":"********"}');
  expect(masked(base64(PEM.trimEnd()), PEM)).toBe('********');
  expect(masked('  first line\nshort', '\n  first line \nshort\n')).toBe('  ********\nshort');
});

test('of a JSON document, the strings that are keys, and none that says what it is', () => {
  const document = JSON.stringify({ type: 'service_account', private_key: PEM, nested: [{ token: 'sk-example-abc' }] });
  expect(masked(`${PEM}|service_account|sk-example-abc`, document)).toBe('********|service_account|********');
});

test('fewer than eight characters are not hidden, whatever bytes they have', () => {
  expect(['1234567', '12345678', 'äöüäöüä', 'äöüäöüäö', '😀😀😀😀'].map(isHidden)).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
});
