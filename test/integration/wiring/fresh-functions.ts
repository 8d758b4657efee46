import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import {
  API_FUNCTIONS,
  INNER_FUNCTIONS,
  OPERATIONS_FUNCTIONS,
  type FunctionName,
} from '../../../lambdas/core/contract/functions';
import { esbuildOptions } from '../../../lib/operations/bundling';
import type { FreshAnswer, FreshEvent } from './run-fresh-bundles';

/** Every function that calls or rotations reach; those of the transparency log are asked by nobody in these tests. */
const FUNCTION_NAMES: readonly FunctionName[] = [...API_FUNCTIONS, ...INNER_FUNCTIONS, ...OPERATIONS_FUNCTIONS];

const RUNNER = 'run-fresh-bundles';

/** Bundles every function as the stacks do. One build for all: esbuild reads the SDK once, and the files are the same. */
export async function bundleAtOnce(directory: string): Promise<void> {
  const { outfile: _, ...options } = esbuildOptions('', '');
  await build({
    ...options,
    entryPoints: [
      { in: 'test/integration/wiring/run-fresh-bundles.ts', out: RUNNER },
      ...FUNCTION_NAMES.map((name) => ({ in: `lambdas/${name}/handler.ts`, out: `${name}/index` })),
    ],
    outdir: directory,
  });
}

/** One process that runs functions, each event in a newly started instance. */
export class FreshFunctions {
  /** All output of the functions. */
  output = '';
  private queue: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly child: ChildProcess,
    private readonly directory: string,
  ) {
    const collect = (chunk: Buffer): void => {
      this.output += chunk.toString('utf8');
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
  }

  /** @param directory the bundles' directory, from {@link bundleAtOnce} */
  static start(directory: string): FreshFunctions {
    const child = spawn(process.execPath, [join(directory, `${RUNNER}.js`)], {
      cwd: directory,
      env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    return new FreshFunctions(child, directory);
  }

  /**
   * Runs one event, after the earlier ones.
   *
   * @throws Error with the message of the function's error
   */
  invoke(name: FunctionName, call: Omit<FreshEvent, 'path'>): Promise<unknown> {
    const path = join(this.directory, name, 'index.js');
    const answered = this.queue.then(() => this.send({ ...call, path }));
    this.queue = answered.catch(() => undefined);
    return answered;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }

  private send(message: FreshEvent): Promise<unknown> {
    return new Promise((resolveAnswer, reject) => {
      const ended = (): void => {
        reject(new Error(`the process of the functions ended: ${this.output.slice(-2000)}`));
      };
      this.child.once('exit', ended);
      this.child.once('message', (answer: FreshAnswer) => {
        this.child.off('exit', ended);
        if ('error' in answer) reject(new Error(answer.error));
        else resolveAnswer(answer.result);
      });
      this.child.send(message);
    });
  }
}
