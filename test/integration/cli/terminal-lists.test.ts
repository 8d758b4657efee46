import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ROOT } from '../../../compile/root';
import { displayWidth } from '../../../cli/io/display-width';
import { screenOf } from '../../doubles/terminal-screen';
import { describeUnless } from '../../skip-without';

/** util-linux's `script` gives a command a terminal of its own; BSD's takes other arguments. */
const { stdout: version } = spawnSync('script', ['--version'], { encoding: 'utf8' }) as { stdout: string | null };
const MISSING = version?.includes('util-linux') ? undefined : "util-linux's script is not installed";

const event = (count: number) => ({
  timestamp: '2026-11-21T08:00:01.250Z',
  event_type: count % 2 === 0 ? 'decrypt' : 'unauthorized_access',
  provider: 'openai',
  success: count % 2 === 0,
  user_id: 'arn:aws:sts::111122223333:assumed-role/search-service/i-0123456789abcdef0',
  ip_address: '2001:db8::1',
  request_id: '0f8fad5b-d9cb-469f-a165-70867728950e',
  metadata: { operation: 'reveal_credential', credential: `検索-${'🔑'.repeat(count)}` },
});
const PAGES: Readonly<Record<string, object>> = {
  '': { events: [], next_cursor: 'a' },
  a: { events: [event(0), event(1)], next_cursor: 'b' },
  b: { events: [event(30)] },
};

/** The output of the command on a terminal with this many columns; 0: the terminal does not know. */
async function onTerminal(columns: number, argv: readonly string[]): Promise<string> {
  const server = createServer((request, response) => {
    const cursor = new URL(request.url ?? '', 'http://localhost').searchParams.get('cursor') ?? '';
    response.setHeader('content-type', 'application/json').end(JSON.stringify(PAGES[cursor]));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const command = [process.execPath, join(ROOT, 'bin/keyward.cjs'), ...argv].map((word) => `'${word}'`).join(' ');
  const child = spawn('script', ['-qefc', `stty cols ${columns}; exec ${command}`, '/dev/null'], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      HOME: tmpdir(),
      KEYWARD_ENDPOINT: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      AWS_ACCESS_KEY_ID: 'EXAMPLEACCESSKEY',
      AWS_SECRET_ACCESS_KEY: 'an-example-and-not-a-real-key',
    },
  });
  const closed = once(child, 'close');
  const text = (await buffer(child.stdout)).toString();
  await closed;
  server.close();
  expect(child.exitCode).toBe(0);
  return text;
}

describeUnless(MISSING, 'on a real terminal', () => {
  test.each([40, 63, 80, 120, 200, 0])('of %i columns an event is a line, page after page', async (columns) => {
    const text = await onTerminal(columns, ['audit', '--all']);
    const rows = screenOf(text, 1_000).filter((row) => !row.startsWith('keyward: '));
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(displayWidth(row)).toBeLessThanOrEqual(columns || 80);
    expect(rows[0]).toMatch(/^TIMESTAMP /);
    expect(text.match(/TIMESTAMP/g)).toHaveLength(1);
    // The second column starts at the same position on every page.
    const places = rows.map((row) => /^\S+ +/.exec(row)?.[0].length);
    expect(new Set(places).size).toBe(1);
  });
});
