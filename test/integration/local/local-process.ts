import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../../compile/root';
import { credentialsOf, send, type Reply } from './signed-request';

/** `npm start` as a separate process. */
export class LocalProcess {
  output = '';
  url = '';

  private constructor(
    readonly child: ChildProcess,
    readonly home: string,
  ) {
    const collect = (chunk: Buffer): void => {
      this.output += chunk.toString('utf8');
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
  }

  /** Starts, and resolves once it serves or has ended. */
  static async start(home: string, env: Record<string, string> = {}, root = ROOT): Promise<LocalProcess> {
    const child = spawn(process.execPath, ['bin/local.cjs'], {
      cwd: root,
      env: { ...process.env, NODE_NO_WARNINGS: '1', KEYWARD_HOME: home, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new LocalProcess(child, home);
    await new Promise<void>((resolveStarted) => {
      child.stdout.on('data', () => {
        if (started.output.includes('Ctrl-C stops it')) resolveStarted();
      });
      child.once('close', () => {
        resolveStarted();
      });
    });
    started.url = /running at (\S+)/.exec(started.output)?.[1] ?? '';
    return started;
  }

  /** Sends a signed request as one of the two profiles. */
  call(method: string, path: string, body?: unknown, profile = 'default'): Promise<Reply> {
    return send(credentialsOf(this.home, profile), {
      method,
      url: `${this.url}${path}`,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /** Ends it by a signal and returns the exit code, or the signal's name. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const closed = once(this.child, 'close');
      this.child.kill(signal);
      await closed;
    }
    return this.child.exitCode ?? String(this.child.signalCode);
  }
}

/** A new directory name for data, removed by the returned function. */
export function temporaryHome(): { home: string; remove: () => void } {
  const parent = mkdtempSync(join(tmpdir(), 'keyward-test-'));
  return {
    home: join(parent, 'data'),
    remove: () => {
      rmSync(parent, { recursive: true, force: true });
    },
  };
}
