import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

/** A server in a process of its own (child-server.ts). */
export interface StartedServer {
  readonly child: ChildProcess;
  readonly port: number;
}

/** @param env beside this process's own */
export async function startServer(
  kind: 'keyward' | 'bare',
  home: string,
  env: Readonly<Record<string, string>> = {},
): Promise<StartedServer> {
  const child = fork(resolve(__dirname, 'child-server.ts'), [kind, home], {
    execArgv: ['--require', require.resolve('tsx/cjs')],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...env },
  });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

/** The processor time that a server has taken so far, its threads' included. */
export async function cpuMs(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message');
  child.send('cpu');
  const [{ cpu }] = (await answer) as [{ cpu: NodeJS.CpuUsage }];
  return (cpu.user + cpu.system) / 1000;
}

/** The bytes of a request, for RawHttpClient. */
export function rawRequest(
  port: number,
  request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body: string;
  },
): Buffer {
  const { method, path, headers, body } = request;
  const lines = Object.entries({ host: `127.0.0.1:${port}`, ...headers, 'content-length': Buffer.byteLength(body) });
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}`).join('\r\n')}\r\n\r\n${body}`,
  );
}
