import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import os, { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { makeSocketDirectory } from '../../local/database/socket-directory';

let parent: string;
let temporary: string;
let fallback: string;
const servers: Server[] = [];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'kws-'));
  temporary = join(parent, 't');
  fallback = join(parent, 'h');
  await mkdir(temporary);
  await mkdir(fallback);
  jest.spyOn(os, 'tmpdir').mockReturnValue(temporary);
});

afterEach(async () => {
  jest.restoreAllMocks();
  for (const server of servers.splice(0)) server.close();
  await rm(parent, { recursive: true, force: true });
});

const aMinuteAgo = (): Date => new Date(Date.now() - 60_000);

async function listenIn(directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  const server = createServer().listen(join(directory, 'dynamodb'));
  servers.push(server);
  await once(server, 'listening');
  await utimes(join(directory, 'dynamodb'), aMinuteAgo(), aMinuteAgo());
}

/** A socket of a killed process. */
async function leaveIn(directory: string): Promise<void> {
  await mkdir(directory, { mode: 0o700 });
  const path = join(directory, 'dynamodb');
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', script]), 'exit');
  await utimes(path, aMinuteAgo(), aMinuteAgo());
}

it('makes it in the temporary directory, for this user alone, and takes it away', async () => {
  const made = await makeSocketDirectory(fallback);
  const { socketPath } = made;
  expect(dirname(dirname(socketPath))).toBe(temporary);
  expect((await stat(dirname(socketPath))).mode & 0o777).toBe(0o700);
  await writeFile(socketPath, '');
  await made.remove();
  await made.remove();
  expect(await readdir(temporary)).toEqual([]);
  expect(await readdir(fallback)).toEqual([]);
});

it('makes it in the data directory where the temporary one is missing, or its path too long', async () => {
  jest.spyOn(os, 'tmpdir').mockReturnValue(join(temporary, 'missing'));
  const first = await makeSocketDirectory(fallback);
  expect(dirname(dirname(first.socketPath))).toBe(fallback);
  await first.remove();
  const long = join(temporary, 'x'.repeat(100));
  await mkdir(long);
  jest.spyOn(os, 'tmpdir').mockReturnValue(long);
  const second = await makeSocketDirectory(fallback);
  expect(dirname(dirname(second.socketPath))).toBe(fallback);
  await second.remove();
});

it('says in one sentence that neither will do', async () => {
  const missing = join(temporary, 'missing');
  jest.spyOn(os, 'tmpdir').mockReturnValue(missing);
  const long = join(fallback, 'x'.repeat(100));
  await mkdir(long);
  await expect(makeSocketDirectory(long)).rejects.toMatchObject({
    code: 'configuration_invalid',
    message: `a socket can be made neither in the temporary directory nor in the data directory: ${missing} (ENOENT), ${long} (its path is too long); set TMPDIR to a directory with a short path that can be written`,
  });
  await expect(makeSocketDirectory()).rejects.toMatchObject({ code: 'configuration_invalid' });
  expect(await readdir(long)).toEqual([]);
});

it('removes what dead processes left, in either place, and nothing else', async () => {
  await leaveIn(join(temporary, 'keyward-dead01'));
  await leaveIn(join(fallback, 'keyward-dead02'));
  const stay = [
    'keyward-living',
    'keyward-young1',
    'keyward-others',
    'keyward-inside',
    'keyward-aslink',
    'keyward-afile1',
    'keyward-nosock',
    'keyward-empty1',
    'keyward-longer-name',
    'somebody-else1',
  ];
  await listenIn(join(temporary, 'keyward-living'));
  await leaveIn(join(temporary, 'keyward-young1'));
  const soon = new Date(Date.now() + 60_000);
  await utimes(join(temporary, 'keyward-young1', 'dynamodb'), soon, soon);
  await leaveIn(join(temporary, 'keyward-others'));
  await chmod(join(temporary, 'keyward-others'), 0o755);
  await leaveIn(join(temporary, 'keyward-inside'));
  await writeFile(join(temporary, 'keyward-inside', 'notes'), '');
  await leaveIn(join(parent, 'elsewhere'));
  await symlink(join(parent, 'elsewhere'), join(temporary, 'keyward-aslink'));
  await writeFile(join(temporary, 'keyward-afile1'), '', { mode: 0o700 });
  await mkdir(join(temporary, 'keyward-nosock'), { mode: 0o700 });
  await writeFile(join(temporary, 'keyward-nosock', 'dynamodb'), '');
  await utimes(join(temporary, 'keyward-nosock', 'dynamodb'), aMinuteAgo(), aMinuteAgo());
  // A new socket may be of a process that is starting; one of yesterday is not.
  await mkdir(join(temporary, 'keyward-empty1'), { mode: 0o700 });
  await mkdir(join(temporary, 'keyward-empty2'), { mode: 0o700 });
  await utimes(join(temporary, 'keyward-empty2'), new Date(0), new Date(0));
  await leaveIn(join(temporary, 'keyward-longer-name'));
  await leaveIn(join(temporary, 'somebody-else1'));
  const made = await makeSocketDirectory(fallback);
  await made.remove();
  const madeToo = await makeSocketDirectory(join(parent, 'missing'));
  await madeToo.remove();
  expect((await readdir(temporary)).sort()).toEqual(stay.sort());
  expect(existsSync(join(parent, 'elsewhere', 'dynamodb'))).toBe(true);
  jest.spyOn(os, 'tmpdir').mockReturnValue(join(temporary, 'missing'));
  await (await makeSocketDirectory(fallback)).remove();
  expect(await readdir(fallback)).toEqual([]);
});
