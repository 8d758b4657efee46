import { decryptionFailed, KeywardError } from '../../../lambdas/core/errors/errors';
import { bodyOf, testApi } from './test-api';

const path = (operation: string) => `/v1/providers/openai/${operation}`;
const caller = expect.objectContaining({ request_id: 'request-1' }) as unknown;

describe('encrypt, decrypt and rewrap', () => {
  it('hand the request to the use case and its reply to the caller', async () => {
    const encrypt = jest.fn(async () => ({ ciphertext: 'token', provider: 'openai', key_version: 3 }));
    const decrypt = jest.fn(async () => ({
      plaintext: 'sk-example-not-a-real-key',
      provider: 'openai',
      key_version: 3,
      rewrap_recommended: true,
    }));
    const { call } = testApi({ encrypt, decrypt, rewrap: encrypt });
    const context = { team: 'search' };

    const sealed = await call('encrypt', { method: 'POST', path: path('encrypt'), body: { plaintext: 'a', context } });
    expect(encrypt).toHaveBeenLastCalledWith(caller, { provider: 'openai', plaintext: 'a', context });
    expect([sealed.statusCode, bodyOf(sealed)]).toStrictEqual([200, await encrypt()]);

    const opened = await call('decrypt', { method: 'POST', path: path('decrypt'), body: { ciphertext: 't' } });
    expect(decrypt).toHaveBeenLastCalledWith(caller, { provider: 'openai', ciphertext: 't', context: {} });
    expect([opened.statusCode, bodyOf(opened)]).toStrictEqual([200, await decrypt()]);

    const lifted = await call('rewrap', { method: 'POST', path: path('rewrap'), body: { ciphertext: 't', context } });
    expect(encrypt).toHaveBeenLastCalledWith(caller, { provider: 'openai', ciphertext: 't', context });
    expect([lifted.statusCode, bodyOf(lifted)]).toStrictEqual([200, await encrypt()]);
  });

  it('leave a token of any form to the use case, which has one answer for all that do not open', async () => {
    const { call } = testApi({ decrypt: () => Promise.reject(decryptionFailed('malformed_token')) });
    const replies = await Promise.all(
      ['', 'x', 'A'.repeat(60_000), 'kw1.openai.1.====', 'kw1.google.1.AAAA'].map((ciphertext) =>
        call('decrypt', { method: 'POST', path: path('decrypt'), body: { ciphertext } }),
      ),
    );
    expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
    expect(bodyOf(replies[0]!)).toMatchObject({ status: 400, code: 'decryption_failed' });
  });

  it.each([
    ['encrypt', 'plaintext'],
    ['decrypt', 'ciphertext'],
    ['rewrap', 'ciphertext'],
  ] as const)('%s a batch: results in order, each a result or an error', async (name, member) => {
    const one = async (_: unknown, command: { plaintext?: string; ciphertext?: string; context: object }) => {
      const text = command.plaintext ?? command.ciphertext ?? '';
      if (text === 'bad') throw decryptionFailed('authentication_failed');
      if (text === 'old') throw new KeywardError('key_version_retired', 'the version is retired');
      if (text === 'odd') throw new TypeError('sk-example-not-a-real-key');
      const tag = `${text}${JSON.stringify(command.context)}`;
      return { ciphertext: tag, plaintext: tag, provider: 'openai', key_version: 1, rewrap_recommended: false };
    };
    const { call } = testApi({ encrypt: one, decrypt: one, rewrap: one });
    const items = ['first', 'bad', 'old', 'odd', 'last'].map((text) => ({ [member]: text, reference: `r-${text}` }));
    const plain = { [member]: 'plain', context: { a: 'b' } };
    const reply = await call(name, { method: 'POST', path: path(`${name}-batch`), body: { items: [...items, plain] } });
    const result = (text: string) => ({
      ...(name === 'decrypt' ? { plaintext: text, rewrap_recommended: false } : { ciphertext: text }),
      provider: 'openai',
      key_version: 1,
    });
    expect(reply.statusCode).toBe(200);
    expect(bodyOf(reply)).toStrictEqual({
      results: [
        { reference: 'r-first', ...result('first{}') },
        {
          reference: 'r-bad',
          error: { code: 'decryption_failed', status: 400, detail: 'the ciphertext could not be decrypted' },
        },
        { reference: 'r-old', error: { code: 'key_version_retired', status: 409, detail: 'the version is retired' } },
        { reference: 'r-odd', error: { code: 'internal', status: 500, detail: 'an unexpected error occurred' } },
        { reference: 'r-last', ...result('last{}') },
        result('plain{"a":"b"}'),
      ],
    });
  });
});
