import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { parseRequestTarget } from '../../../local/gateway/request-target';
import { SIGNATURE_FAULTS } from '../../../local/identity/signature-faults';
import { isUnsigned, SignatureVerifier, type SignedRequest } from '../../../local/identity/signature-v4';
import type { SigningPrincipal } from '../../../local/identity/principals';
import { runs } from '../../effort';
import { TestClock } from '../../doubles/memory-ports';
import { sdkPresign, sdkSign, type SdkRequest, type SdkSigning } from '../../doubles/sdk-signer';

const ACCESS_KEY_ID = 'AKIAEXAMPLEEXAMPLE22';
const SECRET = 'not-a-real-secret-access-key';
const HOST = '127.0.0.1:8787';
const PATH = '/v1/providers/openai/decrypt';

const principalOf = (accessKeyId: string, secretAccessKey: string): SigningPrincipal => ({
  principal: {
    accessKeyId,
    user: 'tester',
    arn: 'arn:aws:iam::000000000000:user/tester',
    policy: { Version: '2012-10-17', Statement: [] },
  },
  secretAccessKey,
});

const clock = new TestClock();
const start = clock.time;
beforeEach(() => {
  clock.time = start;
});

const known = principalOf(ACCESS_KEY_ID, SECRET);
const verifier = new SignatureVerifier({
  region: 'us-east-1',
  service: 'execute-api',
  principals: new Map([[ACCESS_KEY_ID, known]]),
  clock,
});

/** A request as it arrives. */
interface Sent {
  method: string;
  url: string;
  headers: [string, string][];
  body: Buffer;
}

const toSigned = ({ method, url, headers, body }: Sent): SignedRequest => ({
  ...parseRequestTarget(url),
  method,
  rawHeaders: headers.flat(),
  body,
});
/** Without the log's reasons, of which there are more. */
const verify = (sent: Sent) => {
  const verification = verifier.verify(toSigned(sent));
  if (verification.ok) return verification;
  const { message: _, skewMs: __, ...refused } = verification;
  return refused;
};
const whyNot = (sent: Sent) => {
  const verification = verifier.verify(toSigned(sent));
  return verification.ok ? undefined : verification;
};

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`);

async function send(request: Partial<SdkRequest> = {}, signing: Partial<SdkSigning> = {}): Promise<Sent> {
  const full: SdkRequest = {
    method: 'POST',
    path: PATH,
    headers: { host: HOST, 'content-type': 'application/json' },
    body: '{"ciphertext":"kw1"}',
    ...request,
  };
  const headers = await sdkSign(full, {
    accessKeyId: ACCESS_KEY_ID,
    secretAccessKey: SECRET,
    at: clock.time,
    ...signing,
  });
  const query = Object.entries(full.query ?? {})
    .flatMap(([name, value]) => [value].flat().map((each) => `${encode(name)}=${encode(each)}`))
    .reverse()
    .join('&');
  return {
    method: full.method,
    url: query === '' ? full.path : `${full.path}?${query}`,
    headers: Object.entries({ ...headers, 'user-agent': 'test', accept: '*/*' }),
    body: Buffer.from(full.body ?? ''),
  };
}

const withHeader = (sent: Sent, name: string, change: (value: string) => string): Sent => ({
  ...sent,
  headers: sent.headers.map(([each, value]) => [each, each === name ? change(value) : value]),
});
const withoutHeader = (sent: Sent, name: string): Sent => ({
  ...sent,
  headers: sent.headers.filter(([each]) => each !== name),
});
const plusHeader = (sent: Sent, name: string, value: string): Sent => ({
  ...sent,
  headers: [...sent.headers, [name, value]],
});
const valueOf = (sent: Sent, name: string): string => sent.headers.find(([each]) => each === name)?.[1] ?? '';

const refusedAs = (reason: string) => ({ ok: false, reason, claimed: known.principal });

describe("AWS's own examples", () => {
  const at = Date.parse('2015-08-30T12:36:00.000Z');
  const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
  const suite = { service: 'service', host: 'example.amazonaws.com', method: 'GET', url: '/', headers: [], body: '' };
  const examples = [
    {
      ...suite,
      name: 'the example of the IAM User Guide',
      service: 'iam',
      host: 'iam.amazonaws.com',
      url: '/?Action=ListUsers&Version=2010-05-08',
      headers: [['content-type', 'application/x-www-form-urlencoded; charset=utf-8']],
      signature: '5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7',
    },
    {
      ...suite,
      name: 'get-vanilla',
      signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    },
    {
      ...suite,
      name: 'get-vanilla-query-order-key-case',
      url: '/?Param2=value2&Param1=value1',
      signature: 'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    },
    {
      ...suite,
      name: 'get-vanilla-utf8-query',
      url: '/?%E1%88%B4=bar',
      signature: '2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04',
    },
    {
      ...suite,
      name: 'get-space',
      url: '/example space/',
      signature: '652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741',
    },
    {
      ...suite,
      name: 'get-utf8',
      url: Buffer.from('/\u1234').toString('latin1'),
      signature: '8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85',
    },
    {
      ...suite,
      name: 'get-slashes',
      url: '//example//',
      signature: '9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84',
    },
    {
      ...suite,
      name: 'get-relative-relative',
      url: '/example1/example2/../..',
      signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    },
    {
      ...suite,
      name: 'get-header-value-trim',
      headers: [
        ['my-header1', ' value1'],
        ['my-header2', ' "a   b   c"'],
      ],
      signature: 'acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736',
    },
    {
      ...suite,
      name: 'post-vanilla',
      method: 'POST',
      signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    },
    {
      ...suite,
      name: 'post-x-www-form-urlencoded',
      method: 'POST',
      headers: [['content-type', 'application/x-www-form-urlencoded']],
      body: 'Param1=value1',
      signature: 'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    },
  ];

  test.each(examples)('$name', ({ service, host, method, url, headers, body, signature }) => {
    clock.time = at;
    const principals = new Map([['AKIDEXAMPLE', principalOf('AKIDEXAMPLE', secret)]]);
    const aws = new SignatureVerifier({ region: 'us-east-1', service, principals, clock });
    const sent = [['host', host], ['x-amz-date', '20150830T123600Z'], ...headers] as [string, string][];
    const names = sent.map(([name]) => name).sort();
    const authorization =
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/${service}/aws4_request, ` +
      `SignedHeaders=${names.join(';')}, Signature=${signature}`;
    const request = toSigned({
      method,
      url,
      headers: [...sent, ['Authorization', authorization]],
      body: Buffer.from(body),
    });
    expect(aws.verify(request)).toMatchObject({ ok: true });
    expect(aws.verify({ ...request, body: Buffer.from(`${body}x`) }).ok).toBe(false);
  });
});

describe('requests that the AWS SDK signed', () => {
  const segment = fc.stringMatching(/^[A-Za-z0-9_~-](?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2}|[!$&'()*+,;=:@]){0,20}$/);
  const text = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((each) => each.isWellFormed());
  // The SDK's own copy of a query loses a parameter named __proto__.
  const parameterName = text.filter((name) => name !== '' && name !== '__proto__' && !/^x-amz-/i.test(name));
  const requests = fc.record({
    method: fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'),
    path: fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`),
    query: fc.dictionary(parameterName, fc.oneof(text, fc.array(text, { minLength: 2, maxLength: 3 })), { maxKeys: 4 }),
    headers: fc
      .dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), fc.stringMatching(/^[ -~]{0,20}$/), { maxKeys: 3 })
      .map((headers) => ({ ...headers, host: HOST })),
    body: fc.oneof(fc.string(), fc.uint8Array({ maxLength: 40 })),
  });

  test('are verified, and not once anything in them has changed', async () => {
    const verified = await fc.check(
      fc.asyncProperty(requests, fc.nat(), async (request, where) => {
        const sent = await send(request);
        expect(verify(sent)).toEqual({ ok: true, principal: known.principal });
        const { method, url, body, headers } = sent;
        const flipped = Buffer.from(body);
        if (flipped.length > 0) flipped[where % flipped.length]! ^= 1 << (where % 8);
        const at = where % headers.length;
        const [name, value] = headers[at]!;
        const isSigned = !['user-agent', 'accept'].includes(name);
        const changes: Sent[] = [
          { ...sent, method: method === 'GET' ? 'PUT' : 'GET' },
          { ...sent, url: url.replace(/^\/./, (first) => (first === '/a' ? '/b' : '/a')) },
          { ...sent, url: `${url}${url.includes('?') ? '&' : '?'}more=1` },
          { ...sent, body: flipped.length > 0 ? flipped : Buffer.from('x') },
          ...(isSigned ? [{ ...sent, headers: headers.with(at, [name, `${value}x`]) }] : []),
          ...(isSigned ? [withoutHeader(sent, name)] : []),
        ];
        for (const changed of changes) expect(verify(changed).ok).toBe(false);
      }),
      { numRuns: runs(2000) },
    );
    expect(verified.failed ? fc.defaultReportMessage(verified) : undefined).toBeUndefined();
  });

  test('are verified with the path encoded once more, and resolved, as every service but S3 has it', async () => {
    for (const path of [
      '/%2e%2e/a',
      '/a%2Fb',
      '/a%2fb',
      '/a%25b',
      '/$default/%40connections/abc%3D',
      '/@connections/abc=',
      '/a/../b//c/./d/',
      '/a\\b;c',
    ]) {
      expect(verify(await send({ path }))).toEqual({ ok: true, principal: known.principal });
      expect(verify(await send({ path }, { pathAsIs: true }))).toEqual(refusedAs('signature_mismatch'));
    }
    // Plain ones are equal in both forms.
    expect(verify(await send({}, { pathAsIs: true })).ok).toBe(true);
  });

  test('are verified across midnight and with each of two keys', async () => {
    clock.time = Date.parse('2026-11-21T23:59:59.000Z');
    const before = await send();
    clock.time += 2000;
    for (const sent of [before, await send(), before]) expect(verify(sent).ok).toBe(true);
  });

  test('are refused with another secret, region or service, or as an unknown key', async () => {
    expect(verify(await send({}, { secretAccessKey: 'other' }))).toEqual(refusedAs('signature_mismatch'));
    expect(verify(await send({}, { region: 'eu-west-1' }))).toEqual(refusedAs('signature_scope'));
    expect(verify(await send({}, { service: 's3' }))).toEqual(refusedAs('signature_scope'));
    const unknown = { ok: false, reason: 'signature_unknown_key' };
    expect(verify(await send({}, { accessKeyId: 'AKIAEXAMPLEEXAMPLE33' }))).toEqual(unknown);
  });

  test('live five minutes, to either side', async () => {
    const sent = await send();
    for (const skew of [-300_000, 300_000]) {
      clock.time = start + skew;
      expect(verify(sent).ok).toBe(true);
      clock.time = start + skew + Math.sign(skew);
      expect(verify(sent)).toEqual(refusedAs('signature_expired'));
    }
  });

  test('with a session token, an unsigned payload, or in the query are not taken', async () => {
    expect(verify(await send({}, { sessionToken: 'token' }))).toEqual(refusedAs('signature_unsupported'));
    for (const value of ['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD']) {
      const headers = { host: HOST, 'x-amz-content-sha256': value };
      expect(verify(await send({ headers }))).toEqual(refusedAs('signature_unsupported'));
    }
    const wrongHash = { host: HOST, 'x-amz-content-sha256': '0'.repeat(64) };
    expect(verify(await send({ headers: wrongHash }))).toEqual(refusedAs('signature_body'));
    const signing = { accessKeyId: ACCESS_KEY_ID, secretAccessKey: SECRET, at: clock.time };
    const query = await sdkPresign({ method: 'GET', path: PATH, headers: { host: HOST } }, signing);
    const url = `${PATH}?${Object.entries(query)
      .map((pair) => pair.map(encode).join('='))
      .join('&')}`;
    const presigned: Sent = { method: 'GET', url, headers: [['host', HOST]], body: Buffer.alloc(0) };
    expect(verify(presigned)).toEqual({ ok: false, reason: 'signature_unsupported' });
    const both = await send();
    expect(verify({ ...both, url })).toEqual({ ok: false, reason: 'signature_unsupported' });
  });
});

describe('a request that is not as it must be', () => {
  test('without an Authorization header, or with two', async () => {
    const sent = await send();
    const missing = withoutHeader(sent, 'authorization');
    expect(verify(missing)).toEqual({ ok: false, reason: 'signature_missing' });
    const twice = plusHeader(sent, 'Authorization', valueOf(sent, 'authorization'));
    expect(verify(twice)).toEqual({ ok: false, reason: 'signature_malformed' });
  });

  test.each<[string, (value: string) => string]>([
    ['another algorithm', (value) => value.replace('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256')],
    ['an algorithm in lower case', (value) => value.replace('AWS4-HMAC-SHA256', 'aws4-hmac-sha256')],
    ['something before', (value) => ` ${value}`],
    ['something behind', (value) => `${value} `],
    ['a part twice', (value) => `${value}, Signature=${'0'.repeat(64)}`],
    ['a signature in upper case', (value) => value.replace(/Signature=.*/, (each) => each.toUpperCase())],
    ['a short signature', (value) => value.slice(0, -1)],
    ['no access key id', (value) => value.replace(ACCESS_KEY_ID, '')],
    ['another scheme', () => 'Bearer not-a-real-token'],
    ['nothing', () => ''],
    ['far too much', (value) => value.padEnd(5000, ' ')],
  ])('with %s in the Authorization header', async (_, change) => {
    const sent = withHeader(await send(), 'authorization', change);
    expect(verify(sent)).toEqual({ ok: false, reason: 'signature_malformed' });
  });

  test.each(['20261121T090000', '2026-11-21T09:00:00Z', '20261131T090000Z', '20261121T240000Z', 'today', ''])(
    'with the time %j',
    async (time) => {
      const sent = withHeader(await send(), 'x-amz-date', () => time);
      expect(verify(sent)).toEqual(refusedAs('signature_malformed'));
    },
  );

  test('with a time of another day than the scope, no time, two times', async () => {
    const sent = await send();
    clock.time += 86_400_000;
    const moved = withHeader(sent, 'x-amz-date', (time) => time.replace('21T', '22T'));
    expect(verify(moved)).toEqual(refusedAs('signature_scope'));
    clock.time = start;
    expect(verify(withoutHeader(sent, 'x-amz-date'))).toEqual(refusedAs('signature_malformed'));
    const twice = plusHeader(sent, 'X-Amz-Date', valueOf(sent, 'x-amz-date'));
    expect(verify(twice)).toEqual(refusedAs('signature_malformed'));
    const later = withHeader(sent, 'x-amz-date', (time) => time.replace('0000Z', '0001Z'));
    expect(verify(later)).toEqual(refusedAs('signature_mismatch'));
  });

  test.each<[string, (names: string) => string]>([
    ['without host', (names) => names.replace('host;', '')],
    ['without the time', (names) => names.replace('x-amz-date', 'user-agent')],
    ['in upper case', (names) => names.replace('host', 'Host')],
    ['unsorted', (names) => names.split(';').reverse().join(';')],
    ['with one twice', (names) => names.replace('host', 'host;host')],
    ['with one that is absent', (names) => `${names};x-zzz`],
    ['with an empty one', (names) => `;${names}`],
    ['with the signature itself', (names) => `authorization;${names}`],
  ])('with a list of signed headers %s', async (_, change) => {
    const sent = withHeader(await send(), 'authorization', (value) =>
      value.replace(/SignedHeaders=([^,]+)/, (_all, names: string) => `SignedHeaders=${change(names)}`),
    );
    expect(verify(sent)).toEqual(refusedAs('signature_headers'));
  });

  test('with an x-amz header that is not signed, or a signed header twice', async () => {
    const sent = await send();
    expect(verify(plusHeader(sent, 'X-Amz-Target', 'x'))).toEqual(refusedAs('signature_headers'));
    expect(verify(plusHeader(sent, 'Host', HOST))).toEqual(refusedAs('signature_headers'));
    expect(verify(plusHeader(sent, 'X-Other', 'x')).ok).toBe(true);
  });

  test('with a query string that cannot be read', async () => {
    const sent = await send();
    expect(verify({ ...sent, url: `${PATH}?a=%zz` })).toEqual({ ok: false, reason: 'signature_malformed' });
  });
});

/** As aws-requests-auth and httpx-aws-auth sign: the hash of the body is sent, and is not among the signed headers. */
async function withUnsignedHash(hash: (body: Buffer) => string | undefined): Promise<Sent> {
  const signedWithout = withoutHeader(await send(), 'x-amz-content-sha256');
  const value = hash(signedWithout.body);
  const sent = signAnew(signedWithout, 'host;x-amz-date');
  return value === undefined ? sent : plusHeader(sent, 'X-Amz-Content-Sha256', value);
}
const sha256Of = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** The signature over these headers, made without the SDK, whose signer signs them all. */
function signAnew(sent: Sent, names: string): Sent {
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const time = valueOf(sent, 'x-amz-date');
  const scope = `${time.slice(0, 8)}/us-east-1/execute-api/aws4_request`;
  const headers = names.split(';').map((name) => `${name}:${valueOf(sent, name)}\n`);
  const canonical = `${sent.method}\n${sent.url}\n\n${headers.join('')}\n${names}\n${sha256Of(sent.body)}`;
  const key = scope.split('/').reduce<string | Buffer>(hmac, `AWS4${SECRET}`);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256Of(canonical)}`).toString('hex');
  const authorization = `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/${scope}, SignedHeaders=${names}, Signature=${signature}`;
  return withHeader(sent, 'authorization', () => authorization);
}

describe('the hash of the body in a header', () => {
  test('need not be signed, nor be there at all', async () => {
    expect(verify(await withUnsignedHash(sha256Of))).toEqual({ ok: true, principal: known.principal });
    expect(verify(await withUnsignedHash(() => undefined)).ok).toBe(true);
  });

  test.each<[string, (body: Buffer) => string, string]>([
    ['another hash', () => sha256Of('other'), 'signature_body'],
    ['the hash of nothing', () => sha256Of(''), 'signature_body'],
    ['UNSIGNED-PAYLOAD', () => 'UNSIGNED-PAYLOAD', 'signature_unsupported'],
    ['STREAMING-UNSIGNED-PAYLOAD-TRAILER', () => 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'signature_unsupported'],
    ['the hash in upper case', (body) => sha256Of(body).toUpperCase(), 'signature_unsupported'],
    ['nothing', () => '', 'signature_unsupported'],
    ['the hash and more', (body) => `${sha256Of(body)}, ${sha256Of(body)}`, 'signature_unsupported'],
  ])('may not be %s, though nobody signed it', async (_, hash, reason) => {
    expect(verify(await withUnsignedHash(hash))).toEqual(refusedAs(reason));
  });

  test('may be there once', async () => {
    const twice = plusHeader(
      await withUnsignedHash(sha256Of),
      'x-amz-content-sha256',
      sha256Of('{"ciphertext":"kw1"}'),
    );
    expect(verify(twice)).toEqual(refusedAs('signature_unsupported'));
  });

  test('does not make another body good, and is the only header of AWS that may be unsigned', async () => {
    const sent = await withUnsignedHash(() => undefined);
    const body = Buffer.from('{"ciphertext":"kw2"}');
    const other = plusHeader({ ...sent, body }, 'X-Amz-Content-Sha256', sha256Of(body));
    expect(verify(other)).toEqual(refusedAs('signature_mismatch'));
    for (const name of ['X-Amz-Target', 'X-Amz-Content-Sha256-Other', 'X-Amz-Content', 'X-Amz-Trailer', 'X-Amz-']) {
      expect(verify(plusHeader(sent, name, 'x'))).toEqual(refusedAs('signature_headers'));
    }
    expect(verify(signAnew(sent, 'host'))).toEqual(refusedAs('signature_headers'));
  });
});

describe('why a signature was refused', () => {
  const changed = async (name: string, change: (value: string) => string): Promise<Sent> =>
    withHeader(await send(), name, change);
  const authorized = (change: (value: string) => string): Promise<Sent> => changed('authorization', change);
  /** One request for each fault: complete by its type. */
  const FAULTY: Readonly<Record<keyof typeof SIGNATURE_FAULTS, () => Promise<Sent>>> = {
    missing: async () => withoutHeader(await send(), 'authorization'),
    presigned: async () => ({ ...(await send()), url: `${PATH}?X-Amz-Signature=0` }),
    sessionToken: () => send({}, { sessionToken: 'token' }),
    severalAuthorizations: async () => plusHeader(await send(), 'Authorization', 'none'),
    otherScheme: () => authorized(() => 'Bearer not-a-real-token'),
    authorization: () => authorized((value) => value.slice(0, -1)),
    query: async () => ({ ...(await send()), url: `${PATH}?a=%zz` }),
    time: () => changed('x-amz-date', () => 'Sat, 21 Nov 2026 09:00:00 GMT'),
    region: () => send({}, { region: 'eu-west-1' }),
    service: () => send({}, { service: 's3' }),
    date: () => changed('x-amz-date', (time) => time.replace('21T', '22T')),
    clock: () => send({}, { at: clock.time - 300_001 }),
    list: () => authorized((value) => value.replace('host;', 'Host;')),
    host: async () => signAnew(await send(), 'x-amz-date'),
    unsignedHeader: async () => plusHeader(await send(), 'X-Amz-Target', 'x'),
    hash: async () => ({ ...(await send()), body: Buffer.from('other') }),
    hashForm: () => send({ headers: { host: HOST, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    unknownKey: () => send({}, { accessKeyId: 'AKIAEXAMPLEEXAMPLE33' }),
    mismatch: () => send({}, { secretAccessKey: 'other' }),
  };

  test.each(Object.keys(FAULTY) as (keyof typeof FAULTY)[])('is told in words of its own: %s', async (fault) => {
    expect(whyNot(await FAULTY[fault]())).toMatchObject({ ok: false, ...SIGNATURE_FAULTS[fault] });
  });

  test('has different words for each', () => {
    const messages = Object.values(SIGNATURE_FAULTS).map(({ message }) => message);
    expect(new Set(messages).size).toBe(messages.length);
  });

  test('says by how much the clocks differ, and in which direction', async () => {
    expect(whyNot(await send({}, { at: clock.time + 7_200_000 }))).toMatchObject({ skewMs: 7_200_000 });
    expect(whyNot(await send({}, { at: clock.time - 7_200_000 }))).toMatchObject({ skewMs: -7_200_000 });
    expect(whyNot(await FAULTY.mismatch())).not.toHaveProperty('skewMs');
  });
});

test('who does not even try to sign has neither an Authorization header nor a signature in the query', async () => {
  const sent = await send();
  expect(isUnsigned(toSigned(sent))).toBe(false);
  expect(isUnsigned(toSigned(withHeader(sent, 'authorization', () => '')))).toBe(false);
  const bare = withoutHeader(sent, 'authorization');
  expect(isUnsigned(toSigned(bare))).toBe(true);
  expect(isUnsigned(toSigned({ ...bare, url: `${PATH}?X-Amz-Credential=x` }))).toBe(false);
  expect(isUnsigned(toSigned({ ...bare, url: `${PATH}?%zz` }))).toBe(true);
});

test('anything at all is answered, never thrown', () => {
  const anything = fc.record({
    method: fc.string(),
    url: fc.string(),
    headers: fc.array(
      fc.tuple(fc.oneof(fc.string(), fc.constantFrom('Authorization', 'Host', 'X-Amz-Date')), fc.string()),
    ),
    body: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  });
  fc.assert(
    fc.property(anything, (sent) => {
      expect(verify(sent).ok).toBe(false);
    }),
  );
});

test('what curl signs over the query string as it is written is taken, and holds for these bytes alone', () => {
  // curl 7.88 neither sorts nor encodes, which no signer of AWS can be made to do.
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const raw = 'limit=2&from=2026-11-01T00:00:00.000Z';
  const canonical = `GET\n/v1/audit/events\n${raw}\nhost:${HOST}\nx-amz-date:20261121T090000Z\n\nhost;x-amz-date\n${hash('')}`;
  const key = hmac(hmac(hmac(hmac(`AWS4${SECRET}`, '20261121'), 'us-east-1'), 'execute-api'), 'aws4_request');
  const scope = '20261121/us-east-1/execute-api/aws4_request';
  const signature = hmac(key, `AWS4-HMAC-SHA256\n20261121T090000Z\n${scope}\n${hash(canonical)}`).toString('hex');
  const sent: Sent = {
    method: 'GET',
    url: `/v1/audit/events?${raw}`,
    headers: [
      ['Host', HOST],
      ['X-Amz-Date', '20261121T090000Z'],
      [
        'Authorization',
        `AWS4-HMAC-SHA256 Credential=${ACCESS_KEY_ID}/${scope}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
      ],
    ],
    body: Buffer.alloc(0),
  };
  expect(verify(sent).ok).toBe(true);
  const sorted = '/v1/audit/events?from=2026-11-01T00%3A00%3A00.000Z&limit=2';
  expect(verify({ ...sent, url: sorted })).toEqual(refusedAs('signature_mismatch'));
  expect(verify({ ...sent, url: sent.url.replace('limit=2', 'limit=3') })).toEqual(refusedAs('signature_mismatch'));
});
