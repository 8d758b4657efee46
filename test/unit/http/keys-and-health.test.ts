import { KeywardError } from '../../../lambdas/core/errors/errors';
import type { Readiness } from '../../../lambdas/core/health/check-readiness';
import type { KeysetView } from '../../../lambdas/core/keysets/show-keysets';
import { EXAMPLES } from './examples';
import { bodyOf, testApi } from './test-api';

const keyset = EXAMPLES.describeKeyset.reply as KeysetView;
const readiness = EXAMPLES.checkReadiness.reply as Readiness;

describe('keysets', () => {
  it('are listed and described without key material', async () => {
    const slip = { ...keyset, mac: 'AAAA', versions: keyset.versions.map((v) => ({ ...v, encrypted_dek: 'AAAA' })) };
    const describeKeyset = jest.fn(async () => slip);
    const { call } = testApi({ listKeysets: async () => [slip], describeKeyset });
    expect(bodyOf(await call('keys', { path: '/v1/providers' }))).toStrictEqual({ providers: [keyset] });
    expect(bodyOf(await call('keys', { path: '/v1/providers/openai' }))).toStrictEqual(keyset);
    expect(describeKeyset).toHaveBeenCalledWith('openai');
  });

  it('whose records somebody has edited are named beside the others', async () => {
    const damaged = { provider: 'google', damaged: true } as const;
    const { call } = testApi({ listKeysets: async () => [keyset, damaged] });
    const reply = await call('keys', { path: '/v1/providers' });
    expect(bodyOf(reply)).toStrictEqual({ providers: [keyset], damaged: ['google'] });
  });

  it('that are missing are 404', async () => {
    const describeKeyset = () => Promise.reject(new KeywardError('provider_not_found', 'there is no such provider'));
    const reply = await testApi({ describeKeyset }).call('keys', { path: '/v1/providers/openai' });
    expect(reply.statusCode).toBe(404);
  });
});

describe('health', () => {
  const nobody = { userArn: null };

  it('is told to anyone and says nothing else', async () => {
    const reply = await testApi().call('health', { path: '/healthz', identity: nobody });
    expect([reply.statusCode, reply.body]).toStrictEqual([200, '{"status":"ok"}']);
  });

  it('of the parts is for verified callers', async () => {
    const { call } = testApi();
    expect((await call('health', { path: '/readyz', identity: nobody })).statusCode).toBe(403);
    const reply = await call('health', { path: '/readyz' });
    expect([reply.statusCode, bodyOf(reply)]).toStrictEqual([200, readiness]);
  });

  it.each([
    [
      { ...readiness, ready: false, providers: [{ provider: 'openai', ready: false, code: 'internal' }] },
      'keys_unavailable',
    ],
    [{ ...readiness, ready: false, audit: false }, 'audit_unavailable'],
  ])('that is not there is a problem with its parts: %#', async (parts, code) => {
    const reply = await testApi({ checkReadiness: async () => parts }).call('health', { path: '/readyz' });
    expect([reply.statusCode, reply.headers?.['retry-after']]).toStrictEqual([503, '1']);
    expect(reply.headers?.['content-type']).toBe('application/problem+json');
    expect(bodyOf(reply)).toMatchObject({ ...parts, code, status: 503, request_id: 'request-1' });
  });
});
