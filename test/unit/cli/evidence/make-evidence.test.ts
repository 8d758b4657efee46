import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiCall } from '../../../../cli/client/api-call';
import type { JsonObject } from '../../../../cli/client/json-object';
import { makeEvidence } from '../../../../cli/evidence/make-evidence';
import { CliError, EXIT } from '../../../../cli/io/cli-error';
import { CREDENTIALS_FILE, PRINCIPALS_FILE } from '../../../../lambdas/core/contract/local-mode';
import { auditEvent } from '../../../contract/audit-events';
import { CliStage, dekRotationReply } from '../../../doubles/cli-stage';

let directory: string;
let out: string;
let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'keyward-home-'));
  writeFileSync(
    join(home, CREDENTIALS_FILE),
    `[default]\naws_access_key_id = ${ACCESS_KEY}\naws_secret_access_key = ${ACCESS_SECRET}\n`,
  );
  writeFileSync(
    join(home, PRINCIPALS_FILE),
    JSON.stringify({ principals: [{ access_key_id: ACCESS_KEY, user: 'auditor' }] }),
  );
});
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
});
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-evidence-'));
  out = join(directory, 'pack');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const USER = 'arn:aws:iam::111122223333:user/example';
const SESSION = 'arn:aws:sts::111122223333:assumed-role/search/';
const SCRIPT = '<script src="https://evil.example/x.js">alert(1)</script>';
/** No part of a pack may have it. */
const SECRETS = ['kEy9', 'metadata-of-a-key'];

const change = (timestamp: string, metadata: JsonObject, more: JsonObject = {}) =>
  auditEvent({
    timestamp,
    event_type: 'config_change',
    user_id: USER,
    metadata: { phase: 'outcome', outcome: 'written', ...metadata },
    ...more,
  } as never);

/** Newest first. */
const EVENTS: readonly JsonObject[] = [
  auditEvent({
    timestamp: '2026-11-20T10:00:09.000Z',
    event_type: 'audit_read',
    metadata: { operation: 'query_audit_events' },
  }),
  change('2026-11-20T10:00:08.000Z', {
    operation: 'change_rotation_policy',
    old_policy: 'enabled, every 90 days, grace 7 days',
    new_policy: 'enabled, every 30 days, grace 5 days',
    given_reason: SCRIPT,
  }),
  change(
    '2026-11-20T10:00:07.000Z',
    { operation: 'change_rotation_policy', phase: 'intent', outcome: undefined },
    { success: null },
  ),
  auditEvent({
    timestamp: '2026-11-20T10:00:06.000Z',
    event_type: 'unauthorized_access',
    user_id: null,
    ip_address: '192.0.2.66',
    user_agent: `=cmd|' /C calc'!A0 ${SCRIPT}\u202e`,
    success: false,
    error_message: 'access denied',
    metadata: { operation: 'GET /v1/providers', code: 'access_denied', reason: 'signature_missing', count: 40 },
  }),
  auditEvent({
    timestamp: '2026-11-20T10:00:05.000Z',
    event_type: 'decrypt',
    user_id: `${SESSION}a`,
    metadata: { operation: 'reveal_credential', credential: 'main' },
  }),
  auditEvent({
    timestamp: '2026-11-20T10:00:04.000Z',
    event_type: 'decrypt',
    user_id: `${SESSION}b`,
    metadata: { operation: 'reveal_credential', credential: 'main' },
  }),
  auditEvent({
    timestamp: '2026-11-19T10:00:03.000Z',
    event_type: 'decrypt',
    user_id: `${SESSION}b`,
    metadata: { operation: 'reveal_credential', credential: 'main' },
  }),
  auditEvent({
    timestamp: '2026-11-19T10:00:02.000Z',
    event_type: 'decrypt',
    user_id: `${SESSION}b`,
    metadata: { operation: 'reveal_credential', credential: 'main' },
  }),
  change(
    '2026-11-19T10:00:01.000Z',
    { operation: 'put_credential', credential: 'main', revision: 4, previous_revision: 3 },
    { event_type: 'encrypt' },
  ),
  auditEvent({
    timestamp: '2026-11-19T10:00:00.000Z',
    event_type: 'failed_decrypt',
    success: false,
    metadata: { operation: 'decrypt', code: 'decryption_failed', reason: 'tag' },
  }),
  change(
    '2026-11-18T10:00:00.000Z',
    { operation: 'delete_credential', credential: 'old', outcome: 'unknown' },
    { success: null },
  ),
  {
    ...auditEvent({
      timestamp: '2026-11-17T10:00:00.000Z',
      event_type: 'rotate',
      metadata: { operation: 'rotation_dry_run' },
    }),
    damaged: true,
  },
];

const keyset = (provider: string, policy: JsonObject = {}) => ({
  provider,
  primary_version: 2,
  versions: [
    {
      version: 1,
      state: 'decrypt_only',
      created_at: '2026-01-01T00:00:00.000Z',
      superseded_at: '2026-10-30T00:00:00.000Z',
    },
    { version: 2, state: 'primary', created_at: '2026-10-30T00:00:00.000Z' },
  ],
  rotation_policy: {
    enabled: true,
    interval_days: 90,
    grace_period_days: 7,
    next_rotation_at: '2027-01-28T00:00:00.000Z',
    ...policy,
  },
});

const KEK = {
  source: 'aws',
  place: 'keyward/prod/kek',
  version_id: 'v',
  kek_id: 'kek-1',
  kek_count: 2,
  created_at: '2026-10-01T00:00:00.000Z',
  age_days: 51,
  interval_days: 90,
  next_rotation_at: '2026-12-30T00:00:00.000Z',
  pending: null,
  regions: [
    { region: 'us-east-1', state: 'current' },
    { region: 'eu-west-1', state: 'behind' },
  ],
};

const PAGE = 5;
type Answers = Readonly<Record<string, (call: ApiCall) => JsonObject | Error>>;

const ANSWERS: Answers = {
  '/v1/kek': () => KEK,
  '/v1/providers': () => ({
    providers: [
      keyset('openai'),
      keyset('google', { enabled: false }),
      keyset('anthropic', { next_rotation_at: '2026-11-20T00:00:00.000Z' }),
    ],
    damaged: ['global'],
  }),
  '/v1/providers/openai/rotations': ({ query }) =>
    query?.['cursor'] === undefined
      ? {
          rotations: [dekRotationReply({ status: 'completed_with_failures', ended_at: '2026-11-21T00:10:00.000Z' })],
          damaged: ['0193abcdef01ffffffffffffffffffff'],
          next_cursor: 'more',
        }
      : {
          rotations: [
            dekRotationReply({
              rotation_id: 'f'.repeat(32),
              started_at: '2026-01-01T00:00:00.000Z',
              ended_at: '2026-01-01T01:00:00.000Z',
              status: 'completed',
            }),
          ],
        },
  '/v1/providers/openai/credentials': () => ({
    credentials: [
      {
        provider: 'openai',
        name: 'main',
        hint: 'kEy9',
        key_version: 2,
        revision: 4,
        metadata: { base_url: 'metadata-of-a-key' },
        created_at: '2026-02-01T00:00:00.000Z',
        updated_at: '2026-11-19T10:00:01.000Z',
        previous: { revision: 3, expires_at: '2026-12-19T00:00:00.000Z' },
      },
      {
        provider: 'openai',
        name: '=main',
        hint: 'kEy9',
        key_version: 2,
        revision: 1,
        metadata: {},
        created_at: '2026-03-01T00:00:00.000Z',
        updated_at: '2026-03-01T00:00:00.000Z',
      },
    ],
    damaged: ['sk-live-0123456789abcdef0123456789abcdef'],
  }),
  '/v1/audit/events': ({ query }) => {
    const at = Number(query?.['cursor'] ?? 0);
    return {
      events: EVENTS.slice(at, at + PAGE),
      ...(at + PAGE < EVENTS.length && { next_cursor: String(at + PAGE) }),
    };
  },
  '/v1/audit/evidence': ({ body }) => ({
    id: '01a1fd1e90e200112233445566778899',
    timestamp: '2026-11-21T12:16:40.000Z',
    user_id: USER,
    manifest_sha256: body?.['manifest_sha256'],
  }),
};

/** A service that answers by path; others have nothing stored. */
const service =
  (over: Answers = {}) =>
  (call: ApiCall): JsonObject | Error =>
    (over[call.path] ?? ANSWERS[call.path])?.(call) ??
    (call.path.endsWith('/rotations') ? { rotations: [] } : { credentials: [] });

const ACCESS_KEY = 'AKIAEXAMPLEEXAMPLE99';
const ACCESS_SECRET = 'not-a-real-secret-not-a-real-secret-0000';
const stageOf = (over: Answers = {}, more: object = {}) =>
  new CliStage(service(over), { env: { KEYWARD_HOME: home, XDG_STATE_HOME: join(home, 'state') }, ...more });

const made = (stage: CliStage, options: Partial<Parameters<typeof makeEvidence>[2]> = {}) =>
  makeEvidence(stage.session, [], { from: '2026-11-01', out, ...options });
const text = (name: string) => readFileSync(join(out, name), 'utf8');
const rows = (name: string): Record<string, unknown>[] =>
  text(`${name}.jsonl`)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
const sha256 = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');
const refused = (): CliError => new CliError(EXIT.refused, 'access_denied', 'no');
const unavailable = (): CliError => new CliError(EXIT.unavailable, 'store_unavailable', 'away');

describe('a pack', () => {
  it('has the hash of each file in its list, and the hash of the list in the audit log', async () => {
    const stage = stageOf({}, { json: true });
    await made(stage);
    const names = readdirSync(out);
    const listed = text('SHA256SUMS')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('  ') as [string, string]);
    expect(listed.map(([, name]) => name)).toEqual(
      names.filter((name) => !['SHA256SUMS', 'recorded.json'].includes(name)).toSorted(),
    );
    for (const [hash, name] of listed) expect(sha256(readFileSync(join(out, name)))).toBe(hash);
    const manifest = sha256(text('SHA256SUMS'));
    const recorded = stage.calls.filter(({ path }) => path === '/v1/audit/evidence');
    expect(recorded.map(({ method, body }) => ({ method, body }))).toEqual([
      {
        method: 'POST',
        body: {
          manifest_sha256: manifest,
          from: '2026-11-01T00:00:00.000Z',
          to: '2026-11-21T12:16:40.000Z',
          events: EVENTS.length,
        },
      },
    ]);
    expect(JSON.parse(text('recorded.json'))).toMatchObject({
      recorded: true,
      manifest_sha256: manifest,
      event: { user_id: USER },
    });
    expect(JSON.parse(stage.stdout.text)).toMatchObject({
      directory: out,
      events: EVENTS.length,
      manifest_sha256: manifest,
      event_id: '01a1fd1e90e200112233445566778899',
    });
  });

  it('is readable by its owner alone', async () => {
    await made(stageOf());
    expect(statSync(out).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600);
  });

  it('has no secret, no hint and no metadata of a credential in any file, and of a name like a key its fingerprint', async () => {
    await made(stageOf());
    for (const name of readdirSync(out))
      for (const secret of [...SECRETS, 'sk-live-', ACCESS_KEY, ACCESS_SECRET])
        expect(text(name)).not.toContain(secret);
    expect(rows('credentials').map(({ name }) => name)).toEqual([
      'main',
      '=main',
      expect.stringMatching(/^sha256:[0-9a-f]{8}$/),
    ]);
  });

  it('counts uses by day, principal, credential and operation, and sessions of a role as one principal', async () => {
    await made(stageOf());
    const common = { provider: 'openai', credential: 'main', operation: 'reveal_credential' };
    expect(rows('accesses')).toEqual([
      { day: '2026-11-20', principal: `${SESSION}a`, ...common, uses: 1 },
      { day: '2026-11-20', principal: `${SESSION}b`, ...common, uses: 1 },
      { day: '2026-11-19', principal: `${SESSION}b`, ...common, uses: 2 },
    ]);
    expect(rows('principals')[0]).toEqual({
      name: `${SESSION}*`,
      access: 4,
      change: 0,
      read: 0,
      failure: 0,
      first_at: '2026-11-19T10:00:02.000Z',
      last_at: '2026-11-20T10:00:05.000Z',
    });
    expect(rows('credential-uses')).toMatchObject([
      { name: 'openai/main', access: 4, change: 1 },
      { name: 'openai/old', change: 1 },
    ]);
  });

  it('counts each event once', async () => {
    await made(stageOf());
    const { counts, events } = JSON.parse(text('summary.json')) as { counts: Record<string, number>; events: number };
    expect(counts).toEqual({ access: 4, change: 3, failure: 2, read: 1, intent: 1, other: 1 });
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(events);
    expect(rows('days').map(({ day, access, failure }) => [day, access, failure])).toEqual([
      ['2026-11-20', 2, 1],
      ['2026-11-19', 2, 1],
      ['2026-11-18', 0, 0],
      ['2026-11-17', 0, 0],
    ]);
  });

  it('has changes with the values before and after, and failures with their reason and number', async () => {
    await made(stageOf());
    expect(
      rows('changes').map(({ operation, old_value, new_value, outcome }) => [operation, old_value, new_value, outcome]),
    ).toEqual([
      [
        'change_rotation_policy',
        'enabled, every 90 days, grace 7 days',
        'enabled, every 30 days, grace 5 days',
        'written',
      ],
      ['put_credential', 'revision 3', 'revision 4', 'written'],
      ['delete_credential', null, expect.anything(), 'unknown'],
    ]);
    expect(rows('failures').map(({ code, reason, count }) => [code, reason, count])).toEqual([
      ['access_denied', 'signature_missing', 40],
      ['decryption_failed', 'tag', null],
    ]);
    expect(rows('damaged-events')).toHaveLength(1);
    const { addresses } = JSON.parse(text('summary.json')) as { addresses: { rows: unknown[] } };
    expect(addresses.rows).toEqual([['192.0.2.66', expect.objectContaining({ failure: 40 })]]);
  });

  it('has the rotations that ran in the period alone, and every version', async () => {
    await made(stageOf());
    expect(rows('rotations').map(({ status }) => status)).toEqual(['completed_with_failures', 'damaged']);
    expect(rows('key-versions')).toHaveLength(6);
  });

  it('says what to look at, and claims no verification', async () => {
    await made(stageOf());
    const { findings, keys, verification } = JSON.parse(text('summary.json')) as {
      findings: { text: string }[];
      keys: { key: string; verdict: string }[];
      verification: { state: string };
    };
    expect(keys.map(({ key, verdict }) => `${key}: ${verdict}`)).toEqual([
      'KEK: within policy',
      'DEK of openai: within policy',
      'DEK of google: not scheduled',
      'DEK of anthropic: overdue',
    ]);
    expect(findings.map(({ text: each }) => each)).toEqual([
      'The keyset of global was edited: its MAC does not hold.',
      expect.stringContaining('1 event of the audit log was edited'),
      expect.stringContaining('DEK of anthropic: its rotation is overdue'),
      'DEK of google: it rotates on request alone.',
      'KEK: region eu-west-1 did not return the current version.',
      expect.stringContaining('completed_with_failures'),
      expect.stringContaining('damaged'),
      expect.stringContaining('1 stored credential of openai'),
      expect.stringContaining('1 change has an unknown outcome'),
      expect.stringMatching(/^The audit log was not verified: /),
    ]);
    expect(verification.state).toBe('not verified');
    expect(text('evidence.html')).not.toMatch(/(?<!not )\bverified</);
  });

  it('of a service with nothing to look at says so', async () => {
    await made(
      stageOf({
        '/v1/kek': () => ({ ...KEK, regions: [] }),
        '/v1/providers': () => ({ providers: [keyset('google')] }),
        '/v1/audit/events': () => ({ events: [] }),
      }),
    );
    const { findings } = JSON.parse(text('summary.json')) as { findings: { level: string }[] };
    expect(findings.map(({ level }) => level)).toEqual(['good', 'wait']);
    expect(text('accesses.csv')).toBe('day,principal,provider,credential,operation,uses\r\n');
  });
});

describe('its page', () => {
  it('has no script and nothing from outside, whatever a value holds', async () => {
    await made(stageOf());
    const page = text('evidence.html');
    expect(page).toContain('&lt;script src=&quot;https://evil.example/x.js&quot;&gt;');
    expect(page).not.toMatch(
      /<(?:script|img|link|iframe|object|embed|base|form|a)\b|javascript:|\son\w+=|url\(|@import/i,
    );
    expect(page).not.toContain('\u202e');
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style, 'utf8').digest('base64');
    expect(page).toContain(`content="default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;`);
  });

  it('neutralises formulas in CSV', async () => {
    await made(stageOf());
    expect(text('credentials.csv')).toContain("\r\nopenai,'=main,");
    expect(text('failures.csv')).toContain(`"'=cmd|' /C calc'!A0 `);
  });
});

describe('what this caller may not read', () => {
  it('is named, and the rest is there', async () => {
    const denied = () => refused();
    await made(
      stageOf({
        '/v1/kek': denied,
        '/v1/providers/openai/rotations': denied,
        '/v1/providers/openai/credentials': denied,
      }),
    );
    const { omissions } = JSON.parse(text('summary.json')) as { omissions: { what: string }[] };
    expect(omissions.slice(0, 3).map(({ what }) => what)).toEqual([
      'The state of the KEK',
      'Rotations of the DEK of openai',
      'Stored credentials of openai',
    ]);
    expect(text('evidence.html')).toContain('Not included: The state of the KEK.');
    expect(rows('accesses')).toHaveLength(3);
    await made(stageOf({ '/v1/providers': denied }), { out: join(directory, 'second') });
    expect(readFileSync(join(directory, 'second', 'key-versions.jsonl'), 'utf8')).toBe('');
  });

  it('ends the command where it is the audit log itself', async () => {
    const denied = refused();
    await expect(made(stageOf({ '/v1/audit/events': () => denied }))).rejects.toBe(denied);
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('a pack that does not become whole', () => {
  it('leaves nothing, whatever call fails', async () => {
    for (const path of ['/v1/kek', '/v1/providers', '/v1/providers/openai/credentials', '/v1/audit/events']) {
      await expect(made(stageOf({ [path]: () => unavailable() }))).rejects.toMatchObject({
        exitCode: EXIT.unavailable,
      });
      expect(readdirSync(directory)).toEqual([]);
    }
  });

  it.each(['/v1/kek', '/v1/audit/events', '/v1/audit/evidence'])('leaves nothing after Ctrl-C at %s', async (path) => {
    const stage: CliStage = stageOf({
      [path]: (call) => {
        stage.time.interrupt();
        return ANSWERS[path]?.(call) ?? {};
      },
    });
    await expect(made(stage)).rejects.toMatchObject({
      exitCode: EXIT.interrupted,
      detail: 'stopped by Ctrl-C; nothing is left of the pack',
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each<[string, Answers]>([
    ['events that are not in order', { '/v1/audit/events': () => ({ events: [EVENTS[3]!, EVENTS[0]!] }) }],
    ['an event without a time', { '/v1/audit/events': () => ({ events: [{ event_type: 'decrypt' }] }) }],
    ['the same page again', { '/v1/audit/events': () => ({ events: [], next_cursor: 'a' }) }],
    ['the same list again', { '/v1/providers/openai/rotations': () => ({ rotations: [], next_cursor: 'a' }) }],
    ['no list', { '/v1/providers': () => ({ providers: [3] }) }],
    ['a provider that is a path', { '/v1/providers': () => ({ providers: [keyset('../kek')] }) }],
  ])('is none of a service with %s', async (_, over) => {
    await expect(made(stageOf(over))).rejects.toMatchObject({ code: 'unexpected_reply' });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('is not written over what is there', async () => {
    mkdirSync(out);
    writeFileSync(join(out, 'kept'), 'kept');
    const stage = stageOf();
    await expect(made(stage)).rejects.toMatchObject({
      exitCode: EXIT.usage,
      detail: expect.stringContaining('exists'),
    });
    expect(stage.calls).toEqual([]);
    rmSync(out, { recursive: true });
    symlinkSync(join(directory, 'nowhere'), out);
    await expect(made(stageOf())).rejects.toMatchObject({ exitCode: EXIT.usage });
    rmSync(out);
    mkdirSync(`${out}.part`);
    await expect(made(stageOf())).rejects.toMatchObject({
      detail: expect.stringContaining('an unfinished pack is there'),
    });
    expect(existsSync(`${out}.part`)).toBe(true);
  });

  it('is not written over what came meanwhile', async () => {
    const stage = stageOf({
      '/v1/audit/evidence': (call) => {
        mkdirSync(out);
        return ANSWERS['/v1/audit/evidence']?.(call) ?? {};
      },
    });
    await expect(made(stage)).rejects.toMatchObject({
      exitCode: EXIT.usage,
      detail: expect.stringContaining('meanwhile'),
    });
    expect(readdirSync(directory)).toEqual(['pack']);
    expect(readdirSync(out)).toEqual([]);
  });
});

it('is made where the audit log does not take its hash, and says so', async () => {
  const gone = new CliError(EXIT.notFound, 'route_not_found', 'there is no such route');
  const stage = stageOf({ '/v1/audit/evidence': () => gone });
  await made(stage);
  expect(JSON.parse(text('recorded.json'))).toMatchObject({
    recorded: false,
    why: 'route_not_found: there is no such route',
  });
  expect(stage.stderr.text).toContain('not_recorded: the hash of the pack is not in the audit log');
  expect(stage.stdout.text).not.toContain('event_id');
});

describe("callers' policies", () => {
  const file = () => join(directory, 'principals.json');
  const Statement = [{ Effect: 'Allow', Action: 'execute-api:Invoke', Resource: `arn:aws:execute-api:*:*:${SCRIPT}` }];

  it('are in the pack where a file has them, and are named as missing where none was given', async () => {
    writeFileSync(
      file(),
      JSON.stringify({ principals: [{ access_key_id: ACCESS_KEY, user: 'auditor', policy: { Statement } }] }),
    );
    await made(stageOf(), { 'caller-policies': file() });
    expect(rows('policies')).toMatchObject([{ principal: 'arn:aws:iam::000000000000:user/auditor', effect: 'Allow' }]);
    expect(text('evidence.html')).toContain(sha256(readFileSync(file())));
    expect(text('evidence.html')).toContain('arn:aws:execute-api:*:*:&lt;script');
    expect(text('summary.json')).not.toContain('Policies of callers');
    for (const name of readdirSync(out)) expect(text(name)).not.toContain(ACCESS_KEY);
    await made(stageOf(), { out: join(directory, 'without') });
    expect(readdirSync(join(directory, 'without'))).not.toContain('policies.csv');
    expect(readFileSync(join(directory, 'without', 'evidence.html'), 'utf8')).toContain(
      'Policies of callers: who may do what',
    );
  });

  it.each<[string, string | undefined, RegExp]>([
    ['is not there', undefined, /cannot be read \(ENOENT\)$/],
    ['is no JSON', `{"secret":"${ACCESS_SECRET}`, /must be principals\.json, or/],
    ['is other JSON', '{"UserDetailList":[]}', /must be principals\.json, or/],
  ])('a file that %s is refused before anything is asked', async (_, content, detail) => {
    if (content !== undefined) writeFileSync(file(), content);
    const stage = stageOf();
    const refusal = await made(stage, { 'caller-policies': file() }).catch((thrown: unknown) => thrown);
    expect(refusal).toMatchObject({ exitCode: EXIT.usage, detail: expect.stringMatching(detail) });
    expect(String(refusal)).not.toContain(ACCESS_SECRET);
    expect(stage.calls).toEqual([]);
  });
});

describe('its period', () => {
  it('ends now where the end is in the future, and the page says so', async () => {
    const stage = stageOf();
    await made(stage, { to: '2027-01-01' });
    expect(stage.calls.find(({ path }) => path === '/v1/audit/events')?.query).toMatchObject({
      to: '2026-11-21T12:16:40.000Z',
    });
    expect(text('evidence.html')).toContain('The end that was asked for, 2027-01-01 00:00:00, was not yet past.');
  });

  it.each([
    [{ from: '2026-11-10', to: '2026-11-09' }, '--from: must not be after --to'],
    [{ from: '2026-12-01' }, '--from: must not be in the future'],
    [{ from: 'yesterday' }, /^--from: /],
  ])('%j is refused before anything is asked', async (options, detail) => {
    const stage = stageOf();
    const expected = typeof detail === 'string' ? detail : (expect.stringMatching(detail) as string);
    await expect(made(stage, options)).rejects.toMatchObject({ exitCode: EXIT.usage, detail: expected });
    expect(stage.calls).toEqual([]);
  });
});

it('a year is shown by month, and its days are in the files', async () => {
  const events = Array.from({ length: 100 }, (_, index) =>
    auditEvent({ timestamp: new Date(Date.parse('2026-11-20T00:00:00Z') - index * 86_400_000).toISOString() }),
  );
  await made(stageOf({ '/v1/audit/events': () => ({ events }) }), { from: '2026-01-01' });
  expect(rows('days')).toHaveLength(100);
  const page = text('evidence.html');
  expect(page).toContain('<td class="nowrap">2026-11</td>');
  expect(page).not.toContain('<td class="nowrap">2026-11-20</td>');
});
