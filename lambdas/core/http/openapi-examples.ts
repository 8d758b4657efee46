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
    {
      version: 2,
      state: 'decrypt_only',
      created_at: '2026-08-01T08:00:00.000Z',
      promoted_at: '2026-08-01T08:01:03.000Z',
      superseded_at: '2026-10-30T08:01:03.000Z',
      grace_until: '2026-11-06T08:01:04.000Z',
    },
    {
      version: 3,
      state: 'primary',
      created_at: '2026-10-30T08:00:00.000Z',
      promoted_at: '2026-10-30T08:01:03.000Z',
    },
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
const rotation = {
  rotation_id: '019a2f6b1c4000112233445566778899',
  provider: 'openai',
  status: 'rekeying',
  version: 4,
  from_version: 3,
  emergency: false,
  reason: 'a laptop was lost',
  started_by: 'arn:aws:iam::111122223333:user/example',
  started_at: '2026-11-21T08:00:00.000Z',
  promoted_at: '2026-11-21T08:01:03.000Z',
  grace_until: '2026-11-28T08:01:04.000Z',
  ended_at: null,
  regions: [
    { region: 'us-east-1', proved_at: '2026-11-21T08:01:03.000Z', acknowledged_at: '2026-11-21T08:01:04.000Z' },
    { region: 'eu-west-1', proved_at: '2026-11-21T08:01:03.000Z', acknowledged_at: '2026-11-21T08:01:04.000Z' },
  ],
  takeover: null,
  unproved_regions: [],
  counts: { total: 1000, moved: 400, skipped: 20, failed: 0, shards: 16, shards_verified: 0 },
  moved_per_second: 200,
  estimated_seconds_left: 3,
  failures: [],
};
const rotationPolicy = { provider: 'openai', rotation_policy: keyset.rotation_policy };
const retiredVersion = {
  provider: 'openai',
  version: 2,
  state: 'rewrap_only',
  created_at: '2026-08-01T08:00:00.000Z',
  superseded_at: '2026-10-30T08:01:03.000Z',
  grace_until: '2026-11-06T08:01:04.000Z',
  retired_at: '2026-11-06T09:00:00.000Z',
  unreferenced_since: '2026-10-30T08:05:00.000Z',
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
  describeRotationPolicy: { reply: rotationPolicy },
  changeRotationPolicy: {
    request: { enabled: true, interval_days: 90, grace_period_days: 7 },
    reply: rotationPolicy,
  },
  rotate: { request: { reason: rotation.reason }, reply: rotation },
  listRotations: { reply: { rotations: [rotation] } },
  describeRotation: { reply: rotation },
  abortRotation: {
    reply: {
      ...rotation,
      status: 'aborted',
      promoted_at: null,
      grace_until: null,
      ended_at: '2026-11-21T08:00:30.000Z',
      counts: { total: 0, moved: 0, skipped: 0, failed: 0, shards: 16, shards_verified: 0 },
      moved_per_second: null,
      estimated_seconds_left: null,
    },
  },
  scheduleDestruction: {
    request: { pending_window_days: 14 },
    reply: {
      ...retiredVersion,
      destruction: { scheduled_at: '2026-11-21T08:00:00.000Z', not_before: '2026-12-05T08:00:00.000Z' },
      destroyable_at: '2026-12-05T08:00:00.000Z',
    },
  },
  cancelDestruction: { reply: { ...retiredVersion, destruction: null, destroyable_at: null } },
  listVersionCallers: {
    reply: {
      provider: 'openai',
      version: 2,
      state: 'decrypt_only',
      grace_until: '2026-11-06T08:01:04.000Z',
      from: '2026-10-30T08:01:03.000Z',
      callers: [
        {
          user_id: 'arn:aws:iam::111122223333:user/example',
          uses: 12,
          last_used_at: '2026-11-01T08:00:01.250Z',
        },
      ],
      complete: true,
    },
  },
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
