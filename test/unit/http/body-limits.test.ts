import { isDeepStrictEqual } from 'node:util';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { MAX_BATCH_BODY_BYTES, MAX_BODY_BYTES, MAX_PLAINTEXT_BYTES } from '../../../lambdas/core/contract/limits';
import { MAX_TOKEN_CHARACTERS } from '../../../lambdas/core/crypto/token';
import { readStrictJson } from '../../../lambdas/core/crypto/strict-json';
import { readBody } from '../../../lambdas/core/http/request-content';
import { OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { AMPLE_MS } from '../../ample-limits';
import { CHARACTERS, JSON_FORMS, largestContext, textOf, twelvePairs, type JsonForm } from '../../doubles/json-forms';
import { World } from '../../doubles/world';
import { proxyEventOf } from './proxy-event-of';
import { bodyOf, testApi } from './test-api';

/**
 * Whatever JSON escapes a client writes: what encrypt takes, decrypt and rewrap take, one by one and in a batch. Each text goes
 * through the handlers to real keys.
 */

const OPENAI = '/v1/providers/openai';

const forms = Object.entries(JSON_FORMS);
const characters = Object.entries(CHARACTERS);
const formOf = (name: string): JsonForm => JSON_FORMS[name]!;

const world = new World();
const { handlers } = testApi(world.application);

const post = async (name: 'encrypt' | 'decrypt' | 'rewrap', path: string, body: string) => {
  const reply: APIGatewayProxyResult = await handlers[name](
    proxyEventOf({ method: 'POST', path: `${OPENAI}/${path}`, body }),
  );
  return { status: reply.statusCode, body: bodyOf(reply), bytes: Buffer.byteLength(reply.body) };
};

/** Encrypts, decrypts, rewraps and decrypts again, each body in the same form. */
async function roundTrip(form: JsonForm, plaintext: string, context: Readonly<Record<string, string>>) {
  const sealed = await post('encrypt', 'encrypt', form({ plaintext, context }));
  const { ciphertext } = sealed.body;
  const opened = await post('decrypt', 'decrypt', form({ ciphertext, context }));
  const rewrapped = await post('rewrap', 'rewrap', form({ ciphertext, context }));
  const again = await post('decrypt', 'decrypt', form({ ciphertext: rewrapped.body['ciphertext'], context }));
  return [
    [sealed.status, opened.status, rewrapped.status, again.status],
    opened.body['plaintext'] === plaintext && again.body['plaintext'] === plaintext,
  ];
}

test('each form says the same, and each text is as long as may be', () => {
  for (const [name, character] of characters) {
    const value = { plaintext: textOf(character, 300), context: twelvePairs(character), n: [1, -2.5, true, null] };
    for (const [, form] of forms) {
      const reading = readStrictJson(form(value));
      expect([name, 'value' in reading && isDeepStrictEqual(reading.value, value)]).toEqual([name, true]);
    }
    expect(Buffer.byteLength(textOf(character, MAX_PLAINTEXT_BYTES))).toBe(32_768);
  }
  expect(formOf('Python by default')({ a: 'é"/', b: '\u{1f511}\n' })).toBe(
    String.raw`{"a": "\u00e9\"/", "b": "\ud83d\udd11\n"}`,
  );
  expect(formOf('PHP by default')({ a: 'é"/+' })).toBe(String.raw`{"a":"\u00e9\"\/+"}`);
  expect(formOf('.NET by default')({ a: 'é"/+' })).toBe(String.raw`{"a":"\u00E9\u0022/\u002B"}`);
});

describe.each(forms)('in the form %s', (name, form) => {
  test.each(characters)('32,768 bytes of %s come back, beside 12 values of 1,024 quotes', async (_, character) => {
    const plaintext = textOf(character, MAX_PLAINTEXT_BYTES);
    const context = name === 'all escaped' ? {} : twelvePairs('"');
    expect(await roundTrip(form, plaintext, context)).toEqual([[200, 200, 200, 200], true]);
  });

  test('the largest context of what JSON makes longest is taken with the longest text', async () => {
    const body = form({ plaintext: textOf('\0', MAX_PLAINTEXT_BYTES), context: largestContext('\0') });
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
    expect((await post('encrypt', 'encrypt', body)).status).toBe(200);
  });
});

test.each(forms.filter(([name]) => name !== 'all escaped'))(
  'in the form %s, the largest context of every kind comes back with the longest text',
  async (_, form) => {
    for (const character of ['"', '\0', '\u{1f511}']) {
      const plaintext = textOf(character, MAX_PLAINTEXT_BYTES);
      expect(await roundTrip(form, plaintext, largestContext(character))).toEqual([[200, 200, 200, 200], true]);
    }
  },
);

test.each(forms)(
  'in the form %s, a credential of the longest text beside the longest metadata is stored',
  async (_, form) => {
    for (const character of ['"', '\0', '\u{1f511}', 'a']) {
      const metadata = { note: textOf(character, 1300) };
      const body = form({ api_key: textOf(character, MAX_PLAINTEXT_BYTES), format: 'text', metadata });
      const request = proxyEventOf({ method: 'PUT', path: `${OPENAI}/credentials/default`, body });
      expect((await handlers.credentials(request)).statusCode).toBeLessThan(300);
    }
  },
);

/** No client writes them so: letters and digits of a token are unescaped in every form of JSON. The test shows the limit. */
test('a token whose every letter is escaped leaves room for half of the largest context', async () => {
  const form = formOf('all escaped');
  const plaintext = textOf('a', MAX_PLAINTEXT_BYTES);
  const context = { team: textOf('"', 1024), tenant: textOf('\u{1f511}', 1024) };
  expect(await roundTrip(form, plaintext, context)).toEqual([[200, 200, 200, 200], true]);
  const { ciphertext } = (await post('encrypt', 'encrypt', JSON.stringify({ plaintext, context: largestContext('a') })))
    .body;
  const decrypted = await post('decrypt', 'decrypt', form({ ciphertext, context: largestContext('a') }));
  expect([decrypted.status, decrypted.body['code']]).toEqual([413, 'payload_too_large']);
});

test('the longest token that there can be is judged, and one that is longer', async () => {
  for (const length of [MAX_TOKEN_CHARACTERS, MAX_TOKEN_CHARACTERS + 1]) {
    const ciphertext = 'kw1.openai.1.'.padEnd(length, 'A');
    for (const [, form] of forms) {
      const { status, body } = await post('decrypt', 'decrypt', form({ ciphertext }));
      expect([length, status, body['code']]).toEqual([length, 400, 'decryption_failed']);
    }
  }
});

describe('a batch', () => {
  /** The maximum number of items that fit. */
  const filled = (form: JsonForm, items: readonly object[]): string => {
    let text = form({ items: items.slice(0, 1) });
    for (let count = 2; count <= items.length; count += 1) {
      const longer = form({ items: items.slice(0, count) });
      if (Buffer.byteLength(longer) > MAX_BATCH_BODY_BYTES) return text;
      text = longer;
    }
    return text;
  };
  const resultsOf = ({ body }: Awaited<ReturnType<typeof post>>) => body['results'] as Record<string, string>[];

  test.each(forms)('in the form %s takes what single calls take, as many as there is room for', async (name, form) => {
    const plaintext = textOf('\0', MAX_PLAINTEXT_BYTES);
    const context = name === 'all escaped' ? { a: textOf('\0', 1024) } : largestContext('\0');
    const items = Array.from({ length: 5 }, (_, index) => ({ plaintext, context, reference: `row-${index}` }));
    const sealed = await post('encrypt', 'encrypt-batch', filled(form, items));
    expect(sealed.status).toBe(200);
    const tokens = resultsOf(sealed).map(({ ciphertext, reference }) => ({ ciphertext, context, reference }));
    expect(tokens.length).toBeGreaterThanOrEqual(3);
    const opened = await post('decrypt', 'decrypt-batch', filled(form, tokens));
    expect(resultsOf(opened).every((result) => result['plaintext'] === plaintext)).toBe(true);
    const rewrapped = await post('rewrap', 'rewrap-batch', filled(form, tokens));
    expect(resultsOf(rewrapped).every((result) => result['ciphertext']?.startsWith('kw1.openai.1.'))).toBe(true);
  });

  /** Lambda Developer Guide, "Lambda quotas": 6 MB for a request and a reply, each; the reply's text is escaped once more. */
  test('of the longest texts is answered within what Lambda can return', async () => {
    const plaintext = textOf('\0', MAX_PLAINTEXT_BYTES);
    const { ciphertext } = (await post('encrypt', 'encrypt', JSON.stringify({ plaintext }))).body;
    const text = filled(
      (value) => JSON.stringify(value),
      Array.from({ length: 100 }, () => ({ ciphertext })),
    );
    expect(Buffer.byteLength(text)).toBeGreaterThan(1_000_000);
    const event = { method: 'POST', path: `${OPENAI}/decrypt-batch`, body: text };
    const reply = await handlers.decrypt(proxyEventOf(event));
    expect(reply.statusCode).toBe(200);
    expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThan(6 * 1024 * 1024);
    expect(
      Buffer.byteLength(JSON.stringify(proxyEventOf({ ...event, body: textOf('"', MAX_BATCH_BODY_BYTES) }))),
    ).toBeLessThan(6 * 1024 * 1024);
  });
});

/** Each would take minutes if any step took quadratic time. */
const HOSTILE: Readonly<Record<string, (bytes: number) => string>> = {
  'containers that never end': (bytes) => '['.repeat(bytes),
  'containers that end': (bytes) => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2),
  'many members': (bytes) =>
    `{${Array.from({ length: bytes / 11 }, (_, at) => `"${String(at).padStart(6, '0')}":1`).join()}}`,
  'many values in a context': (bytes) =>
    `{"plaintext":"a","context":{${Array.from({ length: bytes / 12 - 10 }, (_, at) => `"${String(at).padStart(6, '0')}":""`).join()}}}`,
  'many items': (bytes) => `{"items":[${'{},'.repeat(bytes / 3 - 10)}{}]}`,
  'many items with faults': (bytes) => `{"items":[${'{"x":1},'.repeat(bytes / 8 - 10)}{}]}`,
  'a long number': (bytes) => `{"plaintext":0.${'0'.repeat(bytes - 30)}1}`,
  'a long exponent': (bytes) => `{"plaintext":1e${'9'.repeat(bytes - 30)}}`,
  'many numbers': (bytes) => `[${'1.2345678901234567,'.repeat(bytes / 20)}0]`,
  'a long string of escapes': (bytes) => `{"plaintext":"${'\\u0041'.repeat(bytes / 6 - 10)}"}`,
  'many strings': (bytes) => `[${'"\\u0041" ,'.repeat(bytes / 12)}0]`,
  'blanks behind a name': (bytes) => `{"plaintext"${' '.repeat(bytes - 30)}:1}`,
  'much metadata': (bytes) => `{"api_key":"a","metadata":{"a":[${'1,'.repeat(bytes / 2 - 30)}1]}}`,
};

test.each(Object.entries(HOSTILE))(
  'a body of %s takes time in proportion to its length',
  (_, bodyOf) => {
    const body = bodyOf(MAX_BODY_BYTES);
    expect(Buffer.byteLength(body)).toBeGreaterThan(MAX_BODY_BYTES * 0.8);
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
    for (const operation of [OPERATIONS.encrypt, OPERATIONS.encryptBatch, OPERATIONS.putCredential]) {
      const read = () => readBody({ ...proxyEventOf({ path: '/' }), body }, operation);
      expect(read).toThrow(expect.objectContaining({ code: 'invalid_request' }) as Error);
    }
  },
  AMPLE_MS,
);

test('the API has these limits', () => {
  const limits = Object.entries(OPERATIONS).map(([id, { maxBodyBytes }]) => [id, maxBodyBytes]);
  expect(Object.fromEntries(limits)).toMatchObject({
    encrypt: 327_680,
    decrypt: 327_680,
    rewrap: 327_680,
    putCredential: 327_680,
    encryptBatch: 1_048_576,
    decryptBatch: 1_048_576,
    rewrapBatch: 1_048_576,
  });
});
