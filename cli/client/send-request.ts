import type { ClientRequest, IncomingHttpHeaders, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import { decodeUtf8 } from '../../lambdas/core/crypto/utf8';
import { NoConnection } from './failure-reason';
import type { OutboundAgent } from './outbound-agent';
import { CONNECT_LIMIT_MS, IDLE_MS } from './request-limits';
import type { TunnelOptions } from './tunnel-agent';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Aborts the request, also while the reply is read. */
  readonly signal: AbortSignal;
  /** Makes the connection; default: Node's own agent. */
  readonly agent?: OutboundAgent | undefined;
  /** Time limit for the connection, TLS included; default: {@link CONNECT_LIMIT_MS}. */
  readonly connectLimitMs?: number;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Undefined if it is not UTF-8, or longer than the limit; then the rest is not read. */
  readonly text: string | undefined;
}

/**
 * One HTTP request and its reply, without redirects, cookies or content codings. On `node:http`, because the first
 * use of the global `fetch` takes longer than Node's own start.
 *
 * @param maxBytes of the reply's body
 * @throws what the socket throws, if there is no whole reply
 */
export async function sendRequest(request: HttpRequest, maxBytes: number): Promise<HttpReply> {
  const { method, url, headers, body, signal, connectLimitMs = CONNECT_LIMIT_MS } = request;
  const { Agent, request: begin } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  agents[url.protocol] ??= new Agent({ keepAlive: true, timeout: IDLE_MS });
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options: RequestOptions & TunnelOptions = {
    method,
    headers: { 'accept-encoding': 'identity', ...headers, ...length },
    agent: request.agent ?? agents[url.protocol],
    signal,
    givenUpBy: signal,
    tunnelLimitMs: connectLimitMs,
  };
  return new Promise((resolve, reject) => {
    const sent = begin(url, options, (response) => {
      readText(response, maxBytes).then((text) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      }, reject);
    });
    sent.on('error', reject);
    // A proxy and the host are told apart in the error.
    const limitMs = request.agent === undefined ? connectLimitMs : 2 * connectLimitMs;
    limitConnecting(sent, url.protocol === 'https:' ? 'secureConnect' : 'connect', limitMs);
    sent.end(body);
  });
}

/** Ends a request that is not connected in time: the operating system would wait for minutes. */
function limitConnecting(sent: ClientRequest, connected: 'connect' | 'secureConnect', limitMs: number): void {
  const timer = setTimeout(() => {
    sent.destroy(new NoConnection());
  }, limitMs);
  const clear = (): void => {
    clearTimeout(timer);
  };
  sent.once('close', clear);
  sent.once('socket', (socket: Socket) => {
    if (sent.reusedSocket) clear();
    else socket.once(connected, clear);
  });
}

/** One agent for each protocol. */
const agents: Record<string, RequestOptions['agent']> = {};

async function readText(response: AsyncIterable<unknown>, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Uint8Array).length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk as Uint8Array);
  }
  return decodeUtf8(Buffer.concat(chunks));
}
