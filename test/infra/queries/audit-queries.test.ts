import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { AUDIT_FIELDS, AUDIT_METADATA, type AuditEvent } from '../../../lambdas/core/audit/audit-event';
import { formatEventLine } from '../../../lambdas/core/audit/event-line';
import { archivePath } from '../../../lambdas/core/transparency/archive-path';
import { AUDIT_QUERIES } from '../../../lib/queries/audit-queries';
import { auditEvent, recordOf } from '../../contract/audit-events';
import { testUnless } from '../../skip-without';
import { isAllowed, managedPolicyOf, roleArn } from '../simulated-iam';
import { ACCOUNT, HOME, REGIONS, resourcesOf, templateOf } from '../synthesized';

/**
 * There is no Athena here. Checked are names against the events, the form of what Glue is told, and what the queries answer about real
 * archived lines on SQLite, whose SQL they keep to, but for functions of Trino that the program beside this file has.
 */

const sqlOf = (name: string): string => AUDIT_QUERIES.find((each) => each.name === name)!.sql;
const code = (sql: string): string => sql.replaceAll(/^--.*$/gm, '');

test('the five that the issue asks for, in every region, in the workgroup and the database of the table', () => {
  for (const region of REGIONS) {
    const template = templateOf(`keyward-log-${region}`);
    const queries = resourcesOf(template, 'AWS::Athena::NamedQuery').map(([, { Properties }]) => Properties);
    expect(queries.map(({ Name }) => Name)).toEqual([
      ...['keyward-who-saw-which-credential', 'keyward-accesses-by-principal-and-day', 'keyward-failures-and-refusals'],
      ...['keyward-configuration-changes', 'keyward-one-event'],
    ]);
    for (const query of queries) {
      expect(query).toMatchObject({ Database: 'keyward_audit', WorkGroup: 'keyward-audit' });
      expect(query['QueryString']).toBe(sqlOf(String(query['Name']).replace('keyward-', '')));
      // Athena's quotas: 262,144 bytes of a query, 1,024 characters of a description.
      expect(String(query['QueryString']).length).toBeLessThan(10_000);
    }
  }
});

test.each(AUDIT_QUERIES)(
  '$name takes members that events have, names its parameters, and says what it proves',
  ({ sql }) => {
    const known = [...Object.keys(AUDIT_FIELDS), ...Object.keys(AUDIT_METADATA).map((name) => `metadata.${name}`)];
    const paths = [...sql.matchAll(/json_extract_scalar\(line, '\$\.([^']*)'\)/g)].map(([, path]) => path!);
    expect(paths.length).toBeGreaterThan(0);
    expect(paths.filter((path) => !known.includes(path))).toEqual([]);
    // Two members of one name would be one column.
    const columns = paths.map((path) => path.split('.').at(-1));
    expect(new Set(columns).size).toBe(new Set(paths).size);
    // What is used is taken out of the line, or named in the query.
    const aliases = [...code(sql).matchAll(/ AS "([^"]*)"/g)].map(([, name]) => name);
    for (const [, used] of code(sql).matchAll(/"([^"]*)"/g)) {
      expect([used, [...columns, ...aliases, '$path'].includes(used)]).toEqual([used, true]);
    }
    const parameters = code(sql).split('?').length - 1;
    const lines = sql.split('\n').filter((line) => line.startsWith('--'));
    expect(lines.join('')).not.toContain('?');
    expect(Math.max(...[...lines.join(' ').matchAll(/(\d)[:,] /g)].map(([, n]) => Number(n)))).toBe(parameters);
    expect(sql).toContain('-- What this shows is what the archive of this region has');
    expect(sql).toContain('WHERE hour BETWEEN ? AND ?');
    expect(sql).toContain('SELECT DISTINCT');
  },
);

test('types and values that the queries compare with are those of events', () => {
  const types: readonly string[] = AUDIT_FIELDS.event_type.kind;
  for (const { sql } of AUDIT_QUERIES) {
    for (const [, list] of code(sql).matchAll(/"event_type" (?:IN \(|= )([^)\n]*?)(?:\)| AND)/g)) {
      for (const [, type] of list!.matchAll(/'([^']*)'/g)) expect(types).toContain(type);
    }
  }
});

test('the table is the archive of its region, by the hour as archivers name it', () => {
  for (const region of REGIONS) {
    const [table] = resourcesOf(templateOf(`keyward-log-${region}`), 'AWS::Glue::Table');
    const input = table![1].Properties['TableInput'] as Record<string, unknown>;
    const bucket = `s3://keyward-archive-${ACCOUNT}-${region}`;
    const parameters = input['Parameters'] as Record<string, string>;
    expect(parameters).toMatchObject({
      'projection.enabled': 'true',
      'projection.hour.type': 'date',
      'projection.hour.interval': '1',
      'projection.hour.interval.unit': 'HOURS',
    });
    const object = archivePath({ hour: '2026-11-27T14', sha256: '0'.repeat(64) });
    const folder = parameters['storage.location.template']!.replace('${hour}', '2026-11-27T14');
    expect(folder).toBe(`${bucket}/${object.slice(0, object.lastIndexOf('/') + 1)}`);
    // yyyy-MM-dd'T'HH of java.time.format.DateTimeFormatter.
    expect(parameters['projection.hour.format']).toBe("yyyy-MM-dd'T'HH");
    expect(parameters['projection.hour.range']).toMatch(/^2026-11-01T00,NOW$/);
    expect(input['PartitionKeys']).toMatchObject([{ Name: 'hour', Type: 'string' }]);
    expect(input['StorageDescriptor']).toMatchObject({
      Location: `${bucket}/archive/`,
      Columns: [{ Name: 'line', Type: 'string' }],
      SerdeInfo: { SerializationLibrary: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' },
    });
  }
});

test('no archived line has what would end its column: JSON escapes control characters', () => {
  const controls = Array.from({ length: 32 }, (_, at) => String.fromCharCode(at)).join('');
  const line = formatEventLine(recordOf(auditEvent({ user_agent: controls })));
  expect(Array.from(Buffer.from(line)).filter((byte) => byte < 32)).toEqual([]);
});

test('results are private, encrypted and gone in a week, and one query reads at most 100 GB', () => {
  const template = templateOf(`keyward-log-${HOME}`);
  const [, bucket] = resourcesOf(template, 'AWS::S3::Bucket').find(([id]) => id.startsWith('queriesresults'))!;
  expect(bucket.Properties).toMatchObject({
    BucketName: `keyward-query-results-${ACCOUNT}-${HOME}`,
    LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 7 }] },
    PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true },
  });
  expect(bucket.Properties['BucketEncryption']).toBeDefined();
  const [, group] = resourcesOf(template, 'AWS::Athena::WorkGroup')[0]!;
  expect(group.Properties).toMatchObject({
    Name: 'keyward-audit',
    WorkGroupConfiguration: {
      EnforceWorkGroupConfiguration: true,
      BytesScannedCutoffPerQuery: 100_000_000_000,
      ResultConfiguration: {
        ExpectedBucketOwner: ACCOUNT,
        EncryptionConfiguration: { EncryptionOption: 'SSE_S3' },
      },
    },
  });
});

test('its policy lets somebody ask the archive of the region, and write results alone', async () => {
  const policies = [managedPolicyOf(`keyward-log-${HOME}`, `keyward-${HOME}-audit-queries`)];
  const [template] = [templateOf(`keyward-log-${HOME}`)];
  const attached = resourcesOf(template, 'AWS::IAM::ManagedPolicy').map(([, { Properties }]) => Properties['Roles']);
  expect(attached).toEqual([undefined]);
  const may = (action: string, resource: string) =>
    isAllowed({ principal: roleArn('auditor'), policies, action, resource });
  const glue = (what: string): string => `arn:aws:glue:${HOME}:${ACCOUNT}:${what}`;
  const bucket = (name: string): string => `arn:aws:s3:::keyward-${name}-${ACCOUNT}-${HOME}`;
  for (const [action, resource] of [
    ['athena:StartQueryExecution', `arn:aws:athena:${HOME}:${ACCOUNT}:workgroup/keyward-audit`],
    ['athena:GetNamedQuery', `arn:aws:athena:${HOME}:${ACCOUNT}:workgroup/keyward-audit`],
    ['glue:GetTable', glue('table/keyward_audit/archive')],
    ['s3:GetObject', `${bucket('archive')}/archive/2026-11-27T14/0f.gz`],
    ['s3:ListBucket', bucket('archive')],
    ['s3:PutObject', `${bucket('query-results')}/x.csv`],
    ['s3:GetObject', `${bucket('query-results')}/x.csv`],
  ] as const) {
    expect([action, resource, await may(action, resource)]).toEqual([action, resource, true]);
  }
  for (const [action, resource] of [
    ['athena:StartQueryExecution', `arn:aws:athena:${HOME}:${ACCOUNT}:workgroup/primary`],
    ['athena:UpdateWorkGroup', `arn:aws:athena:${HOME}:${ACCOUNT}:workgroup/keyward-audit`],
    ['glue:UpdateTable', glue('table/keyward_audit/archive')],
    ['s3:PutObject', `${bucket('archive')}/archive/2026-11-27T14/0f.gz`],
    ['s3:DeleteObject', `${bucket('query-results')}/x.csv`],
    ['s3:GetObject', `${bucket('log')}/state`],
    ['s3:GetObject', `${bucket('failed-batches')}/x`],
  ] as const) {
    expect([action, resource, await may(action, resource)]).toEqual([action, resource, false]);
  }
});

const HOUR = '2026-11-27T14';
const SESSION = 'arn:aws:sts::111111111111:assumed-role/search/i-0123';
const role = 'arn:aws:sts::111111111111:assumed-role/search';
const at = (minute: number): string => `2026-11-27T14:0${minute}:00.000Z`;
const happened: Readonly<Record<string, AuditEvent>> = {
  revealed: auditEvent({
    timestamp: at(0),
    user_id: SESSION,
    metadata: { operation: 'reveal_credential', credential: 'chat', revision: 3 },
  }),
  other: auditEvent({
    timestamp: at(1),
    provider: 'google',
    metadata: { operation: 'reveal_credential', credential: 'chat', revision: 1 },
  }),
  token: auditEvent({ timestamp: at(2), user_id: `${SESSION}4` }),
  refused: auditEvent({
    timestamp: at(3),
    event_type: 'unauthorized_access',
    provider: null,
    user_id: null,
    success: false,
    error_message: 'no signature',
    metadata: { operation: 'decrypt', code: 'unauthenticated', count: 7, first_at: at(1), last_at: at(3) },
  }),
  failed: auditEvent({
    timestamp: at(4),
    event_type: 'failed_decrypt',
    success: false,
    metadata: { operation: 'decrypt', code: 'decryption_failed', reason: 'tag' },
  }),
  intended: auditEvent({
    timestamp: at(5),
    event_type: 'config_change',
    success: null,
    metadata: { operation: 'change_rotation_policy', phase: 'intent', write_id: 'w' },
  }),
  changed: auditEvent({
    timestamp: at(6),
    event_type: 'config_change',
    metadata: {
      ...{ operation: 'change_rotation_policy', phase: 'outcome', outcome: 'written', write_id: 'w' },
      ...{ old_policy: 'disabled, every 90 days, grace 7 days', new_policy: 'enabled, every 30 days, grace 7 days' },
    },
  }),
  stored: auditEvent({
    timestamp: at(7),
    event_type: 'encrypt',
    metadata: { operation: 'put_credential', credential: 'chat', revision: 4 },
  }),
};
const lines = Object.values(happened).map((event) => formatEventLine(recordOf(event)));
const [first] = lines as [string, ...string[]];
/** The same event with the nonce of another attempt: no contradiction. */
const renonced = first.replace(/"nonce":"[^"]*"/, `"nonce":"${Buffer.alloc(32, 7).toString('base64')}"`);
const rows = [
  ...lines.map((line) => [HOUR, line, 's3://one.gz']),
  // Objects overlap: a batch that was cut otherwise.
  ...lines.slice(0, 4).map((line) => [HOUR, line, 's3://other.gz']),
  ['2026-11-27T15', renonced, 's3://late.gz'],
  [HOUR, 'no JSON', 's3://one.gz'],
  [HOUR, '[1]', 's3://one.gz'],
  [HOUR, '{"id":{"a":1},"metadata":"x"}', 's3://one.gz'],
  ['2026-11-28T00', formatEventLine(recordOf({ ...happened['revealed']!, id: 'f'.repeat(32) })), 's3://later.gz'],
];

const python = spawnSync('python3', ['-c', 'import sqlite3'], { stdio: 'ignore' }).status === 0;

testUnless(python ? undefined : 'no python3 with sqlite3', 'they answer about archived lines, each event once', () => {
  const ask = (name: string, ...parameters: readonly string[]) => ({
    sql: sqlOf(name),
    parameters: ['2026-11-27T14', '2026-11-27T15', ...parameters],
  });
  const { stdout, stderr } = spawnSync('python3', [join(__dirname, 'ask-sqlite.py')], {
    input: JSON.stringify({
      rows,
      queries: [
        ask('who-saw-which-credential', 'openai', '%'),
        ask('accesses-by-principal-and-day'),
        ask('failures-and-refusals'),
        ask('configuration-changes'),
        ask('one-event', happened['revealed']!.id),
        { sql: sqlOf('who-saw-which-credential'), parameters: ['2026-11-28T00', '2026-11-28T23', '%', 'chat'] },
      ],
    }),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  const [saw, accesses, failures, changes, one, later] = JSON.parse(stdout) as Record<string, unknown>[][];
  const idsOf = (found: readonly Record<string, unknown>[]) => found.map(({ id }) => id);
  expect(saw).toEqual([
    {
      ...{ timestamp: at(0), user_id: SESSION, ip_address: '192.0.2.1', user_agent: 'test/1.0', provider: 'openai' },
      ...{ credential: 'chat', revision: '3', value: null, key_version: '3' },
      ...{ request_id: happened['revealed']!.request_id, id: happened['revealed']!.id },
    },
  ]);
  expect(later).toHaveLength(1);
  expect(accesses!.filter(({ principal }) => principal === role)).toMatchObject([
    { day: '2026-11-27', credential: null, event_type: 'decrypt', operation: 'decrypt', success: 'true', events: 1 },
    { day: '2026-11-27', credential: 'chat', operation: 'reveal_credential', events: 1, first: at(0), last: at(0) },
  ]);
  const counted = accesses!.reduce((sum, { events }) => sum + Number(events), 0);
  expect(counted).toBe(Object.keys(happened).length);
  expect(idsOf(failures!)).toEqual([happened['refused']!.id, happened['failed']!.id]);
  expect(failures).toMatchObject([
    { stands_for: '7', code: 'unauthenticated', user_id: null, first_at: at(1) },
    { stands_for: '1', reason: 'tag' },
  ]);
  expect(idsOf(changes!)).toEqual([happened['intended']!.id, happened['changed']!.id, happened['stored']!.id]);
  expect(changes![1]).toMatchObject({ new_policy: 'enabled, every 30 days, grace 7 days', outcome: 'written' });
  expect(one!.map(({ line, object }) => [line, object])).toEqual([
    [first, 's3://one.gz'],
    [first, 's3://other.gz'],
    [renonced, 's3://late.gz'],
  ]);
});
