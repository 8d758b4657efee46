import { AUDIT_EVENT_TYPES } from '../../../lambdas/core/contract/audit-event-types';
import { newAuditEvent, tokenSha256 } from '../../../lambdas/core/audit/audit-event';

test('the event types are the ones of the design, each once', () => {
  expect([...AUDIT_EVENT_TYPES].sort()).toEqual(
    [
      'audit_read',
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

test('an event has its fields and no others: what is not given and may be null is null', () => {
  const known = {
    id: '0'.repeat(32),
    timestamp: '2026-11-21T09:00:00.000Z',
    event_type: 'decrypt',
    success: null,
    region: 'us-east-1',
    request_id: 'request-1',
    metadata: { operation: 'decrypt' },
  } as const;
  const more = { ...known, key_version: 3, plaintext: 'sk-example-not-a-real-key' };
  const nothing = { provider: null, user_id: null, ip_address: null, user_agent: null, error_message: null };
  expect(newAuditEvent(more)).toStrictEqual({ ...known, ...nothing, key_version: 3, token_sha256: null });
});
