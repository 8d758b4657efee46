import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { ApiCall } from '../../../cli/client/api-call';
import type { JsonObject } from '../../../cli/client/json-object';
import { verifyAuditLog } from '../../../cli/commands/verify-audit';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import { formatLogKeys, KEYS_PATH } from '../../../lambdas/core/transparency/log-keys';
import { formatVerifierKey } from '../../../lambdas/core/transparency/verifier-key';
import { CliStage } from '../../doubles/cli-stage';
import { testSigner } from '../../doubles/transparency/test-signer';
import { auditLine, auditWorld, COSIGNER, LOG_KEY, type AuditWorld } from '../transparency/audit-world';
import { HOUR_MS, ORIGIN, REGION } from '../transparency/publisher-world';

let home: string;
let files: Map<string, Buffer>;
let world: AuditWorld;
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'keyward-verify-'));
  files = new Map();
  world = auditWorld();
  world.happen(0, 300);
  await world.log.publish();
  world.log.now += HOUR_MS;
  world.happen(300, 400);
  await world.log.publish();
  await look();
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** Takes what the log has now for what the service, or the directory, shows. */
async function look(): Promise<void> {
  const paths = ['checkpoint', 'state', KEYS_PATH];
  for (const prefix of ['tile/', 'index/', 'archive/', 'hand-over/']) paths.push(...(await world.files.list(prefix)));
  files.clear();
  for (const path of paths) files.set(path, (await world.files.read(path))!);
}

const notFound = (): CliError => new CliError(EXIT.notFound, 'log_object_not_found', 'none');
const PAGE = 40;
const PART = 5000;

/** A service with one log, small pages and parts. */
function service({ path, query = {} }: ApiCall): JsonObject | Error {
  if (path === '/v1/audit/checkpoints') {
    return { checkpoints: [{ region: REGION }], archive_days: null, event_days: 90 };
  }
  if (path === '/v1/audit/events') {
    const all = [...world.table.values()].filter(
      ({ timestamp }) => String(timestamp) >= query['from']! && String(timestamp) <= query['to']!,
    );
    const at = Number(query['cursor'] ?? 0);
    const isMore = at + 150 < all.length;
    return { events: all.slice(at, at + 150), ...(isMore && { next_cursor: String(at + 150) }) };
  }
  expect(path).toBe('/v1/audit/log');
  if (query['path'] !== undefined) {
    const bytes = files.get(query['path']);
    if (bytes === undefined) return notFound();
    const [from, to] = [Number(query['offset']), Number(query['offset']) + PART];
    return {
      sha256: `${query['path']} ${bytes.length}`,
      data: bytes.subarray(from, to).toString('base64'),
      ...(to < bytes.length && { next_offset: to }),
    };
  }
  const paths = [...files.keys()]
    .filter((each) => each.startsWith(query['prefix']!) && each > (query['after'] ?? ''))
    .toSorted();
  return { paths: paths.slice(0, PAGE), ...(paths.length > PAGE && { next_after: paths[PAGE - 1] }) };
}

type Options = Parameters<typeof verifyAuditLog>[2];

async function verify(options: Options = {}, { json = false, answer = service } = {}) {
  const stage = new CliStage(answer, { json, env: { XDG_STATE_HOME: home } });
  stage.time.wallClock = () => world.log.now;
  const error = await verifyAuditLog(stage.session, [], options).then(
    () => undefined,
    (thrown: unknown) => thrown as CliError,
  );
  return { out: stage.stdout.text, error, stage };
}

const statePath = (): string => join(home, 'keyward', 'verified-logs.json');

/** Writes the log into a directory, every second archive object compressed. */
function directory(): string {
  const root = join(home, 'log');
  rmSync(root, { recursive: true, force: true });
  let isCompressed = false;
  for (const [path, bytes] of files) {
    const isArchive = path.startsWith('archive/');
    if (isArchive) isCompressed = !isCompressed;
    const at = join(root, isArchive && isCompressed ? `${path}.gz` : path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, isArchive && isCompressed ? gzipSync(bytes) : bytes);
  }
  return root;
}

function policyFile(text?: string): string {
  const path = join(home, 'policy');
  const [log, own] = [formatVerifierKey(LOG_KEY.key), formatVerifierKey(COSIGNER.key)];
  writeFileSync(path, text ?? `log ${log}\nwitness own ${own}\nquorum own\n`);
  return path;
}

describe('over the API', () => {
  test('a clean log: what was verified, one account, and first use', async () => {
    const { out, error } = await verify();
    expect(error).toBeUndefined();
    expect(out).toContain(`${ORIGIN}: 400 entries, cosigned 2026-11-27T11:00:00.000Z\n`);
    expect(out).toContain('400 entries with an archived line, of 400 lines; 400 events compared\n');
    expect(out).toMatch(/^one account: /m);
    expect(out).toContain(
      `first use: no policy was given, so the keys that the log shows are trusted from now on, by ${statePath()}\n`,
    );
    expect(statSync(statePath()).mode & 0o777).toBe(0o600);
    const again = await verify();
    expect(again.error).toBeUndefined();
    expect(again.out).not.toMatch(/first use/);
  });

  test('as JSON: a line for each finding, then the summary', async () => {
    const [id] = [...world.table.keys()];
    world.table.set(id!, { ...world.table.get(id!), provider: 'anthropic' });
    const { out, error } = await verify({}, { json: true });
    expect(error).toMatchObject({ exitCode: 9, code: 'not_verified', detail: 'the audit log does not hold: 1 edited' });
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as JsonObject);
    expect(rows).toMatchObject([
      { origin: ORIGIN, finding: 'edited', fault: 'event_mismatch', id, place: 0, members: ['provider'] },
      { origin: ORIGIN, verified: false, size: 400, one_account: true, trusted_by: 'first use', counts: { edited: 1 } },
    ]);
    expect(() => statSync(statePath())).toThrow('ENOENT');
  });

  test('a log that goes on is verified against the checkpoint seen last, which a failure does not replace', async () => {
    await verify();
    const before = new Map(files);
    world.log.now += HOUR_MS;
    world.happen(400, 420);
    await world.log.publish();
    await look();
    expect((await verify()).error).toBeUndefined();
    const state = readFileSync(statePath(), 'utf8');
    files.clear();
    for (const [path, bytes] of before) files.set(path, bytes);
    const { out, error } = await verify();
    expect(error?.detail).toMatch(/1 truncated/);
    expect(out).toMatch(/^truncated {2}checkpoint_older {2}checkpoint {2}checkpoint of 420 entries$/m);
    expect(readFileSync(statePath(), 'utf8')).toBe(state);
    expect((await verify({ forget: true })).error).toBeUndefined();
  });

  test('other keys than those of the first verification are a fork', async () => {
    await verify();
    const log = testSigner(ORIGIN, 'ed25519', 'another');
    const text = files.get('checkpoint')!.toString('utf8').split('\n\n')[0]!;
    const signed = log.sign(`${text}\n`);
    const line = Buffer.concat([Buffer.from(signed.id, 'hex'), signed.signature]).toString('base64');
    files.set('checkpoint', Buffer.from(`${text}\n\n— ${ORIGIN} ${line}\n`));
    files.set(KEYS_PATH, formatLogKeys({ log: log.key, cosigner: COSIGNER.key }));
    const { error, out } = await verify();
    expect(error?.detail).toBe('the audit log does not hold: 1 forked');
    expect(out).toContain('no checkpoint that is trusted');
  });

  test('an old cosignature', async () => {
    world.log.now += 4 * HOUR_MS;
    expect((await verify()).error?.detail).toBe('the audit log does not hold: 1 replayed');
  });

  test('a period, and events that are not published yet', async () => {
    world.happen(400, 402);
    await look();
    const { out, error } = await verify({ from: '2026-11-27T10:05:00Z', to: '2026-11-27T10:07:00Z' });
    expect(error).toBeUndefined();
    expect(out).toContain('102 events compared');
    const whole = await verify();
    expect(whole.out).toContain('2 events not yet published');
    expect(whole.out).not.toMatch(/^not_yet_published/m);
    expect((await verify({}, { json: true })).out).toMatch(/"not_yet_published"/);
  });

  test('another region’s log', async () => {
    const answer = (call: ApiCall) =>
      call.path === '/v1/audit/checkpoints'
        ? { checkpoints: [{ region: 'eu-west-1' }], archive_days: 1, event_days: null }
        : service(call);
    const { error } = await verify({}, { answer });
    expect(error).toMatchObject({ exitCode: 9, detail: "the log of eu-west-1 shows the keys of another region's log" });
    const { error: named } = await verify({ policy: policyFile() }, { answer });
    expect(named).toMatchObject({ exitCode: 2, detail: '--policy: names no log of eu-west-1' });
  });

  test('a log that was never published, and one whose keys are none', async () => {
    files.set(KEYS_PATH, Buffer.from('x'));
    expect((await verify()).error).toMatchObject({ exitCode: 9, detail: "the log's keys are none (vkey_form)" });
    files.delete('checkpoint');
    files.set(KEYS_PATH, (await world.files.read(KEYS_PATH))!);
    expect((await verify()).error).toMatchObject({ exitCode: 4, code: 'nothing_published' });
    files.clear();
    expect((await verify()).error).toMatchObject({ exitCode: 4, code: 'nothing_published' });
  });

  test.each<[string, string, JsonObject]>([
    ['no list of checkpoints', '/v1/audit/checkpoints', {}],
    ['a checkpoint of no region', '/v1/audit/checkpoints', { checkpoints: [{}] }],
    ['no part', '/v1/audit/log', {}],
    ['a part that is no base64', '/v1/audit/log', { data: '?' }],
    ['a part that goes on where it began', '/v1/audit/log', { data: 'AAAA', next_offset: 0 }],
  ])('a reply that is %s', async (_, path, reply) => {
    const answer = (call: ApiCall) => (call.path === path ? reply : service(call));
    expect((await verify({}, { answer })).error).toMatchObject({ exitCode: 1, code: 'unexpected_reply' });
  });

  test.each<[JsonObject]>([[{ paths: 'x' }], [{ paths: [], next_after: '' }]])(
    'a list that is none: %j',
    async (reply) => {
      const answer = (call: ApiCall) => (call.query?.['prefix'] === 'index/' ? reply : service(call));
      expect((await verify({}, { answer })).error).toMatchObject({ exitCode: 1, code: 'unexpected_reply' });
    },
  );

  test('an object that is replaced between its parts is read again, and credentials that expired are looked for', async () => {
    let changes = 0;
    let refusals = 0;
    const answer = (call: ApiCall) => {
      if (call.query?.['path'] === 'tile/entries/000' && Number(call.query['offset']) > 0 && changes < 2) {
        changes += 1;
        return { sha256: 'another', data: '' };
      }
      if (call.query?.['prefix'] === 'index/' && refusals < 1) {
        refusals += 1;
        return new CliError(EXIT.refused, 'forbidden', 'expired');
      }
      return service(call);
    };
    const { error, stage } = await verify({}, { answer });
    expect(error).toBeUndefined();
    expect([changes, stage.connections]).toEqual([2, 2]);
    const always = (call: ApiCall) =>
      Number(call.query?.['offset'] ?? 0) > 0 ? { sha256: 'another', data: '' } : service(call);
    expect((await verify({}, { answer: always })).error).toMatchObject({ exitCode: 6, code: 'log_object_changing' });
  });

  test('Ctrl-C', async () => {
    const stage = new CliStage(service, { env: { XDG_STATE_HOME: home } });
    const stopping = new CliStage(
      (call) => {
        if (call.query?.['path'] === 'tile/entries/000') stopping.time.interrupt();
        return service(call);
      },
      { env: { XDG_STATE_HOME: home } },
    );
    await expect(verifyAuditLog(stopping.session, [], {})).rejects.toMatchObject({ exitCode: 130 });
    expect(stage.calls).toEqual([]);
  });
});

describe('offline', () => {
  test('a directory is verified without any call, and found out when it was edited', async () => {
    const dir = directory();
    const { out, error, stage } = await verify({ offline: dir });
    expect(error).toBeUndefined();
    expect(stage.calls).toEqual([]);
    expect(out).toContain('the audit log itself was not compared');
    files.delete('tile/entries/000');
    expect((await verify({ offline: directory() })).error?.detail).toBe('the audit log does not hold: 1 missing');
  });

  test('an archive object that cannot be uncompressed is an edited one', async () => {
    const dir = directory();
    const [path] = [...files.keys()].filter((each) => each.startsWith('archive/'));
    writeFileSync(join(dir, `${path}.gz`), 'x');
    expect((await verify({ offline: dir })).error?.detail).toMatch(/missing.* edited/);
  });

  test('a policy says who must have signed', async () => {
    const dir = directory();
    const { out, error } = await verify({ offline: dir, policy: policyFile() });
    expect(error).toBeUndefined();
    expect(out).not.toMatch(/first use/);
    const { key } = testSigner('witness.example/log', 'cosignature');
    const outside = policyFile(
      `log ${formatVerifierKey(LOG_KEY.key)}\nwitness w ${formatVerifierKey(key)}\nquorum w\n`,
    );
    expect((await verify({ offline: dir, policy: outside })).error?.detail).toBe(
      'the audit log does not hold: 1 missing',
    );
  });

  test('a checkpoint that somebody else keeps must be continued', async () => {
    const file = join(home, 'witnessed');
    const dir = directory();
    writeFileSync(file, files.get('checkpoint')!);
    expect((await verify({ offline: dir, checkpoint: [file] })).error).toBeUndefined();
    const root = Buffer.alloc(32, 1).toString('base64');
    writeFileSync(file, `${ORIGIN}\n300\n${root}\n\n— ${ORIGIN} AAAAAAA=\n`);
    expect((await verify({ offline: dir, checkpoint: [file] })).error?.detail).toBe(
      'the audit log does not hold: 1 forked',
    );
    writeFileSync(file, `other\n300\n${root}\n\n— other AAAAAAA=\n`);
    expect((await verify({ offline: dir, checkpoint: [file] })).error?.detail).toBe(
      '--checkpoint: is of another log than those that were verified',
    );
  });

  test.each<[string, (dir: string) => Options, RegExp]>([
    ['no such directory', (dir) => ({ offline: `${dir}/none` }), /^--offline: there is no such directory$/],
    ['a file', (dir) => ({ offline: `${dir}/checkpoint` }), /^--offline: there is no such directory$/],
    ['a directory without a log', () => ({ offline: home }), /^--offline: the directory has no published log$/],
    [
      'no policy file',
      (dir) => ({ offline: dir, policy: `${dir}/none` }),
      /^--policy: the file cannot be read \(ENOENT\)$/,
    ],
    [
      'a policy that is none',
      (dir) => ({ offline: dir, policy: policyFile('log x\n') }),
      /^--policy: line 1 is not in the format of tlog-policy \(vkey_form\)$/,
    ],
    [
      'a policy without a quorum',
      (dir) => ({ offline: dir, policy: policyFile('\n') }),
      /^--policy: the file is not in the format/,
    ],
    [
      'a policy of another log',
      (dir) => ({
        offline: dir,
        policy: policyFile(`log ${formatVerifierKey(testSigner('other.example/log').key)}\nquorum none\n`),
      }),
      /^--policy: names another log than the one in --offline$/,
    ],
    [
      'no checkpoint file',
      (dir) => ({ offline: dir, checkpoint: [`${dir}/none`] }),
      /^--checkpoint: the file cannot be read \(ENOENT\)$/,
    ],
    [
      'a checkpoint that is none',
      (dir) => ({ offline: dir, checkpoint: [`${dir}/keys`] }),
      /^--checkpoint: the file is no checkpoint \(note_form\)$/,
    ],
  ])('%s is said in one sentence', async (_, options, detail) => {
    const { error } = await verify(options(directory()));
    expect(error?.detail).toMatch(detail);
    expect([EXIT.usage, EXIT.notFound]).toContain(error?.exitCode);
  });

  test.each([
    '',
    '{}',
    '{"schema":1,"logs":[]}',
    `{"schema":1,"logs":{"${ORIGIN}":{}}}`,
    `{"schema":1,"logs":{"${ORIGIN}":{"origin":"a","keys":["a"]}}}`,
    `{"schema":1,"logs":{"${ORIGIN}":{"origin":"a","seen":{"size":1,"root":"?"}}}}`,
    `{"schema":1,"logs":{"${ORIGIN}":{"origin":"a","seen":{}}}}`,
    `{"schema":1,"logs":{"${ORIGIN}":{"origin":"a","keys":["a","b"]}}}`,
  ])('a file of verified logs that was changed: %j', async (text) => {
    mkdirSync(dirname(statePath()));
    writeFileSync(statePath(), text);
    const { error } = await verify({ offline: directory() });
    expect(error).toMatchObject({
      exitCode: 2,
      detail: 'the file of verified logs was changed: restore it from a copy, or remove it',
    });
  });
});

test('lines that are no event of this log are counted in sentences of their own', async () => {
  world.log.archiveLines(['x', auditLine(900, { region: 'eu-west-1' })]);
  await look();
  const { out, error } = await verify();
  expect(error).toBeUndefined();
  expect(out).toContain('1 line archived and no event\n');
  expect(out).toContain("1 line archived here and of another region's log\n");
});
