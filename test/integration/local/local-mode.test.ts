import { execFile, execFileSync } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MAX_PLAINTEXT_BYTES } from '../../../lambdas/core/contract/limits';
import { JSON_FORMS, largestContext, textOf } from '../../doubles/json-forms';
import { testUnless } from '../../skip-without';
import { LocalProcess, temporaryHome } from './local-process';

const KEY = 'sk-example-not-a-real-key';
const openai = '/v1/providers/openai';

const noCurl = (() => {
  const reason = 'there is no curl here of 7.82 or later';
  try {
    return / 7\.8[2-9]|[89]\.\d/.test(execFileSync('curl', ['--version'], { encoding: 'utf8' })) ? undefined : reason;
  } catch {
    return reason;
  }
})();

describe('npm start', () => {
  const { home, remove } = temporaryHome();
  const running: LocalProcess[] = [];
  const start = async (env: Record<string, string> = {}): Promise<LocalProcess> => {
    const started = await LocalProcess.start(home, env);
    running.push(started);
    return started;
  };
  afterAll(async () => {
    await Promise.all(running.map((each) => each.stop('SIGKILL')));
    remove();
  });

  test('a first start serves the whole main job, a second goes on with the same keys', async () => {
    const first = await start();
    const encrypted = await first.call('POST', `${openai}/encrypt`, { plaintext: KEY, context: { tenant: 'a' } });
    expect(encrypted).toMatchObject({ status: 200, body: { provider: 'openai', key_version: 1 } });
    const ciphertext = encrypted.body['ciphertext'];
    const decrypt = (server: LocalProcess) =>
      server.call('POST', `${openai}/decrypt`, { ciphertext, context: { tenant: 'a' } });
    const decrypted = await decrypt(first);
    expect(decrypted).toMatchObject({ status: 200, body: { plaintext: KEY, rewrap_recommended: false } });
    expect(decrypted.headers.get('cache-control')).toBe('no-store');
    const stored = await first.call('PUT', `${openai}/credentials/default`, { api_key: KEY });
    expect(stored).toMatchObject({ status: 201, body: { hint: '-key', revision: 1 } });
    expect(stored.headers.get('etag')).toBe('"1"');
    expect((await first.call('GET', '/readyz')).status).toBe(200);
    expect(await first.stop('SIGINT')).toBe(0);

    const second = await start();
    expect(second.output).toContain('with the keys of an earlier start');
    expect((await decrypt(second)).body['plaintext']).toBe(KEY);
    const revealed = await second.call('POST', `${openai}/credentials/default/reveal`);
    expect(revealed.body['api_key']).toBe(KEY);
    const audit = await second.call('GET', '/v1/audit/events?provider=openai');
    const events = audit.body['events'] as Record<string, unknown>[];
    expect(events.map((event) => event['event_type']).filter((type) => type !== 'config_change')).toEqual([
      'decrypt',
      'decrypt',
      'encrypt',
      'encrypt',
      'decrypt',
      'encrypt',
    ]);
    expect(events[0]).toMatchObject({
      user_id: 'arn:aws:iam::000000000000:user/administrator',
      ip_address: '127.0.0.1',
      success: true,
    });
    expect(await second.stop('SIGTERM')).toBe(0);
    expect(statSync(home).mode & 0o777).toBe(0o700);
    for (const file of ['kek.json', 'credentials', 'principals.json', 'curl-admin.conf']) {
      expect(statSync(join(home, file)).mode & 0o777).toBe(0o600);
    }
  });

  test('what can be encrypted can be decrypted, rewrapped and sent in batches, in every form of JSON', async () => {
    const server = await start();
    const [plaintext, context] = [textOf('\0', MAX_PLAINTEXT_BYTES), largestContext('\0')];
    for (const form of Object.values(JSON_FORMS)) {
      const post = (name: string, body: unknown) => server.call('POST', `${openai}/${name}`, form(body));
      const { ciphertext } = (await post('encrypt', { plaintext, context })).body;
      expect(ciphertext).toMatch(/^kw1\.openai\./);
      // A token with every letter escaped leaves less room: no client writes it so.
      const room = form === JSON_FORMS['all escaped'] ? JSON.stringify : form;
      const decrypted = await server.call('POST', `${openai}/decrypt`, room({ ciphertext, context }));
      expect(decrypted.body['plaintext'] === plaintext).toBe(true);
      expect((await server.call('POST', `${openai}/rewrap`, room({ ciphertext, context }))).status).toBe(200);
      const items = [0, 1, 2].map((index) => ({ plaintext, context, reference: `row-${index}` }));
      const sealed = (await post('encrypt-batch', { items })).body['results'] as { ciphertext: string }[];
      const tokens = { items: sealed.map((result) => ({ ciphertext: result.ciphertext, context })) };
      const opened = (await server.call('POST', `${openai}/decrypt-batch`, room(tokens))).body['results'];
      expect((opened as { plaintext: string }[]).map((result) => result.plaintext === plaintext)).toEqual([
        true,
        true,
        true,
      ]);
    }
    await server.stop();
  });

  test('the example principal may use openai and nothing else', async () => {
    const server = await start();
    const asExample = (method: string, path: string, body?: unknown) => server.call(method, path, body, 'openai-only');
    expect((await asExample('POST', `${openai}/encrypt`, { plaintext: KEY })).status).toBe(200);
    for (const [method, path] of [
      ['POST', '/v1/providers/google/encrypt'],
      ['POST', '/v1/providers/openai/../google/encrypt'],
      ['GET', '/v1/providers'],
    ] as const) {
      const refused = await asExample(method, path, method === 'POST' ? { plaintext: KEY } : undefined);
      expect(refused).toMatchObject({ status: 403, body: { code: 'access_denied', status: 403 } });
    }
    const events = (await server.call('GET', '/v1/audit/events?event_type=unauthorized_access')).body['events'];
    expect(events).toMatchObject([
      { user_id: 'arn:aws:iam::000000000000:user/openai-only', success: false },
      { success: false },
      { success: false },
    ]);
    await server.stop();
  });

  const printedLines = async (env: Record<string, string>): Promise<void> => {
    const server = await start(env);
    const lines = server.output.split('\n').filter((line) => /^ {2}(TOKEN=|curl )/.test(line));
    expect(lines).toHaveLength(7);
    const { stdout } = await promisify(execFile)('sh', ['-c', lines.join('\n')]);
    const replies = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(replies).toMatchObject([
      { plaintext: KEY },
      { name: 'default', hint: '-key' },
      { credentials: [{ name: 'default' }] },
      { api_key: KEY },
      { status: 403, code: 'access_denied' },
      { events: expect.arrayContaining([expect.objectContaining({ event_type: 'unauthorized_access' })]) },
    ]);
    await server.stop();
  };
  testUnless(noCurl, 'the printed lines work as they stand', () => printedLines({}));
  testUnless(noCurl, 'the printed lines work from a directory with a space', () =>
    printedLines({ KEYWARD_HOME: join(home, '..', 'a b') }),
  );

  test('a second process on the same data, a port in use: one sentence each', async () => {
    const server = await start();
    const second = await start();
    expect(second.child.exitCode).toBe(1);
    expect(second.output).toMatch(/^keyward: [^\n]+\n$/);
    await server.stop();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const port = String((taken.address() as AddressInfo).port);
    const refused = await start({ PORT: port });
    expect(refused.child.exitCode).toBe(1);
    expect(refused.output).toBe(`keyward: port ${port} is in use; set PORT to another one\n`);
    taken.close();
    const invalid = await start({ PORT: 'http' });
    expect(invalid.output).toMatch(/^keyward: PORT must be [^\n]+\n$/);
  });

  test('a damaged, missing or readable KEK file: one sentence, nothing overwritten', async () => {
    const kek = join(home, 'kek.json');
    const good = readFileSync(kek, 'utf8');
    const refuses = async (): Promise<void> => {
      const refused = await start();
      expect(refused.child.exitCode).toBe(1);
      expect(refused.output).toMatch(/^keyward: [^\n]*kek\.json[^\n]+\n$/);
    };
    writeFileSync(kek, good.slice(1));
    await refuses();
    expect(readFileSync(kek, 'utf8')).toBe(good.slice(1));
    rmSync(kek);
    await refuses();
    expect(() => statSync(kek)).toThrow();
    writeFileSync(kek, good);
    chmodSync(kek, 0o644);
    await refuses();
    chmodSync(kek, 0o600);
    const server = await start();
    expect(server.url).not.toBe('');
    await server.stop();
  });

  test('a database that is lost is said to be lost, and gets no fresh keys', async () => {
    const before = await start();
    const { ciphertext } = (await before.call('POST', `${openai}/encrypt`, { plaintext: KEY })).body;
    await before.stop();
    renameSync(join(home, 'dynamodb'), join(home, '..', 'lost'));
    const server = await start();
    expect(server.output).toMatch(/ATTENTION +openai: its keyset is gone/);
    const reply = await server.call('POST', `${openai}/decrypt`, { ciphertext });
    expect(reply).toMatchObject({ status: 503, body: { code: 'keys_unavailable' } });
    await server.stop();
    rmSync(join(home, 'dynamodb'), { recursive: true });
    renameSync(join(home, '..', 'lost'), join(home, 'dynamodb'));
    const restored = await start();
    expect((await restored.call('POST', `${openai}/decrypt`, { ciphertext })).body['plaintext']).toBe(KEY);
    await restored.stop();
  });

  test('a lost file of principals is not made anew; curl options follow the credentials', async () => {
    const principals = join(home, 'principals.json');
    const text = readFileSync(principals, 'utf8');
    rmSync(principals);
    const refused = await start();
    expect(refused.output).toMatch(/^keyward: [^\n]*principals\.json is missing[^\n]+\n$/);
    writeFileSync(principals, text, { mode: 0o600 });
    const options = join(home, 'curl-admin.conf');
    const good = readFileSync(options, 'utf8');
    writeFileSync(options, 'user = "old:old"\n');
    const server = await start();
    expect(readFileSync(options, 'utf8')).toBe(good);
    await server.stop();
  });

  test('a reader of the output that goes away ends nothing', async () => {
    const server = await start();
    server.child.stdout?.destroy();
    server.child.stderr?.destroy();
    for (let call = 0; call < 3; call += 1) {
      expect((await server.call('POST', `${openai}/encrypt`, { plaintext: KEY })).status).toBe(200);
    }
    await server.stop();
  });

  test('a data directory that is a file, or open to others: one sentence', async () => {
    const file = join(home, '..', 'file');
    writeFileSync(file, '');
    const open = join(home, '..', 'open');
    mkdirSync(open, { mode: 0o755 });
    for (const directory of [file, open]) {
      const refused = await start({ KEYWARD_HOME: directory });
      expect(refused.child.exitCode).toBe(1);
      expect(refused.output).toMatch(/^keyward: [^\n]+\n$/);
    }
  });

  test('asking for help prints the settings', () => {
    const help = execFileSync(process.execPath, ['bin/local.cjs', '--help'], { encoding: 'utf8' });
    expect(help).toMatch(/PORT[\s\S]*KEYWARD_HOME[\s\S]*KEYWARD_PROVIDERS/);
  });
});
