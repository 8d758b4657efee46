import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { ApiCall } from '../../../cli/client/api-call';
import { exportAuditLog } from '../../../cli/commands/export-audit';
import { CliError, EXIT } from '../../../cli/io/cli-error';
import { cliFailureOf } from '../../doubles/cli-failure-of';
import { CliStage } from '../../doubles/cli-stage';
import { REGION, servedLog } from './served-log';

let parent: string;
let directory: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'keyward-log-'));
  directory = join(parent, 'log');
});
afterEach(() => {
  rmSync(parent, { recursive: true });
});

const exported = async (stage: CliStage): Promise<string> => {
  await exportAuditLog(stage.session, [], { log: directory });
  return stage.stdout.text;
};
const files = (): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(directory, name)).isFile())
    .toSorted();
const read = (name: string): Buffer => readFileSync(join(directory, name));
const pathsRead = ({ calls }: CliStage): string[] => calls.flatMap(({ query }) => query?.['path'] ?? []);

test('copies what the checkpoint needs and the archived lines, for their owner alone', async () => {
  const { serve, grow, log } = servedLog();
  await grow(300);
  expect(await exported(new CliStage(serve))).toMatch(/^region +eu-west-1\nsize +300\nfiles +\d+\ndirectory /);
  expect(read('checkpoint').equals(log.values.get('checkpoint')!.bytes)).toBe(true);
  for (const name of ['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/44'])
    expect(read(name).equals(log.store.get(name)!)).toBe(true);
  for (const name of [...log.store.keys()].filter((path) => path.startsWith('index/')))
    expect(read(name).equals(log.store.get(name)!)).toBe(true);
  const archived = files().filter((name) => name.startsWith('archive/'));
  expect(archived.length).toBeGreaterThan(0);
  for (const name of archived) {
    const sha256 = createHash('sha256')
      .update(gunzipSync(read(name)))
      .digest('hex');
    expect(name.endsWith(`/${sha256}.gz`)).toBe(true);
  }
  expect(files().filter((name) => name.includes('.part'))).toEqual([]);
  for (const name of files()) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
});

test('later reads only what is new', async () => {
  const { serve, grow } = servedLog();
  await grow(300);
  await exported(new CliStage(serve));
  const before = files();
  await grow(2);
  const stage = new CliStage(serve);
  await exported(stage);
  const fresh = files().filter((name) => !before.includes(name));
  expect(fresh.some((name) => name.startsWith('archive/'))).toBe(true);
  expect(pathsRead(stage).toSorted()).toEqual(
    ['checkpoint', 'checkpoint', 'keys', 'state', ...fresh.map((name) => name.replace(/\.gz$/, ''))].toSorted(),
  );
});

test('a publication while it begins is copied whole, or not at all', async () => {
  const { serve, grow, log } = servedLog();
  await grow(2);
  let published = false;
  const stage = new CliStage(async (call) => {
    const reply = await serve(call);
    if (call.query?.['path'] === 'checkpoint' && !published) {
      published = true;
      await grow(3);
    }
    return reply;
  });
  await exported(stage);
  for (const name of ['checkpoint', 'state'] as const)
    expect(read(name).equals(log.values.get(name)!.bytes)).toBe(true);
  // The reads of this command are events, too.
  const size = Number(read('checkpoint').toString('utf8').split('\n')[1]);
  expect(size).toBeGreaterThanOrEqual(5);
  expect(files()).toEqual(expect.arrayContaining([`tile/0/000.p/${size}`, `tile/entries/000.p/${size}`]));
});

test('copies also what the publisher decided about and the archive no longer lists', async () => {
  const { serve, grow } = servedLog();
  await grow(2);
  const stage = new CliStage(async (call) => {
    const reply = await serve(call);
    return call.query?.['prefix'] === 'archive/' ? { region: REGION, prefix: 'archive/', paths: [] } : reply;
  });
  await exported(stage);
  expect(files().filter((name) => name.startsWith('archive/'))).toHaveLength(1);
});

test('goes on after every failure at any call, and the checkpoint never is there before what it needs', async () => {
  const { serve, grow } = servedLog();
  await grow(5);
  const away = new CliError(EXIT.refused, 'access_denied', 'away');
  let ended = false;
  for (let allowed = 0; !ended; allowed += 1) {
    let left = allowed;
    const stage = new CliStage((call: ApiCall) => ((left -= 1) >= 0 ? serve(call) : away));
    ended = await exported(stage).then(
      () => true,
      () => false,
    );
    expect(existsSync(join(directory, 'checkpoint'))).toBe(ended);
  }
  expect(files()).toEqual(expect.arrayContaining(['tile/0/000.p/5', 'tile/entries/000.p/5', 'state', 'keys']));
});

test('Ctrl-C ends it, and the same command goes on', async () => {
  const { serve, grow } = servedLog();
  await grow(3);
  const stage = new CliStage((call) => {
    if (call.query?.['path']?.startsWith('archive/') === true) stage.time.interrupt();
    return serve(call);
  });
  expect((await cliFailureOf(exported(stage))).exitCode).toBe(EXIT.interrupted);
  expect(existsSync(join(directory, 'checkpoint'))).toBe(false);
  await exported(new CliStage(serve));
  expect(existsSync(join(directory, 'checkpoint'))).toBe(true);
});

test('what was copied is kept: no other log and no shorter one takes its place', async () => {
  const { serve, grow, log } = servedLog();
  await grow(2);
  const shorter = log.values.get('checkpoint')!;
  await grow(2);
  await exported(new CliStage(serve));
  const longer = read('checkpoint');
  log.values.set('checkpoint', shorter);
  expect((await cliFailureOf(exported(new CliStage(serve)))).code).toBe('log_went_back');
  expect(read('checkpoint').equals(longer)).toBe(true);
  const other = servedLog();
  await other.grow(9);
  other.log.keysFile = Buffer.from('other keys\n');
  const failure = await cliFailureOf(exported(new CliStage(other.serve)));
  expect([failure.code, failure.message]).toEqual(['usage', expect.stringContaining('other keys')]);
  const made = servedLog();
  await made.grow(9);
  made.log.renewKeys('of somebody else');
  expect((await cliFailureOf(exported(new CliStage(made.serve)))).message).toContain('other keys');
  expect(read('checkpoint').equals(longer)).toBe(true);
});

test('a log whose keys have handed over to others is the same log', async () => {
  const { serve, grow, log } = servedLog();
  await grow(2);
  await exported(new CliStage(serve));
  const before = read('keys');
  log.renewKeys('the next keys');
  await grow(3);
  await exported(new CliStage(serve));
  expect(read('keys').equals(before)).toBe(false);
  expect(readdirSync(join(directory, 'hand-over'))).toHaveLength(2);
});

test('a service that names paths outside of the log writes nothing', async () => {
  const { serve, grow } = servedLog();
  await grow(1);
  for (const path of ['archive/../../kek.json', '../kek.json', 'index/../../x', '/etc/x', 'archive/.part']) {
    const stage = new CliStage(async (call) => {
      const reply = await serve(call);
      return call.query?.['prefix'] === 'archive/' ? { region: REGION, prefix: 'archive/', paths: [path] } : reply;
    });
    expect((await cliFailureOf(exported(stage))).code).toBe('unexpected_reply');
    expect(readdirSync(parent)).toEqual(['log']);
    expect(existsSync(join(directory, 'checkpoint'))).toBe(false);
  }
});

test('asks for the region where several have a log, and says so where none is published', async () => {
  const two = servedLog([REGION, 'us-east-1']);
  await two.grow(1);
  expect((await cliFailureOf(exported(new CliStage(two.serve)))).message).toContain('--log-region');
  const stage = new CliStage(two.serve);
  await exportAuditLog(stage.session, [], { log: directory, 'log-region': 'us-east-1' });
  expect(stage.stdout.text).toMatch(/size +0/);
  const none = servedLog();
  expect((await cliFailureOf(exported(new CliStage(none.serve)))).code).toBe('log_object_not_found');
});

test.each([
  [{}, '--out or --log'],
  [{ log: 'x', out: 'y' }, '--out or --log'],
  [{ log: 'x', csv: true }, '--log'],
  [{ log: 'x', provider: 'openai' }, '--log'],
  [{ out: 'x', 'log-region': 'us-east-1' }, '--log-region'],
])('the options %j are refused before a call', async (options, named) => {
  const failure = await cliFailureOf(exportAuditLog(new CliStage([]).session, [], options));
  expect([failure.code, failure.message.startsWith(named)]).toEqual(['usage', true]);
});

test('a file where the directory should be is a failure with the reason of the system', async () => {
  const { serve, grow } = servedLog();
  await grow(1);
  writeFileSync(directory, '');
  const failure = await cliFailureOf(exported(new CliStage(serve)));
  expect(failure.code).toBe('not_written');
});
