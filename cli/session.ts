import type { Writable } from 'node:stream';
import { CliError, EXIT, interrupted, type ErrorDetails } from './io/cli-error';
import type { ApiCall } from './client/api-call';
import { renderError, renderReply } from './io/print';
import type { ListShown, OutputFormat } from './io/output-format';
import type { ProcessSignals } from './io/process-signals';
import type { SecretInput } from './io/raw-terminal';
import { plain, toJson } from './io/plain-text';
import type { Waiting } from './io/waiting';
import type { JsonObject } from './client/json-object';

/** stdout or stderr, which may be a terminal. */
export type Screen = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Makes the calls: {@link SignedClient}, or a double in a test. */
export interface ApiClient {
  send(call: ApiCall, signal?: AbortSignal): Promise<JsonObject>;
}

export interface SessionParts {
  /** Finds credentials and makes a client of them. */
  readonly connect: () => Promise<ApiClient>;
  readonly waiting: Waiting;
  readonly signals: ProcessSignals;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  readonly stdin: SecretInput;
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly json: boolean;
}

/** What a command of several calls works with. After Ctrl-C every wait ends with the CliError `interrupted`. */
export class Session {
  private client: ApiClient | undefined;

  constructor(readonly parts: SessionParts) {}

  /** @throws CliError as the client, or `interrupted` */
  async send(call: ApiCall): Promise<JsonObject> {
    this.client ??= await this.parts.connect();
    const { client } = this;
    return this.unlessInterrupted(() => client.send(call, this.parts.signal));
  }

  /** Looks for credentials again before the next call: temporary ones expire during a long command. */
  forgetCredentials(): void {
    this.client = undefined;
  }

  now(): number {
    return this.parts.waiting.now();
  }

  async pause(ms: number): Promise<void> {
    await this.unlessInterrupted(() => this.parts.waiting.pause(ms, this.parts.signal));
  }

  /** @throws CliError `interrupted`, after Ctrl-C */
  throwIfInterrupted(): void {
    if (this.parts.signal.aborted) throw interrupted();
  }

  /** Prints one line of a result that comes in parts, on stdout. */
  printLine(row: JsonObject, text: string): void {
    const { stdout, json } = this.parts;
    stdout.write(`${json ? toJson(row) : plain(text)}\n`);
  }

  /** Prints the command's result, on stdout. */
  print(reply: JsonObject, shown: Exclude<OutputFormat, ListShown>): void {
    const { stdout, json } = this.parts;
    stdout.write(renderReply(reply, shown, { json, isTerminal: stdout.isTTY === true }));
  }

  /** Prints one line that is not the result, on stderr. */
  tell(code: string, detail: string, more: ErrorDetails = {}): void {
    this.parts.stderr.write(renderError(new CliError(EXIT.ok, code, detail, undefined, more), this.parts.json));
  }

  private async unlessInterrupted<T>(wait: () => Promise<T>): Promise<T> {
    this.throwIfInterrupted();
    try {
      return await wait();
    } catch (thrown) {
      this.throwIfInterrupted();
      throw thrown;
    }
  }
}
