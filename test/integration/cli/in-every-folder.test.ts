import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ROOT } from '../../../compile/root';
import { bin, version } from '../../../package.json';

/** What README.md has a user paste, in a shell of a folder that is not the clone's, with stdin a pipe and a registry that notes who asks. */

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const SET_UP =
  /^## Use it from the shell\n\n(?:<!-- [^>]+ -->\n)?```sh\n([^`]*(?:`[^`]+`[^`]*)*?)```$/m.exec(README)?.[1] ?? '';

const asked: string[] = [];
const registry = createServer(({ method, url }, response) => {
  asked.push(`${method ?? ''} ${url ?? ''}`);
  response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":"not found"}');
});
const elsewhere = mkdtempSync(join(tmpdir(), 'keyward-elsewhere-'));

beforeAll(async () => {
  registry.listen(0, '127.0.0.1');
  await once(registry, 'listening');
});
afterAll(() => {
  registry.closeAllConnections();
  registry.close();
  rmSync(elsewhere, { recursive: true, force: true });
});
beforeEach(() => {
  asked.length = 0;
});

async function inShell(script: string): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn('sh', ['-c', script], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      HOME: elsewhere,
      ELSEWHERE: elsewhere,
      npm_config_cache: join(elsewhere, 'cache'),
      npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
      npm_config_update_notifier: 'false',
      npm_config_fetch_retries: '0',
    },
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end('from a pipe');
  const closed = once(child, 'close');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await closed;
  return { code: child.exitCode, out, err };
}

test('the folder for PATH has this one command, and npm links the same: a shell completes its name at once', () => {
  const isCommand = (name: string): boolean => (statSync(join(ROOT, 'bin', name)).mode & 0o111) !== 0;
  expect(readdirSync(join(ROOT, 'bin')).filter(isCommand)).toEqual(['keyward']);
  expect(bin).toEqual({ keyward: 'bin/keyward' });
});

test('the command runs in every folder, and no registry is asked', async () => {
  expect(SET_UP).toContain('PATH');
  expect(await inShell(`${SET_UP}\ncd "$ELSEWHERE"\nkeyward --version && printf %s "$KEYWARD_HOME"`)).toEqual({
    code: 0,
    out: `${version}\n${ROOT}/.keyward`,
    err: '',
  });
  const refused = await inShell(
    `${SET_UP}\ncd "$ELSEWHERE"\nkeyward encrypt openai --endpoint http://127.0.0.1:9/ --profile nobody`,
  );
  expect(refused).toMatchObject({ out: '', err: expect.stringMatching(/^keyward: [a-z_]+: /) });
  expect(asked).toEqual([]);
});

test('npx would ask one', async () => {
  await inShell('cd "$ELSEWHERE"\nnpx keyward --version');
  expect(asked).toContain('GET /keyward');
});

test.each(['README.md', 'docs/operations.md', 'docs/architecture.md'])('%s does not tell anybody to', (name) => {
  expect(readFileSync(join(ROOT, name), 'utf8')).not.toMatch(/npx (-\S+ )*keyward/);
});
