import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { patiently, until } from '../../until';
import { LocalProcess, temporaryHome } from './local-process';

const KEY = 'sk-example-not-a-real-key';
const openai = '/v1/providers/openai';

const running: { readonly server: LocalProcess; readonly remove: () => void }[] = [];
afterAll(async () => {
  for (const { server, remove } of running) {
    await server.stop('SIGKILL');
    remove();
  }
});

/** A separate server, with a token that it has issued. */
async function serve() {
  const { home, remove } = temporaryHome();
  const server = await LocalProcess.start(home, { KEYWARD_PROVIDERS: 'openai' });
  const encrypt = () => server.call('POST', `${openai}/encrypt`, { plaintext: KEY });
  const { ciphertext } = (await patiently(encrypt)).body;
  const served = {
    home,
    server,
    ciphertext,
    encrypt,
    decrypt: () => server.call('POST', `${openai}/decrypt`, { ciphertext }),
    put: () => server.call('PUT', `${openai}/credentials/default`, { api_key: KEY }),
    ready: () => server.call('GET', '/readyz'),
  };
  running.push({ server, remove });
  return served;
}

/** Lines of the log are written in groups, after the replies. */
const says = (server: LocalProcess, text: RegExp): Promise<unknown> =>
  until(`its log has ${String(text)}`, () => text.test(server.output));

const answers = (ask: () => Promise<{ status: number }>, status: number): Promise<unknown> =>
  until(`it answers with ${status}`, ask, (reply) => reply.status === status);

test.concurrent(
  'a KEK file that is removed: nothing is sealed within a minute, tokens open, and it comes back from memory',
  async () => {
    const { home, server, ciphertext, encrypt, decrypt, put, ready } = await serve();
    const kek = join(home, 'kek.json');
    const text = readFileSync(kek, 'utf8');
    const removedAt = Date.now();
    rmSync(kek);
    await answers(ready, 503);
    expect(Date.now() - removedAt).toBeLessThan(60_000);
    expect([(await encrypt()).status, (await put()).status]).toEqual([503, 503]);
    expect((await server.call('POST', `${openai}/rewrap`, { ciphertext })).status).toBe(503);
    expect((await server.call('POST', `${openai}/rotate`, { emergency: true, reason: 'a test' })).status).toBe(503);
    expect(await decrypt()).toMatchObject({ status: 200, body: { plaintext: KEY } });
    await says(server, /"level":"ERROR"[^\n]*kek\.json is missing/);
    await answers(ready, 200);
    expect(readFileSync(kek, 'utf8')).toBe(text);
    await says(server, /"level":"WARN"[^\n]*written back from memory[^\n]*stop the server first/);
    expect([(await encrypt()).status, (await put()).status]).toEqual([200, 201]);
    expect(await server.stop()).toBe(0);
    const next = await LocalProcess.start(home, { KEYWARD_PROVIDERS: 'openai' });
    const reply = await next.call('POST', `${openai}/decrypt`, { ciphertext });
    expect(reply).toMatchObject({ status: 200, body: { plaintext: KEY } });
    expect(await next.stop()).toBe(0);
  },
);

test.concurrent('a KEK file that is damaged stays as it is; put right, all goes on', async () => {
  const { home, server, decrypt, put, ready } = await serve();
  const kek = join(home, 'kek.json');
  cpSync(kek, join(home, '..', 'good'));
  writeFileSync(kek, 'damaged');
  await answers(ready, 503);
  expect((await put()).status).toBe(503);
  expect((await decrypt()).status).toBe(200);
  expect(readFileSync(kek, 'utf8')).toBe('damaged');
  await says(server, /"level":"ERROR"[^\n]*kek\.json is damaged[^\n]*do not stop the server before/);
  renameSync(join(home, '..', 'good'), kek);
  await answers(ready, 200);
  expect((await put()).status).toBe(201);
});

test.concurrent(
  'a database that is removed or replaced under it: nothing is answered as stored, from that moment on',
  async () => {
    const { home, server, encrypt, decrypt, put, ready } = await serve();
    const database = join(home, 'dynamodb');
    renameSync(database, join(home, '..', 'away'));
    expect((await put()).status).toBe(503);
    expect((await decrypt()).status).toBe(503);
    expect((await server.call('GET', `${openai}/credentials`)).status).toBe(503);
    await answers(ready, 503);
    cpSync(join(home, '..', 'away'), database, { recursive: true });
    expect((await encrypt()).status).toBe(503);
    rmSync(database, { recursive: true });
    renameSync(join(home, '..', 'away'), database);
    await answers(ready, 200);
    expect([(await put()).status, (await decrypt()).status]).toEqual([201, 200]);
    rmSync(database, { recursive: true });
    expect((await put()).status).toBe(503);
    expect(await server.stop()).toBe(0);
  },
);

test.concurrent(
  'a data directory that is moved away, and another one in its place: nothing is stored, nothing written into it',
  async () => {
    const { home, server, encrypt, put, ready } = await serve();
    const away = join(home, '..', 'away');
    const asBefore = new LocalCredentials(home);
    renameSync(home, away);
    mkdirSync(home, { mode: 0o700 });
    asBefore.copyTo(home);
    expect((await put()).status).toBe(503);
    await answers(ready, 503);
    // Longer than the time after which a KEK file is written back.
    for (let waited = 0; waited < 80_000; waited += 5_000) {
      await delay(5_000);
      expect((await encrypt()).status).toBe(503);
    }
    expect(existsSync(join(home, 'kek.json'))).toBe(false);
    expect(await server.stop()).toBe(0);
    expect(existsSync(join(home, 'kek.json'))).toBe(false);
    expect(existsSync(join(away, 'running'))).toBe(true);
  },
);

/** The credentials of a directory that is removed, so that a test can still sign. */
class LocalCredentials {
  private readonly text: string;
  constructor(from: string) {
    this.text = readFileSync(join(from, 'credentials'), 'utf8');
  }
  copyTo(to: string): void {
    writeFileSync(join(to, 'credentials'), this.text, { mode: 0o600 });
  }
}

describe('signals', () => {
  let server: LocalProcess;
  beforeEach(async () => {
    ({ server } = await serve());
  });
  const GET = 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n';
  const open = async (): Promise<Socket> => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  };
  const readAll = async (socket: Socket): Promise<string> => {
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString('utf8')));
    socket.on('error', (error) => (text += error.message));
    await once(socket, 'close');
    return text;
  };

  test.each(['SIGTERM', 'SIGHUP', 'SIGINT'] as const)(
    '%s answers on each connection that was made before it, wherever its bytes are, and ends with 0',
    async (signal) => {
      // A stopped process accepts nothing: the system does.
      server.child.kill('SIGSTOP');
      const sockets = await Promise.all(Array.from({ length: 50 }, open));
      const replies = sockets.map(readAll);
      sockets.slice(0, 25).forEach((socket) => socket.write(GET));
      server.child.kill(signal);
      server.child.kill('SIGCONT');
      await delay(300);
      sockets.slice(25).forEach((socket) => socket.write(GET));
      for (const reply of await Promise.all(replies)) expect(reply).toMatch(/^HTTP\/1\.1 200 OK/);
      if (server.child.exitCode === null) await once(server.child, 'close');
      expect(server.child.exitCode).toBe(0);
      expect(server.output).not.toMatch(/\n {4}at /);
    },
  );

  test('a terminal that is closed ends it as SIGTERM does, although nobody reads what it says', async () => {
    server.child.stdout?.destroy();
    server.child.stderr?.destroy();
    expect(await server.stop('SIGHUP')).toBe(0);
  });

  test('a second signal ends it at once', async () => {
    const half = await open();
    half.on('error', () => undefined);
    half.write('GET /healthz');
    await delay(200);
    const closed = once(server.child, 'close');
    server.child.kill('SIGTERM');
    await until('it says that it stops', () => server.output.includes('stopping'));
    // Within half a second it would count as the same Ctrl-C (bin/local.ts).
    await delay(1_100);
    server.child.kill('SIGTERM');
    await closed;
    expect(server.child.exitCode).toBe(130);
    half.destroy();
  });
});
