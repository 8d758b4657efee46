import type { Howto } from '../howto';

/** Functions, local mode, the command line and the OpenAPI document all read this number. */
export const LIMIT: Howto = {
  name: 'a limit',
  atMost: 1,
  edits: [
    { place: 'MAX_BODY_BYTES', replace: '327_168' },
    { file: 'docs/architecture.md', words: 'body ≤ 320 KiB', by: 'body ≤ 327,168 bytes' },
    { file: 'test/integration/local/gateway.test.ts', words: 'MOST_BYTES = 327_680', by: 'MOST_BYTES = 327_168' },
    { file: 'test/unit/cli/read-secret.test.ts', words: 'more than 327680 bytes', by: 'more than 327168 bytes' },
    { file: 'test/unit/http/bad-input.test.ts', words: 'MOST_BYTES = 327_680', by: 'MOST_BYTES = 327_168' },
    { file: 'test/unit/http/every-route.test.ts', words: '1_048_576 : 327_680', by: '1_048_576 : 327_168' },
  ],
  tests: [
    'test/unit/cli/read-secret.test.ts',
    'test/unit/http/bad-input.test.ts',
    'test/unit/http/every-route.test.ts',
    'test/unit/http/openapi.test.ts',
  ],
  shows: {
    file: 'test/unit/http/one-limit.test.ts',
    uses: ['OPERATIONS', 'declaresTooMuch', 'openApiDocument', 'readBody', 'readSecret'],
    text: `import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

const LIMIT = 327_168;

test('functions, the gateway of local mode and the command line refuse one byte more, and the document says so', async () => {
  const body = (bytes: number) => () => readBody({ body: 'x'.repeat(bytes), isBase64Encoded: false } as never, OPERATIONS.encrypt);
  expect(body(LIMIT + 1)).toThrow(\`more than \${LIMIT} bytes\`);
  expect(body(LIMIT)).not.toThrow('bytes');
  const announced = (bytes: number) =>
    declaresTooMuch({ headers: { 'content-length': String(bytes) } } as IncomingMessage, OPERATIONS.encrypt.maxBodyBytes);
  expect([announced(LIMIT), announced(LIMIT + 1)]).toEqual([false, true]);
  const piped = (bytes: number) =>
    readSecret({ stdin: Readable.from([Buffer.alloc(bytes, 'x')]) } as never, { what: 'text', expected: 'text', trim: false });
  expect(await piped(LIMIT)).toHaveLength(LIMIT);
  await expect(piped(LIMIT + 1)).rejects.toThrow(String(LIMIT));
  expect(JSON.stringify(openApiDocument('1'))).toContain(\`"x-max-bytes":\${LIMIT}\`);
});
`,
  },
};
