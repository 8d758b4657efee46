import type { OperationId } from './routes';

const token = `kw1.openai.3.${'A'.repeat(228)}EXA=`;
const context = { team: 'search' };
const sealed = { ciphertext: token, provider: 'openai', key_version: 3 };
const opened = {
  plaintext: 'sk-example-not-a-real-key',
  provider: 'openai',
  key_version: 3,
  rewrap_recommended: false,
};
const failed = {
  reference: 'row-2',
  error: { code: 'decryption_failed', status: 400, detail: 'the ciphertext could not be decrypted' },
};
const credential = {
  provider: 'openai',
  name: 'default',
  hint: '-key',
  key_version: 3,
  revision: 1,
  metadata: { base_url: 'https://api.example.com/v1' },
  created_at: '2026-11-21T08:00:00.000Z',
  updated_at: '2026-11-21T08:00:00.000Z',
};
const keyset = {
  provider: 'openai',
  revision: 7,
  kek_id: 'kek-0123456789abcdef',
  primary_version: 3,
  versions: [
    { version: 2, state: 'decrypt_only', created_at: '2026-08-01T08:00:00.000Z' },
    { version: 3, state: 'primary', created_at: '2026-10-30T08:00:00.000Z' },
  ],
  dek_created_at: '2026-10-30T08:00:00.000Z',
  dek_rotation_count: 2,
  rotation_policy: {
    enabled: true,
    interval_days: 90,
    grace_period_days: 7,
    next_rotation_at: '2027-01-28T08:00:00.000Z',
    last_rotation_at: '2026-10-30T08:00:00.000Z',
  },
};
const auditEvent = {
  id: '00112233445566778899aabbccddeeff',
  timestamp: '2026-11-21T08:00:01.250Z',
  event_type: 'decrypt',
  provider: 'openai',
  user_id: 'arn:aws:iam::111122223333:user/example',
  ip_address: '192.0.2.10',
  user_agent: 'curl/8.10.1',
  success: true,
  error_message: null,
  region: 'us-east-1',
  request_id: 'example-request-id',
  key_version: 3,
  token_sha256: '0'.repeat(64),
  metadata: { operation: 'decrypt' },
};

/** One request and one reply for each operation that has them. Every key in them is made up. */
export const EXAMPLES: Readonly<Record<OperationId, { readonly request?: object; readonly reply?: object }>> = {
  encrypt: { request: { plaintext: opened.plaintext, context }, reply: sealed },
  encryptBatch: {
    request: { items: [{ plaintext: opened.plaintext, context, reference: 'row-1' }] },
    reply: { results: [{ reference: 'row-1', ...sealed }] },
  },
  decrypt: { request: { ciphertext: token, context }, reply: opened },
  decryptBatch: {
    request: {
      items: [
        { ciphertext: token, context, reference: 'row-1' },
        { ciphertext: token, reference: 'row-2' },
      ],
    },
    reply: { results: [{ reference: 'row-1', ...opened }, failed] },
  },
  rewrap: { request: { ciphertext: token, context }, reply: sealed },
  rewrapBatch: {
    request: { items: [{ ciphertext: token, context, reference: 'row-1' }] },
    reply: { results: [{ reference: 'row-1', ...sealed }] },
  },
  listCredentials: { reply: { credentials: [credential] } },
  putCredential: { request: { api_key: opened.plaintext, metadata: credential.metadata }, reply: credential },
  describeCredential: { reply: credential },
  deleteCredential: {},
  revealCredential: { reply: { ...credential, api_key: opened.plaintext } },
  listKeysets: { reply: { providers: [keyset] } },
  describeKeyset: { reply: keyset },
  queryAuditEvents: { reply: { events: [auditEvent] } },
  checkHealth: { reply: { status: 'ok' } },
  checkReadiness: {
    reply: {
      ready: true,
      providers: [{ provider: 'openai', ready: true }],
      audit: true,
      dek_cache: { hits: 41, misses: 1 },
    },
  },
};
