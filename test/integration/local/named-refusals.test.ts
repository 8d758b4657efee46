import { nameFingerprint } from '../../../lambdas/core/crypto/name-fingerprint';
import { toBytes } from './raw-http';
import { send, serveGateway, type ServedGateway } from './served-gateway';

let served: ServedGateway;

beforeAll(async () => {
  served = await serveGateway();
});

afterAll(() => served.close());

beforeEach(() => {
  served.audit.events.length = 0;
  served.logger.lines.length = 0;
});

const GOOGLE = '/v1/providers/google';
const ROTATION = '0123456789abcdef0123456789abcdef';
/** Key-shaped, and not a key. */
const KEY_SHAPED = 'sk-example-not-a-real-key';

const refused = async (method: string, path: string) => {
  expect((await send(served, { method, path }, { profile: 'openai-only' })).status).toBe(403);
  const [event, ...others] = served.audit.events;
  expect(others).toEqual([]);
  return event;
};

describe('who asks the log who tried finds what the policy refused', () => {
  test.each([
    ['GET', ''],
    ['PUT', ''],
    ['DELETE', ''],
    ['POST', '/reveal'],
  ])('%s of a credential%s: by its name', async (method, end) => {
    expect(await refused(method, `${GOOGLE}/credentials/prod-key${end}`)).toMatchObject({
      event_type: 'unauthorized_access',
      provider: 'google',
      user_id: 'arn:aws:iam::000000000000:user/openai-only',
      key_version: null,
      metadata: { reason: 'policy_denied', credential: 'prod-key' },
    });
  });

  test.each(['schedule-destruction', 'cancel-destruction'])('%s: by the key version', async (action) => {
    expect(await refused('POST', `${GOOGLE}/versions/7/${action}`)).toMatchObject({ key_version: 7 });
  });

  test('an abort: by the rotation', async () => {
    const event = await refused('POST', `${GOOGLE}/rotations/${ROTATION}/abort`);
    expect(event).toMatchObject({ key_version: null, metadata: { rotation_id: ROTATION } });
  });

  test('what is signed by nobody, too', async () => {
    expect(await served.ask('GET', `${GOOGLE}/credentials/prod-key`)).toMatchObject({ status: 403 });
    expect(served.audit.events).toMatchObject([{ user_id: null, metadata: { credential: 'prod-key' } }]);
  });
});

describe('what is no name is not written down', () => {
  test('a key in its place', async () => {
    const event = await refused('POST', `${GOOGLE}/credentials/${KEY_SHAPED}/reveal`);
    expect(event).toMatchObject({ metadata: { credential: nameFingerprint(KEY_SHAPED) } });
    expect(JSON.stringify(event)).not.toContain(KEY_SHAPED);
  });

  test.each([
    ['GET', '/credentials/~what'],
    ['GET', `/credentials/${'x'.repeat(129)}`],
    ['POST', '/versions/0/schedule-destruction'],
    ['POST', '/versions/2147483648/schedule-destruction'],
    ['POST', '/versions/-what/schedule-destruction'],
    ['POST', '/rotations/what/abort'],
  ])('%s %s', async (method, path) => {
    const event = await refused(method, `${GOOGLE}${path}`);
    expect(event).toMatchObject({ key_version: null });
    expect(event?.metadata).toEqual({
      code: 'access_denied',
      reason: 'policy_denied',
      operation: expect.stringMatching(/^(?:GET|POST) /) as string,
    });
  });
});

describe('a body that nobody reads leaves a line of the log, and no event', () => {
  const ENCRYPT = { method: 'POST', path: '/v1/providers/openai/encrypt' };
  const line = () => {
    expect(served.audit.events).toEqual([]);
    return served.logger.lines;
  };

  test('a body that is too large, signed or not', async () => {
    const body = 'x'.repeat(327_681);
    expect((await send(served, { ...ENCRYPT, body })).status).toBe(413);
    expect(line()).toMatchObject([
      {
        level: 'warn',
        message: 'request refused: its body is larger than the call allows',
        fields: { code: 'payload_too_large', operation: 'POST /v1/providers/{provider}/encrypt', provider: 'openai' },
      },
    ]);
    await served.exchange(`POST ${ENCRYPT.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10485761\r\n\r\n`);
    expect(line()).toHaveLength(2);
  });

  test('one sender that does it again and again does not fill the log', async () => {
    const request = `POST ${ENCRYPT.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 10485761\r\n\r\n`;
    for (let sent = 0; sent < 60; sent += 1) await served.exchange(request);
    expect(line().length).toBeLessThanOrEqual(32);
  });

  test('a body that is encoded', async () => {
    const sent = await served.sign({ ...ENCRYPT, body: '{}' });
    const reply = await served.exchange(toBytes({ ...sent, headers: [...sent.headers, ['content-encoding', 'gzip']] }));
    expect(reply.status).toBe(415);
    expect(line()).toMatchObject([{ level: 'warn', fields: { code: 'unsupported_media_type', provider: 'openai' } }]);
  });
});
