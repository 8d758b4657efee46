import { readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { parseLogKeys } from '../../../lambdas/core/transparency/log-keys';
import { auditLog, policyOf } from '../../unit/transparency/published-log';
import { runs } from '../../effort';
import { LocalProcess, temporaryHome } from './local-process';

const ROUNDS = runs(6, 2);
const CALLS = 12;

async function publish(server: LocalProcess): Promise<number> {
  for (;;) {
    const reply = await server.call('POST', '/v1/audit/log', { action: 'publish' });
    expect([200, 202]).toContain(reply.status);
    if (reply.body['finished'] === true) return Number(reply.body['size']);
  }
}

async function bytesAt(server: LocalProcess, path: string): Promise<Buffer> {
  const reply = await server.call('GET', `/v1/audit/log?region=us-east-1&path=${encodeURIComponent(path)}`);
  expect(reply.status).toBe(200);
  return Buffer.from(String(reply.body['data']), 'base64');
}

async function pathsBelow(server: LocalProcess, prefix: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for (let cursor = ''; ;) {
    const reply = await server.call('GET', `/v1/audit/log?region=us-east-1&prefix=${prefix}${cursor}`);
    expect(reply.status).toBe(200);
    paths.push(...(reply.body['paths'] as string[]));
    const next = reply.body['next_cursor'];
    if (typeof next !== 'string') return paths;
    cursor = `&cursor=${encodeURIComponent(next)}`;
  }
}

test('killed while it publishes, it leaves one log with each event once; what it cannot sign it says at the start', async () => {
  const { home, remove } = temporaryHome();
  const checkpoints: Buffer[] = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const server = await LocalProcess.start(home);
      for (let call = 0; call < CALLS; call += 1) {
        const sealed = await server.call('POST', '/v1/providers/openai/encrypt', { plaintext: 'x' });
        expect(sealed.status).toBe(200);
      }
      const asked = server.call('POST', '/v1/audit/log', { action: 'publish' }).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 150));
      await server.stop('SIGKILL');
      await asked;
    }
    const server = await LocalProcess.start(home);
    const size = await publish(server);
    expect(size).toBeGreaterThanOrEqual(ROUNDS * CALLS);
    checkpoints.push(await bytesAt(server, 'checkpoint'));
    const store = new Map<string, Buffer>();
    for (const prefix of ['tile/', 'index/'])
      for (const path of await pathsBelow(server, prefix)) store.set(path, await bytesAt(server, path));
    const lines: string[] = [];
    for (const path of await pathsBelow(server, 'archive/'))
      lines.push(...(await bytesAt(server, path)).toString('utf8').split('\n').slice(0, -1));
    const keys = parseLogKeys(await bytesAt(server, 'keys')).value!;
    const ids = await auditLog({ checkpoints, store }, lines, policyOf(keys.log, keys.cosigner));
    expect(ids).toHaveLength(size);
    const sealed = lines.filter((line) => line.includes('"event_type":"encrypt"'));
    expect(sealed.length).toBeGreaterThanOrEqual(ROUNDS * CALLS);
    expect(await server.stop()).toBe(0);

    // Without its key the log is not begun anew, and calls are served.
    renameSync(join(home, 'log', 'log.key'), join(home, 'log.key'));
    const keyless = await LocalProcess.start(home);
    expect(keyless.output).toMatch(/ATTENTION .*log\.key is missing although the log/);
    expect((await keyless.call('POST', '/v1/providers/openai/encrypt', { plaintext: 'x' })).status).toBe(200);
    expect((await keyless.call('POST', '/v1/audit/log', { action: 'publish' })).status).toBe(503);
    expect(await keyless.stop()).toBe(0);
    expect(keyless.output).toContain('its directory or its keys cannot be used');
    expect(readFileSync(join(home, 'log', 'checkpoint'))).toEqual(checkpoints[0]);
    renameSync(join(home, 'log.key'), join(home, 'log', 'log.key'));
    const again = await LocalProcess.start(home);
    expect(again.output).not.toContain('ATTENTION');
    expect(await publish(again)).toBeGreaterThan(size);
    expect(await again.stop()).toBe(0);
  } finally {
    remove();
  }
});
