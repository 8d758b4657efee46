import type { Howto } from '../howto';

const OLD = 'the ciphertext could not be decrypted';
const NEW = 'the ciphertext could not be decrypted with the keys of this provider';

/** An error's text is where the error is made. */
export const ERROR_TEXT: Howto = {
  name: "an error's text",
  atMost: 1,
  edits: [
    { place: 'decryptionFailed', words: OLD, by: NEW },
    // These hold the one text against an oracle: whoever changes it says so there.
    { file: 'test/unit/crypto/thrown-by.ts', words: OLD, by: NEW },
    { file: 'test/unit/errors/errors.test.ts', words: OLD, by: NEW },
    { file: 'test/unit/http/tokens.test.ts', words: OLD, by: NEW },
    { file: 'test/unit/tokens/tokens.test.ts', words: OLD, by: NEW },
  ],
  tests: [
    'test/unit/crypto/sealed-message.test.ts',
    'test/unit/crypto/token.test.ts',
    'test/unit/errors',
    'test/unit/http/openapi.test.ts',
    'test/unit/http/tokens.test.ts',
    'test/unit/tokens',
  ],
  shows: {
    file: 'test/unit/http/one-text.test.ts',
    uses: [
      'openApiDocument',
      'problemReply',
      'toKeywardError',
      'test/doubles/world.ts#World',
      'test/doubles/world.ts#caller',
    ],
    text: `
test('callers and the OpenAPI document are told the same', async () => {
  const thrown: unknown = await new World().application
    .decrypt(caller, { provider: 'openai', ciphertext: 'kw1.', context: {} })
    .catch((each: unknown) => each);
  const { body } = problemReply(toKeywardError(thrown), 'request-1');
  expect(JSON.parse(body)).toMatchObject({ detail: '${NEW}' });
  expect(JSON.stringify(openApiDocument('0.1.0'))).toContain('${NEW}');
});
`,
  },
};
