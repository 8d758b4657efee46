import { AUDIT_EVENT_TYPES, tokenSha256 } from '../../../lambdas/core/audit/audit-event';

test('the event types are the ones of the design, each once', () => {
  expect([...AUDIT_EVENT_TYPES].sort()).toEqual(
    [
      'config_change',
      'consistency_check',
      'decrypt',
      'encrypt',
      'failed_decrypt',
      'rewrap',
      'rotate',
      'unauthorized_access',
    ].sort(),
  );
});

test('a token is known in the log by its SHA-256 (FIPS 180-4: the digest of "abc")', () => {
  expect(tokenSha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('any text has a digest, also text that is not well-formed', () => {
  expect(tokenSha256('\ud800')).toMatch(/^[0-9a-f]{64}$/);
});
