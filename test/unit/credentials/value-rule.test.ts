import { MAX_KEY_CHARACTERS, MAX_PLAINTEXT_BYTES, type CredentialFormat } from '../../../lambdas/core/contract/limits';
import { isOneKey, unfitnessOf } from '../../../lambdas/core/credentials/value-rule';

const KEY = 'sk-example-not-a-real-key';
const ASCII = String.fromCharCode(...Array.from({ length: 94 }, (_, index) => 0x21 + index));
const pem = (label = 'PRIVATE KEY', end = '\n'): string =>
  [`-----BEGIN ${label}-----`, 'ZXhhbXBsZQ==', `-----END ${label}-----`, ''].join(end);
const SERVICE_ACCOUNT = JSON.stringify(
  { type: 'service_account', project_id: 'p', private_key: pem(), client_email: 'a@example.com' },
  undefined,
  2,
);
const fault = (value: string, format?: CredentialFormat) => unfitnessOf(value, format)?.fault;

describe('what fits without a format', () => {
  it.each([
    ['a key', KEY],
    ['one character', 'x'],
    ['visible ASCII of every kind', ASCII],
    ['the longest key', 'x'.repeat(MAX_KEY_CHARACTERS)],
    ['digits alone', '1234567890'],
    ['base64 with one =', 'c2VjcmV0a2U='],
    ['base64 with two', 'abc=='],
    ['base64 that could be a name', 'QUJDREVGRw=='],
    ['base64 with + and /', 'a+b/c9=='],
    ['a name and nothing but =', 'OPENAI_API_KEY=='],
    ['a key with = before its checksum', `ATATT3xExample${'a1B2'.repeat(43)}=0123ABCD`],
    ['a key with = behind a dash', 'key-id=value'],
    ['a key with three parts', 'eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJleGFtcGxlIn0.c2lnbmF0dXJl'],
    ['an address', 'https://example.com/hook?key=value'],
    ['a connection string', 'postgres://user:word@db.example.com:5432/name?sslmode=require'],
    ['32 hexadecimal digits', '0123456789abcdef0123456789abcdef'],
    ['a GUID in braces', '{00000000-0000-4000-8000-000000000000}'],
    ['one quote', '"'],
    ['a quote at one end', "don't"],
    ['two asterisks', 'a*b*c'],
    ['two dots', 'a..b'],
    ['a word that begins as a scheme does', 'bearer-of-keys'],
    ['a service account', SERVICE_ACCOUNT],
    ['a service account with line ends of Windows', SERVICE_ACCOUNT.replaceAll('\n', '\r\n')],
    ['a compact object', '{"type":"service_account"}'],
    ['an empty object', '{}'],
    ['an object with blanks around it', '\n {"a": "é"}\n'],
    ['an object deeper and with larger numbers than what is read', `${'{"a":'.repeat(40)}1e400${'}'.repeat(40)}`],
    ['an object with a member __proto__', '{"__proto__":1}'],
    ['an object with a mask in it', '{"note": "***"}'],
    ['PEM', pem()],
    ['PEM without a last line end', pem().trimEnd()],
    ['PEM with line ends of Windows', pem('RSA PRIVATE KEY', '\r\n')],
    ['PEM with line ends of old', pem('EC PRIVATE KEY', '\r')],
    ['a chain', `${pem('CERTIFICATE')}${pem('CERTIFICATE')}${pem('PRIVATE KEY')}`],
    ['PEM in a text', `Bag Attributes\n  friendlyName: é\n${pem()}and so on`],
    ['PEM without a label', '-----BEGIN -----\nAAAA\n-----END -----'],
    ['PEM with headers', pem().replace('ZX', 'Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nZX')],
  ])('%s', (_what, value) => {
    expect(unfitnessOf(value)).toBeUndefined();
  });
});

describe('what does not fit without a format, and the format that takes it', () => {
  it.each<[string, string, CredentialFormat | undefined]>([
    ['', 'is empty', undefined],
    ['x'.repeat(MAX_PLAINTEXT_BYTES + 1), 'has more than 32768 bytes', undefined],
    [`${'é'.repeat(MAX_PLAINTEXT_BYTES / 2)}x`, 'has more than 32768 bytes', undefined],
    ['sk-\ud800', 'is not well-formed Unicode', undefined],
    ['x'.repeat(MAX_KEY_CHARACTERS + 1), 'has more than 8192 characters', 'text'],
    // Looks like a mistake.
    [`OPENAI_API_KEY=${KEY}`, 'is an assignment', 'key'],
    [`openai_key=${KEY}`, 'is an assignment', 'key'],
    ['_=x', 'is an assignment', 'key'],
    ['A==x', 'is an assignment', 'key'],
    [`export OPENAI_API_KEY=${KEY}`, 'is an assignment', 'text'],
    [`$env:OPENAI_API_KEY="${KEY}"`, 'is an assignment', 'key'],
    [`OPENAI_API_KEY = ${KEY}\n`, 'is an assignment', 'text'],
    [`Bearer ${KEY}`, 'begins with Bearer', 'text'],
    [`bearer\t${KEY}`, 'begins with Bearer', 'text'],
    [`BEARER:${KEY}`, 'begins with Bearer', 'key'],
    [`Bearer%20${KEY}`, 'begins with Bearer', 'key'],
    ['Bearer', 'begins with Bearer', 'key'],
    [`"${KEY}"`, 'is in quotes', 'key'],
    [`'${KEY}'`, 'is in quotes', 'key'],
    [`\`${KEY}\``, 'is in quotes', 'key'],
    [`"${KEY}",`, 'is in quotes', 'key'],
    [`"${KEY}"\n`, 'is in quotes', 'text'],
    [`\u201c${KEY}\u201d`, 'is in quotes', 'text'],
    [`\u00ab${KEY}\u00bb`, 'is in quotes', 'text'],
    [`\u2018${KEY}\u2019`, 'is in quotes', 'text'],
    [`"${pem()}"`, 'is in quotes', 'text'],
    ['********', 'is a mask', 'key'],
    ['sk-****9876', 'is a mask', 'key'],
    ['s*k*-*', 'is a mask', 'key'],
    ['\u2022\u2022\u2022\u2022', 'is a mask', 'text'],
    ['sk-\u25cf\u25cf\u25cf9876', 'is a mask', 'text'],
    ['sk-*\u2022*', 'is a mask', 'text'],
    ['sk-...9876', 'is a mask', 'key'],
    ['sk-\u20269876', 'is a mask', 'text'],
    // Not a word.
    [`${KEY}\n`, 'ends with a line end', 'text'],
    [`${KEY}\r\n`, 'ends with a line end', 'text'],
    [`\n${KEY}`, 'begins with a line end', 'text'],
    ['sk-one\nsk-two', 'has a line end inside', 'text'],
    ['sk-one\u2028sk-two', 'has a line end inside', 'text'],
    ['   ', 'has only blanks', 'text'],
    [' \t\r\n\u00a0', 'has only blanks', 'text'],
    [` ${KEY}`, 'begins with a blank', 'text'],
    [`${KEY}\t`, 'ends with a blank', 'text'],
    ['a\tb', 'has a tab inside', 'text'],
    ['correct horse battery staple', 'has a blank inside', 'text'],
    ['sk-\u0000', 'has a control character', 'text'],
    ['sk-\u007f', 'has a control character', 'text'],
    ['\u001b[D', 'has a control character', 'text'],
    ['sk-\u009f', 'has a control character', 'text'],
    [`\ufeff${KEY}`, 'begins with a byte order mark', 'text'],
    [`\ufeff{"a":1}`, 'begins with a byte order mark', 'text'],
    [`\ufeff${pem()}`, 'begins with a byte order mark', 'text'],
    ['sk-\ufeff', 'has a character that cannot be seen', 'text'],
    ['sk-\u200b', 'has a character that cannot be seen', 'text'],
    ['sk-\u00ada', 'has a character that cannot be seen', 'text'],
    ['sk-\u202ea', 'has a character that cannot be seen', 'text'],
    ['sk-\u00a0a', 'has a blank that is not ASCII', 'text'],
    ['sk-\u3000a', 'has a blank that is not ASCII', 'text'],
    ['sk\u2013example', 'has a typographic dash', 'text'],
    ['sk\u2011example', 'has a typographic dash', 'text'],
    ['sk\u2212example', 'has a typographic dash', 'text'],
    ['it\u2019s', 'has a typographic quotation mark', 'text'],
    ['\u0455k-example', 'has a letter that is not ASCII', 'text'],
    ['sk-ex\u00e4mple', 'has a letter that is not ASCII', 'text'],
    ['sk-\uff11', 'has a character that is not ASCII', 'text'],
    ['sk-\u{1f511}', 'has a character that is not ASCII', 'text'],
    // Invalid documents.
    ['{', 'looks like incomplete JSON', 'text'],
    ['{"type":"service_account",', 'looks like incomplete JSON', 'text'],
    ['{\n', 'looks like incomplete JSON', 'text'],
    [`["${KEY}"]`, 'is JSON, but not an object', 'text'],
    [`[{"api_key":"${KEY}"}]`, 'is JSON, but not an object', 'text'],
    ['{"a":1,"a":2}', 'is not a document: the JSON has a member name twice', 'text'],
    ['{"a":1,"\\u0061":2}', 'is not a document: the JSON has a member name twice', 'text'],
    ['{"a":"\\ud800"}', 'is not a document: the JSON has text that is not well-formed', 'text'],
    ['-----BEGIN PRIVATE KEY-----', 'has a PEM block without its END line', 'text'],
    [pem().replace(/-----END.*/, ''), 'has a PEM block without its END line', 'text'],
    [pem().replace(/-----END.*\n/, '') + pem(), 'has a PEM block without its END line', 'text'],
    [pem().replace(/-----BEGIN.*\n/, ''), 'has a PEM block without its BEGIN line', 'text'],
    [pem() + pem().replace(/-----BEGIN.*\n/, ''), 'has a PEM block without its BEGIN line', 'text'],
    [pem().replace('END PRIVATE', 'END PUBLIC'), 'do not match', 'text'],
    [pem().replace('ZXhhbXBsZQ==', ' '), 'has an empty PEM block', 'text'],
    [pem().replace('ZXhh', 'ZXh\u200b'), 'has a PEM block with a character that is not ASCII', 'text'],
    [pem().replaceAll('\n', '\\n'), 'is not alone on its line', 'text'],
    [pem().replaceAll(/^/gm, '  '), 'is not alone on its line', 'text'],
    [`key: ${pem()}`, 'is not alone on its line', 'text'],
  ])('%j', (value, part, fits) => {
    const unfit = unfitnessOf(value);
    expect(unfit?.fault).toContain(part);
    expect(unfit?.fits).toBe(fits);
    if (fits !== undefined) expect(unfitnessOf(value, fits)).toBeUndefined();
  });
});

describe('with a format', () => {
  it('nothing more is asked of a key than visible ASCII and its length', () => {
    for (const value of [ASCII, '"x"', '****', 'NAME=x', 'Bearer', '{"a":1,"a":2}', 'x'.repeat(MAX_KEY_CHARACTERS)]) {
      expect(unfitnessOf(value, 'key')).toBeUndefined();
    }
    expect(unfitnessOf(`${KEY}\n`, 'key')).toEqual({ fault: 'ends with a line end', fits: 'text' });
    expect(unfitnessOf(pem(), 'key')).toEqual({ fault: 'ends with a line end', fits: 'document' });
    expect(fault('x'.repeat(MAX_KEY_CHARACTERS + 1), 'key')).toContain('more than 8192');
    expect(fault('', 'key')).toBe('is empty');
  });

  it('a document is an object of JSON, or text with PEM', () => {
    for (const value of [SERVICE_ACCOUNT, '{}', pem(), `text\n${pem()}`]) {
      expect(unfitnessOf(value, 'document')).toBeUndefined();
    }
    const neither = 'is neither a JSON object nor text with PEM blocks';
    expect(unfitnessOf(KEY, 'document')).toEqual({ fault: neither, fits: 'key' });
    expect(unfitnessOf('some text', 'document')).toEqual({ fault: neither, fits: 'text' });
    expect(fault('[1]', 'document')).toBe(neither);
    expect(fault('{"a":1,"a":2}', 'document')).toContain('a member name twice');
    expect(fault(`{"a":"${'x'.repeat(MAX_PLAINTEXT_BYTES)}"}`, 'document')).toBe('has more than 32768 bytes');
  });

  it('text is any text within the limit', () => {
    for (const value of [' ', '\u0000', `\ufeff${KEY}`, 'é'.repeat(MAX_PLAINTEXT_BYTES / 2)]) {
      expect(unfitnessOf(value, 'text')).toBeUndefined();
    }
    expect(unfitnessOf('\ud800', 'text')).toEqual({ fault: 'is not well-formed Unicode', fits: undefined });
  });
});

it('takes no longer than the value is long', () => {
  const half = MAX_PLAINTEXT_BYTES / 2;
  const long = [' ', '\t', '*', '"', '-', '=', '{', '[', 'A', '-----BEGIN ', '\n-----BEGIN A-----', 'export ', 'a-'];
  const startedAt = process.cpuUsage().user;
  for (const piece of long) {
    for (const end of ['', 'x', '\u00e4', '"']) unfitnessOf(piece.repeat(half / piece.length) + end);
  }
  // Each takes a millisecond or two; a quadratic algorithm takes seconds.
  expect((process.cpuUsage().user - startedAt) / 1000).toBeLessThan(5000);
});

it('one key is what fits a key and is no document', () => {
  expect([KEY, '{"a":1}', pem(), 'two words', ''].map(isOneKey)).toEqual([true, false, false, false, false]);
});
