import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Reply } from './signed-request';
import { LocalProcess } from './local-process';

const KEY = 'sk-example-not-a-real-key';
const PROVIDERS = { KEYWARD_PROVIDERS: 'openai' };

let mount: string;
let running: LocalProcess | undefined;

/** A file system of 16 MiB. Mounting takes root. */
function mountSmall(path: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m,mode=0700', 'tmpfs', path], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

beforeEach(() => {
  mount = mkdtempSync(join(tmpdir(), 'keyward-small-disk-'));
});

afterEach(async () => {
  await running?.stop('SIGKILL');
  try {
    execFileSync('umount', ['-l', mount], { stdio: 'ignore' });
  } catch {
    // It was not mounted.
  }
  rmSync(mount, { recursive: true, force: true });
});

const skipped = (): void => {
  process.stderr.write('SKIPPED: a small file system can only be mounted by root\n');
};

async function start(): Promise<LocalProcess> {
  running = await LocalProcess.start(join(mount, 'data'), PROVIDERS);
  return running;
}

/** Takes all the room there is, but for so much. */
function fill(leaving = 0): void {
  const { bavail, bsize } = statfsSync(mount);
  writeFileSync(join(mount, 'ballast'), Buffer.alloc(Math.max(0, bavail * bsize - leaving)));
}

const put = (server: LocalProcess, name: string): Promise<Reply> =>
  server.call('PUT', `/v1/providers/openai/credentials/${name}`, { api_key: KEY });

/** Stores credentials until one is refused, and says which were taken. */
async function putUntilRefused(server: LocalProcess): Promise<string[]> {
  const taken: string[] = [];
  for (;;) {
    const name = `name-${taken.length}`;
    const reply = await put(server, name);
    if (reply.status !== 201) {
      expect(reply).toMatchObject({ status: 503, body: { code: expect.stringMatching(/_unavailable$/) as string } });
      return taken;
    }
    taken.push(name);
  }
}

async function putAtLast(server: LocalProcess, name: string): Promise<void> {
  for (;;) {
    const { status } = await put(server, name);
    if (status === 201 || status === 200) return;
    expect(status).toBe(503);
    await delay(250);
  }
}

async function holds(server: LocalProcess, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const revealed = await server.call('POST', `/v1/providers/openai/credentials/${name}/reveal`);
    expect(revealed).toMatchObject({ status: 200, body: { api_key: KEY } });
  }
}

it('serves on with 503 on a full disk, again in full when there is room, and loses nothing, without a restart', async () => {
  if (!mountSmall(mount)) {
    skipped();
    return;
  }
  const server = await start();
  await put(server, 'before');
  const taken = ['before'];
  for (let round = 0; round < 3; round += 1) {
    fill();
    taken.push(...(await putUntilRefused(server)));
    expect(server.output).toContain('the disk of the data directory is full');
    expect(server.output).toContain('"error_name":"ENOSPC"');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await server.call('GET', '/readyz')).status).toBe(503);
    // What needs no writing is still there to read: no event, no plaintext, but what is stored.
    const list = await server.call('GET', '/v1/providers/openai/credentials');
    expect([200, 503]).toContain(list.status);
    rmSync(join(mount, 'ballast'));
    await putAtLast(server, `round-${round}`);
    taken.push(`round-${round}`);
    expect((await server.call('GET', '/readyz')).status).toBe(200);
  }
  expect(server.output).toContain('the data directory can be written again');
  await holds(server, taken);
  expect(server.child.exitCode).toBeNull();
  await server.stop('SIGKILL');
  const again = await start();
  await holds(again, taken);
  expect(await again.stop()).toBe(0);
}, 600_000);

it.each([0, 0.5, 1, 2, 4])(
  'does not start on a disk with only %s × 64 KiB of room, or it serves; nothing is harmed',
  async (room) => {
    if (!mountSmall(mount)) {
      skipped();
      return;
    }
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
  },
  600_000,
);

it('does not make a new data directory on a full disk, and says why', async () => {
  if (!mountSmall(mount)) {
    skipped();
    return;
  }
  fill();
  const refused = await start();
  expect(refused.output).toMatch(/^keyward: [^\n]*ENOSPC[^\n]*\n$/);
  expect(await refused.stop()).toBe(1);
  rmSync(join(mount, 'ballast'));
  const server = await start();
  await put(server, 'first');
  await holds(server, ['first']);
}, 600_000);
