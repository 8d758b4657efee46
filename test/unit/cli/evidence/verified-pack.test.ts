import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiCall } from '../../../../cli/client/api-call';
import type { JsonObject } from '../../../../cli/client/json-object';
import { makeEvidence } from '../../../../cli/evidence/make-evidence';
import { CliError, EXIT } from '../../../../cli/io/cli-error';
import { CREDENTIALS_FILE } from '../../../../lambdas/core/contract/local-mode';
import { formatEventLine } from '../../../../lambdas/core/audit/event-line';
import { formatLogKeys } from '../../../../lambdas/core/transparency/log-keys';
import { archivePath } from '../../../../lambdas/core/transparency/archive-path';
import { auditEvent, recordOf } from '../../../contract/audit-events';
import { CliStage } from '../../../doubles/cli-stage';
import { testSigner } from '../../../doubles/transparency/test-signer';
import { ORIGIN, publisherWorld, REGION } from '../../transparency/publisher-world';

let directory: string;
let out: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-verified-'));
  out = join(directory, 'pack');
  writeFileSync(
    join(directory, CREDENTIALS_FILE),
    '[default]\naws_access_key_id = AKIAEXAMPLEEXAMPLE99\naws_secret_access_key = not-a-real-secret-not-a-real-secret-0000\n',
  );
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** By the clock of the stage it is 12:16:40. */
const PUBLISHED_AT = Date.parse('2026-11-21T12:05:00Z');

const EVENTS = [3, 2, 1].map((minute) => {
  const timestamp = `2026-11-21T11:0${minute}:00.000Z`;
  const id = Date.parse(timestamp).toString(16).padStart(12, '0').padEnd(32, '0');
  return auditEvent({ id, timestamp, region: REGION });
});

/** The files of a log that has these events. */
async function publishedLog(): Promise<ReadonlyMap<string, Buffer>> {
  const world = publisherWorld();
  world.now = PUBLISHED_AT;
  world.archiveLines(EVENTS.toReversed().map((event) => formatEventLine(recordOf(event))));
  await world.publish();
  const keys = { log: testSigner(ORIGIN).key, cosigner: testSigner(`${ORIGIN}/cosigner`, 'cosignature').key };
  const archived = [...world.archive].flatMap(([hour, objects]) =>
    [...objects].map(([sha256, bytes]) => [archivePath({ hour, sha256 }), bytes] as const),
  );
  return new Map([
    ...world.store,
    ...archived,
    ['checkpoint', world.values.checkpoint?.bytes ?? Buffer.alloc(0)] as const,
    ['state', world.values.state?.bytes ?? Buffer.alloc(0)] as const,
    ['keys', formatLogKeys(keys)] as const,
  ]);
}

const noObject = (): CliError => new CliError(EXIT.notFound, 'log_object_not_found', 'there is no such object');

const service =
  (files: ReadonlyMap<string, Buffer>, events: readonly JsonObject[] = EVENTS) =>
  ({ path, query = {} }: ApiCall): JsonObject | Error => {
    if (path === '/v1/providers') return { providers: [] };
    if (path === '/v1/kek')
      return { created_at: '2026-11-01T00:00:00.000Z', next_rotation_at: '2027-01-01T00:00:00.000Z', kek_count: 1 };
    if (path === '/v1/audit/events')
      return { events: events.filter(({ timestamp }) => String(timestamp) <= String(query['to'])) };
    if (path === '/v1/audit/evidence') return { id: 'an-event' };
    if (path === '/v1/audit/checkpoints')
      return { checkpoints: [{ region: REGION }], archive_days: null, event_days: null };
    if (query['prefix'] !== undefined)
      return { paths: [...files.keys()].filter((each) => each.startsWith(query['prefix'] ?? '')).toSorted() };
    const bytes = files.get(query['path'] ?? '');
    if (bytes === undefined) return noObject();
    return { data: bytes.toString('base64'), sha256: createHash('sha256').update(bytes).digest('hex') };
  };

const stageOf = (answer: (call: ApiCall) => JsonObject | Error) =>
  new CliStage(answer, { env: { KEYWARD_HOME: directory, XDG_STATE_HOME: join(directory, 'state') } });
const made = (stage: CliStage, more: object = {}) =>
  makeEvidence(stage.session, [], { from: '2026-11-01', out, ...more });
const text = (name: string) => readFileSync(join(out, name), 'utf8');
const summary = () =>
  JSON.parse(text('summary.json')) as {
    verification: { state: string; why?: string; failures?: number; logs?: JsonObject[] };
    findings: { level: string; text: string }[];
  };

test('a log that holds is verified, and the pack says that one account has all its keys', async () => {
  await made(stageOf(service(await publishedLog())));
  const { verification, findings } = summary();
  expect(verification).toMatchObject({
    state: 'verified',
    failures: 0,
    logs: [{ origin: ORIGIN, size: 3, events: 3, one_account: true }],
  });
  expect(findings.at(-1)).toMatchObject({ level: 'wait', text: expect.stringContaining('keys of one account') });
  expect(text('log-findings.csv').split('\r\n')).toHaveLength(2);
  expect(text('evidence.html')).toContain('<p class="verdict good">verified</p>');
  expect(text('SHA256SUMS')).toContain('  log-findings.csv\n');
});

test('an event that is gone from the audit log is the first finding of the pack', async () => {
  const stage = stageOf(service(await publishedLog(), EVENTS.slice(1)));
  await made(stage);
  const { verification, findings } = summary();
  expect(verification).toMatchObject({ state: 'does not hold', failures: 1 });
  expect(findings[0]).toEqual({
    level: 'bad',
    text: expect.stringContaining('The audit log does not hold: 1 failure'),
  });
  expect(text('log-findings.csv')).toContain(`,missing,`);
  expect(text('log-findings.csv')).toContain(EVENTS[0]?.id);
  expect(text('evidence.html')).toContain('<p class="verdict bad">does not hold</p>');
  expect(stage.stderr.text).toContain('not_intact: the audit log does not hold: 1 failure');
});

test('nothing is claimed of a log that has published nothing, or of a service without one', async () => {
  await made(stageOf(service(new Map())));
  expect(summary().verification).toMatchObject({
    state: 'not verified',
    why: expect.stringMatching(/^nothing_published: /),
  });
  expect(text('evidence.html')).toContain('<p class="verdict wait">not verified</p>');
  const answer = service(new Map());
  const without = join(directory, 'without');
  await made(
    stageOf((call) => (call.path === '/v1/audit/checkpoints' ? { checkpoints: [] } : answer(call))),
    { out: without },
  );
  expect(readFileSync(join(without, 'evidence.html'), 'utf8')).toContain('the service keeps no transparency log');
});

test('a policy that is none is refused before anything is asked, and leaves nothing', async () => {
  const policy = join(directory, 'policy');
  writeFileSync(policy, 'nonsense\n');
  const stage = stageOf(service(await publishedLog()));
  await expect(made(stage, { policy })).rejects.toMatchObject({ exitCode: EXIT.usage });
  expect(stage.calls).toEqual([]);
  expect(readdirSync(directory).filter((name) => name.startsWith('pack'))).toEqual([]);
});

test('an event that is not yet published is in the file of findings, and no failure', async () => {
  const young = auditEvent({
    id: '01a1fd557a81'.padEnd(32, '0'),
    timestamp: '2026-11-21T12:10:00.000Z',
    region: REGION,
  });
  await made(stageOf(service(await publishedLog(), [young, ...EVENTS])));
  expect(summary().verification).toMatchObject({ state: 'verified', failures: 0, findings: [] });
  expect(text('log-findings.csv')).toContain(`,not_yet_published,`);
});
