import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AMPLE_MS } from '../../ample-limits';
import { LocalProcess, temporaryHome } from './local-process';

const CALLS = 12;

/** Ends the server as a bug in it would. */
const FAULT = `process.on('SIGUSR2', () => { throw new TypeError('not to be shown'); });`;

test.each([
  ['it is told to stop', 'SIGTERM', 0],
  ['an error that nobody expected', 'SIGUSR2', 1],
] as const)(
  'the log has the line of each answered request when the server ends because of %s',
  async (_, signal, code) => {
    const { home, remove } = temporaryHome();
    try {
      const preload = join(home, '..', 'fault.cjs');
      writeFileSync(preload, FAULT);
      const server = await LocalProcess.start(home, { NODE_OPTIONS: `--require ${preload}` });
      const calls = Array.from({ length: CALLS }, () =>
        server.call('POST', '/v1/providers/openai/encrypt', { plaintext: 'sk-example-not-a-real-key' }),
      );
      expect((await Promise.all(calls)).map(({ status }) => status)).toStrictEqual(calls.map(() => 200));
      // At once: the lines of the last calls still wait for others then.
      expect(await server.stop(signal)).toBe(code);
      expect(server.output.match(/"message":"request served"/g)).toHaveLength(CALLS);
      expect(server.output).not.toContain('not to be shown');
    } finally {
      remove();
    }
  },
  AMPLE_MS,
);
