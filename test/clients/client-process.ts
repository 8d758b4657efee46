import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Credentials } from '../integration/local/signed-request';
import type { Command } from './clients';

export interface Asked {
  readonly method: string;
  readonly url: string;
  /** Left out: the client sends its default. */
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  /** `ERROR` if the client gave up. */
  readonly status: string;
  readonly text: string;
}

/**
 * A client as a process. A request is a line of fields separated by tabs: method, URL, body in base64 or `-` for none, and each header as
 * `name=value`; the reply is a line, too: status or `ERROR`, tab, body in base64.
 */
export class ClientProcess {
  private readonly child: ChildProcess;
  private readonly lines: AsyncIterator<string>;
  private readonly ended: Promise<unknown>;
  private errors = '';

  constructor([program, ...parameters]: Command, { accessKeyId, secretAccessKey }: Credentials, region: string) {
    // Without the environment of the user: proxies, profiles, tokens.
    const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|KEYWARD_|npm_)|proxy$/i.test(name));
    const env = {
      ...Object.fromEntries(kept),
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: region,
      PYTHONDONTWRITEBYTECODE: '1',
    };
    const child = spawn(program, parameters, { env, stdio: ['pipe', 'pipe', 'pipe'] });
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.ended = once(child, 'close');
    this.child = child;
  }

  /** @throws Error if the process has ended */
  async send({ method, url, body, headers = {} }: Asked): Promise<Answer> {
    const sent = body === undefined ? '-' : Buffer.from(body).toString('base64');
    const fields = [method, url, sent, ...Object.entries(headers).map((header) => header.join('='))];
    this.child.stdin?.write(`${fields.join('\t')}\n`);
    const { value, done } = await this.lines.next();
    if (done === true) throw new Error(`the client ended: ${this.errors.trim().split('\n').slice(-3).join(' / ')}`);
    const [status = '', text = ''] = value.split('\t');
    return { status, text: Buffer.from(text, 'base64').toString() };
  }

  async stop(): Promise<void> {
    this.child.stdin?.end();
    await this.ended;
  }
}
