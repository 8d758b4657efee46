import { OPERATION_IDS, OPERATIONS } from '../../../lambdas/core/runtime/operations';
import { toBytes, type Reply } from './raw-http';
import { send, serveGateway, type ServedGateway } from './served-gateway';

const UNSIGNED_METHODS = ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'QUERY'];
const DOCUMENTS = ['/', '/docs', '/docs/', '/openapi.json', '/docs/start.js', '/favicon.ico', '/robots.txt'];

let served: ServedGateway;
beforeEach(async () => {
  served = await serveGateway();
});
afterEach(async () => {
  await served.close();
});

/** Without the parts that differ between any two replies. */
const headersOf = ({ head }: Reply): string =>
  head
    .split('\r\n')
    .filter((line) => !/^(date|x-request-id):/i.test(line))
    .join('\n');
const allowOf = ({ head }: Reply): string | undefined => /^allow: (.*)$/im.exec(head)?.[1];
const leftNothing = (): void => {
  expect(served.audit.events).toEqual([]);
  expect(served.metrics.of('unauthorized_access')).toBe(0);
  expect(served.logger.lines.filter(({ level }) => level !== 'info')).toEqual([]);
};

describe('what anyone may have', () => {
  test.each([...DOCUMENTS, '/docs?x=1', '/?x=1', '/healthz', '/healthz?x=1&x=2', '/healthz?%zz'])(
    '%s: HEAD has the headers of GET, its length too, and no body',
    async (target) => {
      const [get, head] = [await served.ask('GET', target), await served.ask('HEAD', target)];
      expect([200, 302]).toContain(get.status);
      expect(headersOf(head)).toBe(headersOf(get));
      expect(head.text).toBe('');
      const length = Number(/content-length: (\d+)/i.exec(head.head)?.[1]);
      // An icon's bytes are no text.
      if (!get.head.includes('image/')) expect(length).toBe(Buffer.byteLength(get.text));
      expect(length > 0).toBe(get.status === 200);
      leftNothing();
    },
  );

  test('is not had by a signature, and no wrong one takes it away', async () => {
    for (const method of ['GET', 'HEAD']) {
      for (const path of ['/', '/openapi.json', '/healthz']) {
        expect((await send(served, { method, path })).status).toBe(path === '/' ? 302 : 200);
        expect((await send(served, { method, path }, { secretAccessKey: 'other' })).status).toBe(
          path === '/' ? 302 : 200,
        );
      }
    }
    leftNothing();
  });

  test('leads from / to the page', async () => {
    const reply = await served.ask('GET', '/');
    expect(reply.head).toMatch(/^HTTP\/1\.1 302 Found\r\n/);
    expect(reply.head).toMatch(/^location: \/docs$/m);
  });
});

describe('what programs ask for by themselves', () => {
  test.each([
    ['/readyz', 403, 405],
    ['/readyz?x=1', 403, 405],
    ['/apple-touch-icon.png', 404, 404],
    ['/.well-known/appspecific/com.chrome.devtools.json', 404, 404],
    ['/docs/swagger-ui.css.map', 404, 404],
  ])('%s is no refusal', async (target, get, head) => {
    expect((await served.ask('GET', target)).status).toBe(get);
    expect(await served.ask('HEAD', target)).toMatchObject({ status: head, text: '' });
    leftNothing();
  });

  test.each([
    'GET /.env',
    'GET /.well-known/',
    'GET /wp-login.php',
    'POST /readyz',
    'POST /',
    'GET /readyz/',
    'GET //',
  ])('%s is not among it', async (line) => {
    const [method = '', target = ''] = line.split(' ');
    expect([403, 405]).toContain((await served.ask(method, target)).status);
    expect(served.audit.events).toHaveLength(1);
    expect(served.metrics.of('unauthorized_access')).toBe(1);
    expect(served.logger.lines).toMatchObject([{ level: 'warn', fields: { reason: 'signature_missing' } }]);
  });

  test('is a refusal with a wrong signature', async () => {
    for (const headers of [['Authorization: Bearer x'], ['Authorization: AWS4-HMAC-SHA256 x']]) {
      expect((await served.ask('GET', '/readyz', headers)).status).toBe(403);
      expect((await served.ask('GET', '/apple-touch-icon.png', headers)).status).toBe(403);
    }
    expect((await served.ask('GET', '/readyz?X-Amz-Signature=x')).status).toBe(403);
    expect(served.audit.events).toHaveLength(5);
  });
});

describe('a method that the path does not have', () => {
  const paths = [...new Set(OPERATION_IDS.map((id) => OPERATIONS[id].path))];
  const methodsAt = (path: string): string[] =>
    OPERATION_IDS.filter((id) => OPERATIONS[id].path === path).map((id) => OPERATIONS[id].method);
  const shown = (path: string): string => path.replaceAll(/\{(\w+)\}/g, 'some-$1');

  test.each(paths)('at %s is 405 with Allow, for whoever does not sign and for whoever does', async (path) => {
    const allow = methodsAt(path).sort().join(', ');
    const [method = ''] = ['HEAD', 'OPTIONS', 'PATCH'].filter((each) => !methodsAt(path).includes(each));
    for (const target of [shown(path), `${shown(path)}?x=1`]) {
      const unsigned = await served.ask(method, target);
      expect([unsigned.status, allowOf(unsigned)]).toEqual([405, allow]);
    }
    const asked = { method, path: shown(path) };
    for (const profile of ['default', 'openai-only']) {
      const signed = await send(served, asked, { profile });
      expect([signed.status, allowOf(signed)]).toEqual([405, allow]);
    }
    expect(await send(served, asked, { secretAccessKey: 'other' })).toMatchObject({ status: 403 });
    expect(served.events).toEqual([]);
  });

  test.each(DOCUMENTS)('at %s is 405 with Allow', async (path) => {
    for (const method of UNSIGNED_METHODS) {
      const reply = await served.ask(method, path, ['Content-Length: 0']);
      expect([method, reply.status, allowOf(reply)]).toEqual([method, 405, 'GET, HEAD']);
      expect(reply.body).toMatchObject({ code: 'method_not_allowed', detail: 'the path does not have this method' });
    }
    expect((await send(served, { method: 'POST', path })).status).toBe(405);
  });

  test('tells whether a provider, a credential or a route exists no more than any other refusal', async () => {
    const replies = await Promise.all(
      ['openai', 'nobody'].map((provider) => served.ask('OPTIONS', `/v1/providers/${provider}/credentials/a`)),
    );
    expect(new Set(replies.map(headersOf)).size).toBe(1);
    expect(await served.ask('OPTIONS', '/v1/nothing')).toMatchObject({ status: 403 });
    expect(await served.ask('OPTIONS', '*')).toMatchObject({ status: 403 });
    expect(await served.ask('OPTIONS', '/v1/providers/openai/')).toMatchObject({ status: 403 });
  });

  test('by whoever does not sign is an event and a line as any other refusal, and 503 without the audit log', async () => {
    const reply = await served.ask('OPTIONS', '/v1/providers', ['Origin: https://example.com']);
    expect(reply.head).not.toMatch(/access-control/i);
    expect(served.audit.events).toMatchObject([
      {
        event_type: 'unauthorized_access',
        user_id: null,
        request_id: reply.body['request_id'],
        metadata: { code: 'method_not_allowed', reason: 'signature_missing' },
      },
    ]);
    expect(served.logger.lines).toMatchObject([{ level: 'warn', fields: { code: 'method_not_allowed' } }]);
    served.audit.down = true;
    expect(await served.ask('OPTIONS', '/v1/providers')).toMatchObject({ status: 503 });
  });

  test('by whoever is verified is none', async () => {
    expect(await send(served, { method: 'HEAD', path: '/v1/providers' })).toMatchObject({ status: 405, text: '' });
    leftNothing();
  });
});

describe('the log says why a signature was refused', () => {
  test.each<[string, Parameters<ServedGateway['sign']>[1], object]>([
    ['an hour early', { at: Date.now() + 3_600_000 }, { reason: 'signature_expired' }],
    ['another region', { region: 'eu-west-1' }, { reason: 'signature_scope', region: 'us-east-1' }],
    ['another service', { service: 's3' }, { reason: 'signature_scope' }],
    ['an unknown key', { accessKeyId: 'AKIAEXAMPLEEXAMPLE22' }, { reason: 'signature_unknown_key' }],
    ['another secret', { secretAccessKey: 'other' }, { reason: 'signature_mismatch' }],
  ])('%s, to the log alone', async (_, by, fields) => {
    const sent = await served.sign({ method: 'GET', path: '/v1/providers/openai' }, by);
    const reply = await served.exchange(toBytes(sent));
    expect(reply.body).toMatchObject({ detail: 'the request carries no valid AWS Signature Version 4' });
    // This tells a caller that the clocks differ.
    expect(Math.abs(Date.parse(/^date: (.*)$/im.exec(reply.head)?.[1] ?? '') - Date.now())).toBeLessThan(60_000);
    const [line, ...more] = served.logger.lines;
    expect(more).toEqual([]);
    expect(line).toMatchObject({
      level: 'warn',
      fields: {
        request_id: reply.body['request_id'],
        code: 'access_denied',
        operation: 'GET /v1/providers/{provider}',
        provider: 'openai',
        ...fields,
      },
    });
    for (const [, value] of sent.headers.filter(([name]) => name === 'authorization')) {
      for (const part of value.match(/[A-Za-z0-9]{16,}/g) ?? []) {
        if (part !== 'SHA256') expect(JSON.stringify(line)).not.toContain(part);
      }
    }
  });

  test('by how much the clocks differ', async () => {
    await send(served, { method: 'GET', path: '/v1/providers' }, { at: Date.now() - 3_600_000 });
    const skew = served.logger.lines[0]?.fields?.clock_skew_seconds;
    expect(Math.abs(skew! + 3600)).toBeLessThan(60);
  });

  test('that a policy does not allow it, to whoever is verified', async () => {
    await send(served, { method: 'GET', path: '/v1/providers/google' }, { profile: 'openai-only' });
    expect(served.logger.lines).toMatchObject([{ level: 'warn', fields: { reason: 'policy_denied' } }]);
  });

  test('and has nothing that a sender wrote', async () => {
    const forged = 'x", "level":"INFO", "message":"\u0085\u2028forged';
    for (const headers of [[`Authorization: ${forged}`], [`User-Agent: ${forged}`], [`X-Amz-Date: ${forged}`]]) {
      expect((await served.ask('GET', '/v1/forged', headers)).status).toBe(403);
    }
    expect(served.logger.given).toHaveLength(3);
    expect(JSON.stringify(served.logger.given)).not.toMatch(/forged/);
  });
});
