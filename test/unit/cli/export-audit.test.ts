import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApiCall } from '../../../cli/client/api-call';
import { exportAuditLog } from '../../../cli/commands/export-audit';
import { AUDIT_COLUMNS } from '../../../cli/export/audit-format';
import { csvLine } from '../../../cli/export/csv-line';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import type { JsonObject } from '../../../cli/client/json-object';
import { AUDIT_FIELDS } from '../../../lambdas/core/audit/audit-event';
import { auditEvent } from '../../contract/audit-events';
import { CliStage } from '../../doubles/cli-stage';

let directory: string;
let out: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'keyward-export-'));
  out = join(directory, 'events');
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

const EVENTS = Array.from({ length: 7 }, (_, index) =>
  auditEvent({ timestamp: `2026-11-21T09:00:0${7 - index}.000Z`, user_agent: `agent "${index}", \u202e\n` }),
);
const PAGE = 2;

/** A service with seven events, two a page; `fail` may answer otherwise. */
const service =
  (fail: (call: ApiCall, asked: number) => Error | undefined = () => undefined) =>
  (call: ApiCall): JsonObject | Error => {
    asked += 1;
    const error = fail(call, asked);
    if (error !== undefined) return error;
    const at = Number(call.query?.['cursor'] ?? 0);
    const events = EVENTS.slice(at, at + PAGE);
    return { events, ...(at + PAGE < EVENTS.length && { next_cursor: String(at + PAGE) }) };
  };
let asked = 0;
beforeEach(() => {
  asked = 0;
});

const exported = (stage: CliStage, options: Parameters<typeof exportAuditLog>[2] = {}) =>
  exportAuditLog(stage.session, [], { out, ...options });
const linesOf = (path: string): unknown[] =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
const left = () => ['', '.part', '.part.json', '.part.json.new'].filter((end) => existsSync(`${out}${end}`));
const unavailable = (): CliError => new CliError(EXIT.unavailable, 'store_unavailable', 'away');

test('all events of the filters, a line each, in a file of mode 0600', async () => {
  const stage = new CliStage(service(), { json: true });
  await exported(stage, { provider: 'openai', type: 'decrypt', from: '2026-11-21', to: '2026-11-22' });
  expect(linesOf(out)).toEqual(EVENTS);
  expect(readFileSync(out, 'utf8')).not.toContain('\u202e');
  expect(statSync(out).mode & 0o777).toBe(0o600);
  expect(left()).toEqual(['']);
  expect(JSON.parse(stage.stdout.text)).toEqual({ events: 7, file: out });
  const filters = {
    provider: 'openai',
    event_type: 'decrypt',
    from: '2026-11-21T00:00:00.000Z',
    to: '2026-11-22T00:00:00.000Z',
    limit: '500',
  };
  expect(stage.calls.map(({ query }) => query)).toEqual(
    [undefined, '2', '4', '6'].map((cursor) => ({ ...filters, ...(cursor !== undefined && { cursor }) })),
  );
});

test('the progress is on stderr, and says how far back it is', async () => {
  const stage = new CliStage(service());
  await exported(stage);
  expect(stage.stderr.text).toContain('progress: 2 events, back to 2026-11-21T09:00:06.000Z');
  expect(stage.stdout.text).toMatch(/events +7/);
});

test('a log without events is an empty file, or a heading alone', async () => {
  await exported(new CliStage([{ events: [] }]));
  expect(readFileSync(out, 'utf8')).toBe('');
  await exported(new CliStage([{ events: [] }]), { force: true, csv: true });
  expect(readFileSync(out, 'utf8')).toBe(`${AUDIT_COLUMNS.join(',')}\r\n`);
});

test('CSV has every member of an event, and one heading', async () => {
  expect([...AUDIT_COLUMNS]).toEqual([...Object.keys(AUDIT_FIELDS), 'metadata', 'damaged']);
  await exported(new CliStage(service()), { csv: true });
  const text = readFileSync(out, 'utf8');
  expect(text.match(/^id,timestamp/gm)).toHaveLength(1);
  expect(text).toContain('"agent ""6"", \u202e\n"');
  expect(text).toContain('"{""operation"":""decrypt""}"');
  expect(text.endsWith('\r\n')).toBe(true);
});

test.each([
  ['=1+1', "'=1+1"],
  ['+1', "'+1"],
  ['-1', "'-1"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['\t=1', "'\t=1"],
  [' =1', "' =1"],
  ['\uff1d1', "'\uff1d1"],
  ['\r=1', `"'\r=1"`],
  ['=HYPERLINK("http://x","y")', `"'=HYPERLINK(""http://x"",""y"")"`],
  ["'quoted", "''quoted"],
  ['a=b', 'a=b'],
  ['a,b', '"a,b"'],
  ['', ''],
  [null, ''],
  [undefined, ''],
  [false, 'false'],
  [3, '3'],
  [{ a: '=1' }, '"{""a"":""=1""}"'],
])('a field %j of CSV is %j', (value, field) => {
  expect(csvLine([value, 'x'])).toBe(`${field},x\r\n`);
});

describe('an export that ended before its end', () => {
  const interruptedAt = (page: number): CliStage => {
    const stage: CliStage = new CliStage(
      service((_, count) => {
        if (count === page) stage.time.interrupt();
        return undefined;
      }),
    );
    return stage;
  };

  test.each([1, 2, 3])('by Ctrl-C in page %d says how to go on, and goes on', async (page) => {
    const stage = interruptedAt(page);
    const stopped = await exported(stage, { provider: 'openai', csv: true }).catch((thrown: unknown) => thrown);
    expect(stopped).toMatchObject({ exitCode: EXIT.interrupted, code: 'interrupted' });
    expect((stopped as CliError).detail).toMatch(/^stopped by Ctrl-C; \d events so far; continue with: keyward/);
    expect((stopped as CliError).more.command).toBe(`keyward audit export --out=${out} --resume`);
    expect(left()).toEqual(['.part', '.part.json']);
    expect(statSync(`${out}.part`).mode & 0o777).toBe(0o600);
    expect(statSync(`${out}.part.json`).mode & 0o777).toBe(0o600);
    const next = new CliStage(service());
    await exported(next, { resume: true });
    expect(next.calls[0]?.query).toEqual({ provider: 'openai', limit: '500', cursor: String(2 * page) });
    const whole = join(directory, 'whole');
    await exportAuditLog(new CliStage(service()).session, [], { out: whole, csv: true });
    expect(readFileSync(out, 'utf8')).toBe(readFileSync(whole, 'utf8'));
    expect(left()).toEqual(['']);
  });

  test('at any write of its last page is whole after all, once', async () => {
    await exported(interruptedAt(2)).catch(() => undefined);
    // A page that was begun when the machine stopped.
    writeFileSync(`${out}.part`, '{"id":"half a line', { flag: 'a' });
    await exported(new CliStage(service()), { resume: true });
    expect(linesOf(out)).toEqual(EVENTS);
  });

  test('after its last page only gets its name', async () => {
    await exported(new CliStage(service()));
    const text = readFileSync(out, 'utf8');
    rmSync(out);
    const endpoint = 'http://127.0.0.1:8787/';
    const state = { endpoint, format: 'json lines', query: {}, events: 7, complete: true };
    writeFileSync(`${out}.part`, text);
    writeFileSync(`${out}.part.json`, JSON.stringify({ bytes: Buffer.byteLength(text), state }));
    const stage = new CliStage([]);
    await exported(stage, { resume: true });
    expect(stage.calls).toEqual([]);
    expect(linesOf(out)).toEqual(EVENTS);
  });

  test('by an outage of the service, after it was asked again, too', async () => {
    const stage = new CliStage(service((_, count) => (count >= 3 ? unavailable() : undefined)));
    await expect(exported(stage)).rejects.toMatchObject({
      exitCode: EXIT.unavailable,
      detail: expect.stringMatching(/^away; 4 events so far; continue with: keyward audit export .* --resume$/),
    });
    expect(asked).toBe(7);
    const passing = new CliStage(service((_, count) => (count === 9 ? unavailable() : undefined)));
    await exported(passing, { resume: true });
    expect(linesOf(out)).toEqual(EVENTS);
  });

  test('by credentials that expired, unless new ones are found', async () => {
    const refused = new CliError(EXIT.refused, 'access_denied', 'no');
    const renewed = new CliStage(service((_, count) => (count === 3 ? refused : undefined)));
    await exported(renewed);
    expect(renewed.connections).toBe(2);
    expect(linesOf(out)).toEqual(EVENTS);
    const denied = new CliStage([refused]);
    const other = join(directory, 'other');
    await expect(exportAuditLog(denied.session, [], { out: other })).rejects.toBe(refused);
    expect(existsSync(`${other}.part`)).toBe(false);
  });

  test.each([
    ['with filters', { provider: 'openai' }, /^--resume: continues with the filters/],
    ['with a format', { csv: true }, /^--resume: continues with the filters/],
    ['at another endpoint', { endpoint: 'https://keyward.example.com' }, /another endpoint$/],
  ])('is not continued %s', async (_, more, detail) => {
    await exported(interruptedAt(2)).catch(() => undefined);
    await expect(exported(new CliStage([]), { resume: true, ...more })).rejects.toMatchObject({
      exitCode: EXIT.usage,
      detail: expect.stringMatching(detail),
    });
    expect(left()).toEqual(['.part', '.part.json']);
  });

  test.each<[string, () => void]>([
    [
      'the state is no JSON',
      () => {
        writeFileSync(`${out}.part.json`, '{');
      },
    ],
    [
      'the state is another',
      () => {
        writeFileSync(`${out}.part.json`, '{"bytes":0,"state":{"cursor":"2"}}');
      },
    ],
    [
      'the part is shorter',
      () => {
        writeFileSync(`${out}.part`, '');
      },
    ],
    [
      'the part is gone',
      () => {
        rmSync(`${out}.part`);
      },
    ],
  ])('is not continued where %s', async (_, change) => {
    await exported(interruptedAt(2)).catch(() => undefined);
    change();
    const detail = expect.stringMatching(/^--resume: the unfinished export was changed/) as string;
    await expect(exported(new CliStage([]), { resume: true })).rejects.toMatchObject({ exitCode: EXIT.usage, detail });
    await exported(new CliStage(service()), { force: true });
    expect(linesOf(out)).toEqual(EVENTS);
  });
});

describe('what is there', () => {
  test('is not overwritten, but by --force', async () => {
    writeFileSync(out, 'kept');
    const refused = { exitCode: EXIT.usage, detail: '--out: the file exists; --force replaces it' };
    await expect(exported(new CliStage([]))).rejects.toMatchObject(refused);
    await expect(exported(new CliStage([]), { resume: true })).rejects.toMatchObject(refused);
    expect(readFileSync(out, 'utf8')).toBe('kept');
    await exported(new CliStage(service()), { force: true });
    expect(linesOf(out)).toEqual(EVENTS);
    expect(statSync(out).mode & 0o777).toBe(0o600);
  });

  test('unfinished is neither, and without it there is nothing to continue', async () => {
    await expect(exported(new CliStage([]), { resume: true })).rejects.toMatchObject({
      exitCode: EXIT.usage,
      detail: '--resume: there is no unfinished export beside --out',
    });
    writeFileSync(`${out}.part`, 'kept');
    await expect(exported(new CliStage([]))).rejects.toMatchObject({
      exitCode: EXIT.usage,
      detail: expect.stringContaining('--resume continues it'),
    });
    expect(readFileSync(`${out}.part`, 'utf8')).toBe('kept');
  });

  test('that came into being meanwhile is kept, and the export can still be continued', async () => {
    const stage = new CliStage(
      service((_, count) => {
        if (count === 4) writeFileSync(out, 'kept');
        return undefined;
      }),
    );
    await expect(exported(stage)).rejects.toMatchObject({ exitCode: EXIT.usage });
    expect(readFileSync(out, 'utf8')).toBe('kept');
    await exported(new CliStage([]), { resume: true, force: true });
    expect(linesOf(out)).toEqual(EVENTS);
  });

  test('behind a link is not written to', async () => {
    const victim = join(directory, 'victim');
    writeFileSync(victim, 'kept');
    symlinkSync(victim, `${out}.part`);
    await expect(exported(new CliStage([]))).rejects.toMatchObject({ exitCode: EXIT.usage });
    writeFileSync(`${out}.part.json`, '{"bytes":0,"state":{}}');
    await expect(exported(new CliStage([]), { resume: true })).rejects.toMatchObject({ code: 'not_written' });
    await exported(new CliStage(service()), { force: true });
    expect(readFileSync(victim, 'utf8')).toBe('kept');
  });
});

test('a directory that is not there is told by its code, and a reply that is no page, too', async () => {
  out = join(directory, 'none', 'events');
  await expect(exported(new CliStage([]))).rejects.toMatchObject({
    code: 'not_written',
    detail: 'the file cannot be written (ENOENT)',
  });
  mkdirSync(join(directory, 'none'));
  await expect(exported(new CliStage([{ rows: [] }]))).rejects.toMatchObject({ code: 'unexpected_reply' });
  await expect(
    exported(
      new CliStage([
        { events: [], next_cursor: 'a' },
        { events: [], next_cursor: 'a' },
      ]),
    ),
  ).rejects.toMatchObject({ code: 'unexpected_reply', detail: expect.stringContaining('the same page came twice') });
});
