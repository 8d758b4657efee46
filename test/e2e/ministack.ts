import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installFromPyPI } from '../install-from-pypi';
import { until } from '../until';
import { Stop } from './stop';

const PACKAGE = { name: 'ministack', version: '1.5.33' };

/**
 * Installs MiniStack from PyPI into `.cache`, unless it is there.
 *
 * @returns the Python that has it
 * @throws NotAvailable where that cannot be
 */
export const installMiniStack = (): string => join(installFromPyPI(PACKAGE), 'python');

/** MiniStack as a process of its own, on a free port of 127.0.0.1, with all its data in one temporary directory. */
export class MiniStack {
  private constructor(
    readonly port: number,
    private readonly child: ChildProcess,
    private readonly home: string,
    private readonly logFile: string,
  ) {}

  /** Starts it with signatures and policies enforced, and resolves once it answers. */
  static async start(root: { accessKeyId: string; secretAccessKey: string }): Promise<MiniStack> {
    const port = await freePort();
    const home = mkdtempSync(join(tmpdir(), 'keyward-e2e-'));
    const logFile = join(home, 'ministack.log');
    const log = openSync(logFile, 'w');
    // A group of its own, so that its workers end with it.
    const child = spawn(installMiniStack(), ['-m', 'ministack'], {
      cwd: home,
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        PATH: process.env['PATH'],
        HOME: home,
        TMPDIR: home,
        BIND_HOST: '127.0.0.1',
        // In the URLs of queues, and in the names of APIs.
        MINISTACK_HOST: '127.0.0.1',
        GATEWAY_PORT: String(port),
        AUTH: 'true',
        LOG_LEVEL: 'INFO',
        STATE_DIR: join(home, 'state'),
        S3_DATA_DIR: join(home, 's3'),
        // Whoever is not signed belongs to this account.
        MINISTACK_ACCOUNT_ID: root.accessKeyId,
        AWS_ACCESS_KEY_ID: root.accessKeyId,
        AWS_SECRET_ACCESS_KEY: root.secretAccessKey,
        AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      },
    });
    closeSync(log);
    const started = new MiniStack(port, child, home, logFile);
    try {
      await started.answers();
    } catch (thrown) {
      started.stop();
      throw thrown;
    }
    return started;
  }

  /** What it wrote. */
  get log(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /**
   * Ends it and its workers, and removes its data. At once and without waiting: whoever presses Ctrl-C twice must not leave
   * anything behind either, and nothing of it is wanted afterwards.
   */
  stop(): void {
    try {
      if (this.child.pid !== undefined) process.kill(-this.child.pid, 'SIGKILL');
    } catch {
      // The whole group has ended.
    }
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  private async answers(): Promise<void> {
    await until('MiniStack answers', () => {
      if (this.child.exitCode !== null) throw new Stop(`MiniStack ended at once:\n${this.log}`);
      return fetch(`http://127.0.0.1:${this.port}/_ministack/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
