import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CORES, pinned } from './cores';

/** A server in a separate process (child-server.cjs). */
export interface StartedServer {
  readonly child: ChildProcess;
  readonly port: number;
}

/**
 * Starts a server on the servers' core.
 *
 * @param home its log is beside it
 * @param env added to this process's environment
 */
export async function startServer(
  kind: 'keyward' | 'bare',
  home: string,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedServer> {
  const log = kind === 'keyward' ? openSync(`${home}.log`, 'a') : undefined;
  const [execPath, ...execArgv] = pinned(CORES.server, [process.execPath]);
  const child = fork(resolve(__dirname, 'child-server.cjs'), [kind, home], {
    execPath,
    execArgv,
    stdio: ['ignore', 'ignore', log ?? 'inherit', 'ipc'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
  });
  if (log !== undefined) closeSync(log);
  const started = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => undefined)]);
  if (started === undefined) {
    throw new Error(
      `the ${kind} server did not start: ${log === undefined ? '' : readFileSync(`${home}.log`, 'utf8')}`,
    );
  }
  return { child, port: (started[0] as { port: number }).port };
}

/** Ends a server, and waits for its exit. */
export async function endServer({ child }: StartedServer): Promise<void> {
  const ended = once(child, 'exit');
  child.disconnect();
  await ended;
}

/** Returns the processor time that a server has used so far, its threads included. */
export async function cpuMs(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message');
  child.send('cpu');
  const [{ cpu }] = (await answer) as [{ cpu: NodeJS.CpuUsage }];
  return (cpu.user + cpu.system) / 1000;
}

/** A complete request, without its destination. */
export interface PreparedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The bytes of a request, for RawHttpClient. */
export function rawRequest(port: number, request: PreparedRequest): Buffer {
  const { method, path, headers, body } = request;
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers, 'content-length': Buffer.byteLength(body) });
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`,
  );
}
