import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { ROOT } from '../../../compile/root';
import { GATEWAY_FUNCTIONS, LOG_FUNCTIONS } from '../../../lambdas/core/contract/functions';
import { esbuildOptions } from '../../../lib/operations/bundling';
import { inTime, until } from '../../until';
import type { FromBundle, ToBundle } from './run-bundle';

export const FUNCTIONS = [
  'encrypt',
  'decrypt',
  'rewrap',
  'credentials',
  'keys',
  'audit',
  'health',
  'rotate-kek',
  'rewrap-deks',
  'bootstrap',
] as const;
export type BundledName = (typeof FUNCTIONS | typeof LOG_FUNCTIONS | typeof GATEWAY_FUNCTIONS)[number];

/** The path of a function's bundle in a directory of bundles. */
export const bundlePath = (directory: string, name: BundledName): string => join(directory, name, 'index.js');
const runnerPath = (directory: string): string => join(directory, 'run-bundle.js');

/** Bundles every handler as the stacks do, and the program that runs them in a child process. */
export async function bundleAll(directory: string): Promise<void> {
  const runner = esbuildOptions(join(ROOT, 'test/integration/bundles/run-bundle.ts'), runnerPath(directory));
  await Promise.all([
    build(runner),
    ...[...FUNCTIONS, ...LOG_FUNCTIONS, ...GATEWAY_FUNCTIONS].map((name) =>
      build(esbuildOptions(join(ROOT, 'lambdas', name, 'handler.ts'), bundlePath(directory, name))),
    ),
  ]);
}

/** A bundle in a separate process. One event at a time, as on Lambda. */
export class BundledFunction {
  /** All output, of both streams. */
  output = '';

  private constructor(private readonly child: ChildProcess) {
    const collect = (chunk: Buffer): void => {
      this.output += chunk.toString('utf8');
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
  }

  /** @param env the whole environment of the process */
  static async start(
    node: string,
    directory: string,
    name: BundledName,
    env: Readonly<Record<string, string>>,
  ): Promise<BundledFunction> {
    const child = spawn(node, [runnerPath(directory), bundlePath(directory, name)], {
      cwd: directory,
      env: { ...env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const started = new BundledFunction(child);
    await inTime('the function is loaded', started.nextMessage());
    return started;
  }

  /** @throws Error with the message of the function's error */
  async invoke(event: unknown): Promise<unknown> {
    return this.send({ event });
  }

  /** Puts the process's wall clock forward. */
  async advance(advanceMs: number): Promise<void> {
    await this.send({ advanceMs });
  }

  /** Resolves once the output has a text: output and answers come by different channels. */
  async says(text: string): Promise<void> {
    await until(`the function has written ${text}`, () => this.output.includes(text));
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    // Not `close`: a parent that has disconnected its channel does not always see it.
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  /** Ends the process as a host does that stops it. Resolves with its exit code. */
  async terminate(): Promise<number | null> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    return code;
  }

  private async send(message: ToBundle): Promise<unknown> {
    const answered = inTime('the function has answered', this.nextMessage());
    this.child.send(message);
    const answer = await answered;
    if ('error' in answer) throw new Error(answer.error);
    return answer.result;
  }

  private nextMessage(): Promise<FromBundle> {
    return new Promise((resolveMessage, reject) => {
      const ended = (): void => {
        reject(new Error(`the bundle's process ended: ${this.output}`));
      };
      this.child.once('exit', ended);
      this.child.once('message', (message: FromBundle) => {
        this.child.off('exit', ended);
        resolveMessage(message);
      });
    });
  }
}
