import {
  decryptionFailed,
  invalidRequest,
  keysUnavailable,
  KeywardError,
  toKeywardError,
} from '../../../lambdas/core/errors/errors';
import { allThatIsSaidBy } from '../crypto/thrown-by';

test('every reason for a failed decryption gives one and the same code and message', () => {
  const reasons = ['authentication_failed', 'legacy_format', 'malformed_token', 'unknown_version'] as const;
  const said = reasons.map(decryptionFailed).map(({ code, message }) => `${code}: ${message}`);
  expect(new Set(said)).toEqual(new Set(['decryption_failed: the ciphertext could not be decrypted']));
  expect(decryptionFailed('legacy_format').reason).toBe('legacy_format');
});

test('each kind has its code', () => {
  expect(keysUnavailable('unknown_kek')).toMatchObject({ code: 'keys_unavailable', reason: 'unknown_kek' });
  expect(invalidRequest('plaintext is missing')).toMatchObject({
    name: 'KeywardError',
    code: 'invalid_request',
    message: 'plaintext is missing',
    reason: undefined,
  });
});

test('an error of ours stays itself; of any other nothing is left', () => {
  const ours = new KeywardError('conflict', 'changed meanwhile');
  expect(toKeywardError(ours)).toBe(ours);
  for (const other of [new Error('canary', { cause: 'canary' }), 'canary', undefined, null, { code: 'canary' }]) {
    const error = toKeywardError(other);
    expect(error).toMatchObject({ code: 'internal', message: 'an unexpected error occurred', reason: undefined });
    expect(error).not.toHaveProperty('cause');
    expect(allThatIsSaidBy(error)).not.toContain('canary');
  }
});
