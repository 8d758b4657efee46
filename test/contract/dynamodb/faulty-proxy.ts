import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request, type IncomingMessage, type RequestOptions, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { answerBatchExecuteStatement } from '../../doubles/partiql-inserts';

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One API call on its way: its request, and a function that forwards it, unchanged or changed. */
interface Exchange {
  readonly body: string;
  readonly forward: (body?: string) => Promise<Answer>;
}

/** The fault of one call; `drop` ends the connection without an answer. */
export type Fault = (exchange: Exchange) => Promise<Answer | 'drop'>;

export const pass: Fault = ({ forward }) => forward();
export const dropRequest: Fault = async () => 'drop';
export const dropAnswer: Fault = async ({ forward }) => {
  await forward();
  return 'drop';
};
export const unavailable: Fault = async () => ({
  status: 503,
  body: '{"__type":"com.amazonaws.dynamodb.v20120810#ServiceUnavailable"}',
});

/** A proxy between a client and DynamoDB that injects faults of the network and the service. */
export class FaultyProxy {
  private readonly faults = new Map<string, Fault[]>();
  private readonly always = new Map<string, Fault>();
  /** The number of calls of each operation. */
  readonly calls = new Map<string, number>();
  /** Changes the request of every call of an operation, independently of its fault. */
  rewrite: (operation: string, body: string) => string = (_, body) => body;

  private constructor(
    readonly socketPath: string,
    private readonly server: Server,
    private readonly directory: string,
    private readonly hasPartiQL: boolean,
  ) {}

  /** @param hasPartiQL whether the DynamoDB behind it has PartiQL; if not, the proxy uses PutItems, which are not counted */
  static async start(upstream: RequestOptions, hasPartiQL: boolean): Promise<FaultyProxy> {
    const directory = await mkdtemp(join(tmpdir(), 'kwproxy-'));
    // Connections end by a fault only, not after five idle seconds.
    const server = createServer({ keepAliveTimeout: 0 });
    const proxy = new FaultyProxy(join(directory, 'proxy'), server, directory, hasPartiQL);
    server.on('request', (incoming, outgoing) => {
      proxy.handle(incoming, upstream).then(
        (answer) => {
          if (answer === 'drop') incoming.socket.destroy();
          else outgoing.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' }).end(answer.body);
        },
        () => incoming.socket.destroy(),
      );
    });
    await new Promise<void>((resolve) => server.listen(proxy.socketPath, resolve));
    return proxy;
  }

  /** Gives these faults to the next calls of the operation, one each; later calls pass. */
  next(operation: string, ...faults: Fault[]): void {
    this.faults.set(operation, faults);
  }

  /** Gives this fault to every call of the operation until {@link reset}. */
  every(operation: string, fault: Fault): void {
    this.always.set(operation, fault);
  }

  reset(): void {
    this.faults.clear();
    this.always.clear();
    this.calls.clear();
  }

  async close(): Promise<void> {
    await new Promise((resolve) => {
      this.server.close(resolve);
      this.server.closeAllConnections();
    });
    await rm(this.directory, { recursive: true, force: true });
  }

  private async handle(incoming: IncomingMessage, upstream: RequestOptions): Promise<Answer | 'drop'> {
    const operation = String(incoming.headers['x-amz-target']).split('.').pop()!;
    this.calls.set(operation, (this.calls.get(operation) ?? 0) + 1);
    const body = this.rewrite(operation, await text(incoming));
    const fault = this.faults.get(operation)?.shift() ?? this.always.get(operation) ?? pass;
    const onward = (target: string, text: string): Promise<Answer> => send(upstream, incoming, target, text);
    const forward = (changed = body): Promise<Answer> =>
      operation === 'BatchExecuteStatement' && !this.hasPartiQL
        ? answerBatchExecuteStatement(changed, onward)
        : onward(operation, changed);
    return fault({ body, forward });
  }
}

function send(upstream: RequestOptions, incoming: IncomingMessage, operation: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { 'content-length': _, ...given } = incoming.headers;
    const headers = { ...given, 'x-amz-target': `DynamoDB_20120810.${operation}` };
    const outgoing = request(
      { ...upstream, method: 'POST', path: '/', headers: { ...headers, connection: 'close' } },
      (response) => {
        text(response).then((answer) => {
          resolve({ status: response.statusCode!, body: answer });
        }, reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
