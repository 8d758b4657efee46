import type { Howto } from '../howto';

/** Functions, the firewall, local mode, the command line and the OpenAPI document all read the one number. */
export const LIMIT: Howto = {
  name: 'a limit',
  atMost: 1,
  edits: [
    { place: 'MAX_BODY_BYTES', replace: '65_024' },
    { file: 'docs/architecture.md', words: 'body ≤ 64 KiB', by: 'body ≤ 65,024 bytes' },
    { file: 'test/infra/stacks/stacks.test.ts', words: 'Size: 65_536', by: 'Size: 65_024' },
    { file: 'test/integration/local/gateway.test.ts', words: 'repeat(65_536)', by: 'repeat(65_024)' },
    { file: 'test/unit/cli/read-secret.test.ts', words: 'more than 65536 bytes', by: 'more than 65024 bytes' },
    {
      file: 'test/unit/http/bad-input.test.ts',
      words: "'the body has more than 65536 bytes'];",
      by: "'the body has more than 65024 bytes'];",
    },
    { file: 'test/unit/http/bad-input.test.ts', words: 'padded(65_536)', by: 'padded(65_024)' },
    {
      file: 'test/unit/http/bad-input.test.ts',
      words: "alloc(65_537))).toStrictEqual([413, 'the body has more than 65536",
      by: "alloc(65_025))).toStrictEqual([413, 'the body has more than 65024",
    },
    { file: 'test/unit/http/every-route.test.ts', words: 'padEnd(65_536)', by: 'padEnd(65_024)' },
  ],
  tests: [
    'test/infra/stacks/stacks.test.ts',
    'test/unit/cli/read-secret.test.ts',
    'test/unit/http/bad-input.test.ts',
    'test/unit/http/every-route.test.ts',
    'test/unit/http/openapi.test.ts',
  ],
  shows: {
    file: 'test/infra/one-limit.test.ts',
    uses: ['announcesTooMuch', 'readBody', 'readSecret'],
    text: `import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { resourcesOf, synthesized } from './synthesized';

const LIMIT = 65_024;

test('functions, the gateway of local mode, the command line and the firewall refuse one byte more', async () => {
  const body = (bytes: number) => () => readBody({ body: ' '.repeat(bytes), isBase64Encoded: false } as never, undefined);
  expect(body(LIMIT + 1)).toThrow(\`more than \${LIMIT} bytes\`);
  expect(body(LIMIT)).not.toThrow('bytes');
  const announced = (bytes: number) => announcesTooMuch({ headers: { 'content-length': String(bytes) } } as IncomingMessage);
  expect([announced(LIMIT), announced(LIMIT + 1)]).toEqual([false, true]);
  const piped = (bytes: number) => readSecret(Readable.from([Buffer.alloc(bytes, 'x')]), process.stderr, 'text');
  expect(await piped(LIMIT)).toHaveLength(LIMIT);
  await expect(piped(LIMIT + 1)).rejects.toThrow(String(LIMIT));
  const [acl] = resourcesOf(synthesized().templates.get('keyward-api-us-east-1')!, 'AWS::WAFv2::WebACL');
  expect(JSON.stringify(acl)).toContain(\`"Size":\${LIMIT}\`);
});
`,
  },
};
