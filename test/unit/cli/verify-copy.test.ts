import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { verifyAuditLog } from '../../../cli/commands/verify-audit';
import type { CliError } from '../../../cli/io/cli-error';
import { KEYS_PATH } from '../../../lambdas/core/transparency/log-keys';
import { CliStage } from '../../doubles/cli-stage';
import { auditWorld, type AuditWorld } from '../transparency/audit-world';
import { HOUR_MS } from '../transparency/publisher-world';

/**
 * The copy of a log in another region, fetched by `aws s3 sync` of its two buckets into one directory, after the region of the log is
 * lost. S3 replicates each object version by itself, in no order, so the last ones may be missing (S3 User Guide, "Replicating objects
 * within and across Regions"); earlier versions of what is overwritten are there.
 */

let home: string;
let world: AuditWorld;
/** Each object with its versions, oldest first. */
let copy: Map<string, Buffer[]>;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'keyward-copy-'));
  world = auditWorld();
  copy = new Map();
  for (const [from, to] of [
    [0, 300],
    [300, 400],
    [400, 420],
  ] as const) {
    world.happen(from, to);
    await world.log.publish();
    await replicate();
    world.log.now += HOUR_MS;
  }
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

async function replicate(): Promise<void> {
  const paths = ['checkpoint', 'state', KEYS_PATH];
  for (const prefix of ['tile/', 'index/', 'archive/']) paths.push(...(await world.files.list(prefix)));
  for (const path of paths) {
    const bytes = (await world.files.read(path))!;
    const versions = copy.get(path) ?? [];
    if (versions.at(-1)?.equals(bytes) !== true) copy.set(path, [...versions, bytes]);
  }
}

/** The newest versions in a directory, objects of the archive as they are stored. */
function sync(): string {
  const directory = join(home, 'copy');
  rmSync(directory, { recursive: true, force: true });
  for (const [path, versions] of copy) {
    const isArchive = path.startsWith('archive/');
    const at = join(directory, isArchive ? `${path}.gz` : path);
    mkdirSync(dirname(at), { recursive: true });
    const bytes = versions.at(-1) as Buffer;
    writeFileSync(at, isArchive ? gzipSync(bytes) : bytes);
  }
  return directory;
}

async function verify(daysLater = 0) {
  const stage = new CliStage(() => new Error('there is no service'), { env: { XDG_STATE_HOME: home } });
  stage.time.wallClock = () => world.log.now + daysLater * 24 * HOUR_MS;
  const error = await verifyAuditLog(stage.session, [], { offline: sync() }).then(
    () => undefined,
    (thrown: unknown) => thrown as CliError,
  );
  return { out: stage.stdout.text, detail: error?.detail };
}

test('the whole copy is verified without the region, also days later', async () => {
  const { out, detail } = await verify(10);
  expect(detail).toBeUndefined();
  expect(out).toContain('420 entries with an archived line, of 420 lines');
});

test('an object that did not arrive is found; with the checkpoint before, the log is whole up to there', async () => {
  const newest = [...copy.keys()].filter((path) => path.startsWith('tile/entries/') && path.includes('.p/')).at(-1)!;
  copy.delete(newest);
  expect((await verify()).detail).toBe('the audit log does not hold: 1 truncated');
  copy.get('checkpoint')!.pop();
  const { out, detail } = await verify();
  expect(detail).toBeUndefined();
  expect(out).toContain('400 entries with an archived line, of 420 lines');
  expect(out).toContain('20 events not yet published');
});

test('what was edited in the copy is found', async () => {
  const [path] = [...copy.keys()].filter((each) => each.startsWith('archive/'));
  const edited = copy.get(path!)!.at(-1)!.toString('utf8').replace('openai', 'google');
  copy.set(path!, [Buffer.from(edited)]);
  expect((await verify()).detail).toMatch(/edited/);
});
