import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reply } from './signed-request';
import { describeUnless } from '../../skip-without';
import { until } from '../../until';
import { allAuditEvents } from '../audit-pages';
import { LocalProcess } from './local-process';

const KEY = 'sk-example-not-a-real-key';
const PROVIDERS = { KEYWARD_PROVIDERS: 'openai' };

let mount: string;
/** Ids of requests that were answered with success. */
let answered: string[];
let running: LocalProcess | undefined;

/** A file system of 16 MiB. Mounting requires root. */
function mountSmall(path: string): boolean {
  const options = ['-t', 'tmpfs', '-o', 'size=16m,mode=0700', 'tmpfs', path];
  return spawnSync('mount', options, { stdio: 'ignore' }).status === 0;
}

const unmount = (path: string): unknown => spawnSync('umount', ['-l', path], { stdio: 'ignore' });

const cannotMount = (() => {
  const path = mkdtempSync(join(tmpdir(), 'keyward-small-disk-'));
  const isMounted = mountSmall(path);
  if (isMounted) unmount(path);
  rmSync(path, { recursive: true, force: true });
  return isMounted ? undefined : 'a small file system can only be mounted by root';
})();

async function start(): Promise<LocalProcess> {
  running = await LocalProcess.start(join(mount, 'data'), PROVIDERS);
  return running;
}

/** Fills the disk up to this much free space. */
function fill(leaving = 0): void {
  const { bavail, bsize } = statfsSync(mount);
  try {
    writeFileSync(join(mount, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - leaving)));
  } catch (thrown) {
    // A running server has taken some of the room meanwhile: then the disk is full, too.
    if (leaving > 0 || (thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown;
  }
}

const note = (reply: Reply): Reply => {
  if (reply.status < 300) answered.push(reply.headers.get('x-request-id') ?? '');
  return reply;
};

const REFUSED = /_unavailable$|^outcome_unknown$/;

const put = async (server: LocalProcess, name: string): Promise<Reply> =>
  note(await server.call('PUT', `/v1/providers/openai/credentials/${name}`, { api_key: KEY }));

/**
 * Stores credentials until there is no room for one, and returns the stored ones. Just before, a credential can have found room and
 * the event of its outcome not: that is answered as unknown, and smaller writes still succeed.
 */
async function putUntilRefused(server: LocalProcess, round: number): Promise<string[]> {
  const taken: string[] = [];
  for (let attempt = 0; ; attempt += 1) {
    const name = `name-${round}-${attempt}`;
    const { status, body } = await put(server, name);
    if (status === 201) taken.push(name);
    else
      expect({ status, body }).toMatchObject({ status: 503, body: { code: expect.stringMatching(REFUSED) as string } });
    if (status === 503 && body['code'] !== 'outcome_unknown') return taken;
  }
}

async function putAtLast(server: LocalProcess, name: string): Promise<void> {
  const { status } = await until(
    'a credential is taken again',
    () => put(server, name),
    (reply) => reply.status !== 503,
  );
  expect([200, 201]).toContain(status);
}

async function holds(server: LocalProcess, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const revealed = note(await server.call('POST', `/v1/providers/openai/credentials/${name}/reveal`));
    expect(revealed).toMatchObject({ status: 200, body: { api_key: KEY } });
  }
}

async function hasAllEvents(server: LocalProcess): Promise<void> {
  const events = await allAuditEvents((method, path) => server.call(method, path), 'provider=openai');
  const onRecord = new Set(events.map(({ request_id: id }) => id));
  expect(answered.length).toBeGreaterThan(0);
  expect(answered.filter((id) => !onRecord.has(id))).toEqual([]);
}

describeUnless(cannotMount, 'a small disk', () => {
  beforeEach(() => {
    mount = mkdtempSync(join(tmpdir(), 'keyward-small-disk-'));
    answered = [];
    expect(mountSmall(mount)).toBe(true);
  });

  afterEach(async () => {
    await running?.stop('SIGKILL');
    unmount(mount);
    rmSync(mount, { recursive: true, force: true });
  });

  it('serves on with 503 on a full disk, again in full when there is room, and loses nothing, without a restart', async () => {
    const server = await start();
    await put(server, 'before');
    const taken = ['before'];
    for (let round = 0; round < 3; round += 1) {
      fill();
      taken.push(...(await putUntilRefused(server, round)));
      await until(
        'the log says why',
        () => server.output,
        (output) =>
          output.includes('the disk of the data directory is full') && output.includes('"error_name":"ENOSPC"'),
      );
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      expect((await server.call('GET', '/readyz')).status).toBe(503);
      // Everything that needs no write is still readable: no event, no plaintext, only stored data.
      const list = await server.call('GET', '/v1/providers/openai/credentials');
      expect([200, 503]).toContain(list.status);
      rmSync(join(mount, 'ballast'));
      await putAtLast(server, `round-${round}`);
      taken.push(`round-${round}`);
      expect((await server.call('GET', '/readyz')).status).toBe(200);
    }
    await until(
      'the log says that it writes again',
      () => server.output,
      (output) => output.includes('the data directory can be written again'),
    );
    await holds(server, taken);
    expect(server.child.exitCode).toBeNull();
    await server.stop('SIGKILL');
    const again = await start();
    await holds(again, taken);
    await hasAllEvents(again);
    expect(await again.stop()).toBe(0);
  });

  it.each([0, 0.5, 1, 2, 4])(
    'does not start on a disk with only %s × 64 KiB of room, or it serves; nothing is harmed',
    async (room) => {
      const first = await start();
      await put(first, 'before');
      await first.stop('SIGKILL');
      fill(room * 65_536);
      const second = await start();
      if (second.url === '') {
        expect(second.output).toMatch(/^keyward: [^\n]*ENOSPC[^\n]*\n$/);
        expect(await second.stop()).toBe(1);
      } else {
        await second.stop('SIGKILL');
      }
      rmSync(join(mount, 'ballast'));
      const third = await start();
      await holds(third, ['before']);
      await put(third, 'after');
      await holds(third, ['after']);
      await hasAllEvents(third);
    },
  );

  it('does not make a new data directory on a full disk, and says why', async () => {
    fill();
    const refused = await start();
    expect(refused.output).toMatch(/^keyward: [^\n]*ENOSPC[^\n]*\n$/);
    expect(await refused.stop()).toBe(1);
    rmSync(join(mount, 'ballast'));
    const server = await start();
    await put(server, 'first');
    await holds(server, ['first']);
  });
});
