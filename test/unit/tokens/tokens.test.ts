import { tokenSha256 } from '../../../lambdas/core/audit/audit-event';
import { testRandomness } from '../../doubles/memory-ports';
import { caller, World } from '../../doubles/world';
import { failureOf as failure } from '../keysets/failure-of';

const provider = 'openai';
const plaintext = 'sk-example-not-a-real-key';
const context = { tenant: 'a' };

describe('encrypt and decrypt', () => {
  test('round trip, each use on record before the answer', async () => {
    const world = new World();
    const sealed = await world.application.encrypt(caller, { provider, plaintext, context });
    expect(sealed).toEqual({ ciphertext: expect.stringMatching(/^kw1\.openai\.1\./), provider, key_version: 1 });
    const opened = await world.application.decrypt(caller, { provider, ciphertext: sealed.ciphertext, context });
    expect(opened).toEqual({ plaintext, provider, key_version: 1, rewrap_recommended: false });
    expect(world.audit.events).toMatchObject([
      {
        event_type: 'encrypt',
        provider,
        user_id: caller.user_id,
        ip_address: caller.ip_address,
        user_agent: caller.user_agent,
        request_id: caller.request_id,
        region: 'eu-west-1',
        success: true,
        error_message: null,
        key_version: 1,
        token_sha256: tokenSha256(sealed.ciphertext),
        timestamp: '2026-11-21T09:00:00.000Z',
      },
      { event_type: 'decrypt', success: true, key_version: 1, token_sha256: tokenSha256(sealed.ciphertext) },
    ]);
    expect(new Set(world.audit.events.map((event) => event.id)).size).toBe(2);
    expect(JSON.stringify(world.audit.events)).not.toContain(plaintext);
  });

  test('every way of not opening is the same error; only the event knows why', async () => {
    const world = new World();
    const { ciphertext } = await world.application.encrypt(caller, { provider, plaintext, context });
    const google = await world.application.encrypt(caller, { provider: 'google', plaintext, context });
    const attempts: [string, Record<string, string>, string][] = [
      ['not a token', context, 'malformed_token'],
      [Buffer.alloc(80).toString('base64'), context, 'legacy_format'],
      [`${ciphertext}=`, context, 'non_canonical_base64'],
      [google.ciphertext, context, 'provider_mismatch'],
      [ciphertext, { tenant: 'b' }, 'authentication_failed'],
      [ciphertext.replace('.1.', '.7.'), context, 'unknown_version'],
    ];
    for (const [token, presented, reason] of attempts) {
      const error = await failure(
        world.application.decrypt(caller, { provider, ciphertext: token, context: presented }),
      );
      expect([error.code, error.message]).toEqual(['decryption_failed', 'the ciphertext could not be decrypted']);
      expect(world.audit.events.at(-1)).toMatchObject({
        event_type: 'failed_decrypt',
        success: false,
        error_message: error.message,
        token_sha256: token.startsWith('kw1.') && reason !== 'non_canonical_base64' ? tokenSha256(token) : null,
        metadata: { operation: 'decrypt', code: 'decryption_failed', reason },
      });
    }
    expect(world.metrics.of('failed_decrypt')).toBe(attempts.length);
  });

  test('without a durable event nothing is answered, be it a plaintext or a refusal', async () => {
    const world = new World();
    const { ciphertext } = await world.application.encrypt(caller, { provider, plaintext, context });
    world.audit.down = true;
    const calls = [
      world.application.decrypt(caller, { provider, ciphertext, context }),
      world.application.decrypt(caller, { provider, ciphertext: 'not a token', context }),
      world.application.encrypt(caller, { provider, plaintext, context }),
      world.application.encrypt(caller, { provider, plaintext: '', context }),
      world.application.rewrap(caller, { provider, ciphertext, context }),
    ];
    for (const call of calls) expect((await failure(call)).code).toBe('audit_unavailable');
    expect(world.metrics.of('audit_append_failed')).toBe(calls.length);
  });

  test('a failure that is not ours is on record as internal and says nothing', async () => {
    const world = new World();
    await world.application.encrypt(caller, { provider, plaintext, context });
    const original = new TypeError(plaintext);
    const broken = jest.spyOn(testRandomness, 'publicBytes').mockImplementationOnce(() => {
      throw original;
    });
    await expect(world.application.encrypt(caller, { provider, plaintext, context })).rejects.toBe(original);
    broken.mockRestore();
    expect(world.audit.events.at(-1)).toMatchObject({ success: false, metadata: { code: 'internal' } });
    expect(JSON.stringify(world.audit.events)).not.toContain(plaintext);
  });
});

describe('states of a version', () => {
  const sealedThenRotated = async (state: 'decrypt_only' | 'rewrap_only' | 'destroyed') => {
    const world = new World();
    const { ciphertext } = await world.application.encrypt(caller, { provider, plaintext, context });
    world.publish(world.rotated(provider, state));
    world.clock.time += 61_000;
    return { world, ciphertext };
  };

  test('decrypt_only opens and recommends a rewrap; the rewrapped token is under the primary', async () => {
    const { world, ciphertext } = await sealedThenRotated('decrypt_only');
    const opened = await world.application.decrypt(caller, { provider, ciphertext, context });
    expect(opened).toMatchObject({ plaintext, key_version: 1, rewrap_recommended: true });
    const rewrapped = await world.application.rewrap(caller, { provider, ciphertext, context });
    expect(rewrapped).toMatchObject({ key_version: 2, ciphertext: expect.stringMatching(/^kw1\.openai\.2\./) });
    expect(world.audit.events.at(-1)).toMatchObject({
      event_type: 'rewrap',
      success: true,
      key_version: 2,
      token_sha256: tokenSha256(ciphertext),
      metadata: { new_token_sha256: tokenSha256(rewrapped.ciphertext) },
    });
    const again = await world.application.decrypt(caller, { provider, ciphertext: rewrapped.ciphertext, context });
    expect(again).toMatchObject({ plaintext, rewrap_recommended: false });
  });

  test('rewrap_only answers key_version_retired, but only for a token that opens, and still rewraps', async () => {
    const { world, ciphertext } = await sealedThenRotated('rewrap_only');
    expect((await failure(world.application.decrypt(caller, { provider, ciphertext, context }))).code).toBe(
      'key_version_retired',
    );
    const forged = await failure(world.application.decrypt(caller, { provider, ciphertext, context: {} }));
    expect(forged.code).toBe('decryption_failed');
    expect(await world.application.rewrap(caller, { provider, ciphertext, context })).toMatchObject({ key_version: 2 });
  });

  test('no request is served from an old copy because the tables were out of reach hours ago', async () => {
    const world = new World();
    const { ciphertext } = await world.application.encrypt(caller, { provider, plaintext, context });
    const decrypt = () => world.application.decrypt(caller, { provider, ciphertext, context });
    world.clock.time += 51_000;
    world.down(true);
    await decrypt();
    world.down(false);
    world.publish(world.rotated(provider, 'rewrap_only'));
    world.clock.time += 7_200_000;
    const codes = await Promise.all([decrypt(), decrypt(), decrypt()].map(async (each) => (await failure(each)).code));
    expect(codes).toStrictEqual(['key_version_retired', 'key_version_retired', 'key_version_retired']);
  });

  test('destroyed opens nothing', async () => {
    const { world, ciphertext } = await sealedThenRotated('destroyed');
    expect((await failure(world.application.decrypt(caller, { provider, ciphertext, context }))).code).toBe(
      'decryption_failed',
    );
    expect((await failure(world.application.rewrap(caller, { provider, ciphertext, context }))).code).toBe(
      'decryption_failed',
    );
    expect(world.audit.events.at(-1)).toMatchObject({
      event_type: 'failed_decrypt',
      metadata: { operation: 'rewrap', reason: 'version_destroyed' },
    });
  });
});
