import { decodeUtf8 } from '../../lambdas/core/crypto/utf8';
import type { IncomingHttpHeaders, RequestOptions } from 'node:http';

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Gives the request up, also while the reply comes in. */
  readonly signal: AbortSignal;
}

export interface HttpReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** Undefined where it is not UTF-8, or longer than the most that was asked for; that is not read to its end. */
  readonly text: string | undefined;
}

/** A connection is for the next request of a command that makes many, not for one after a pause: by then it may be closed. */
const IDLE_MS = 1_000;

/**
 * One HTTP request and its reply, without redirects, proxies, cookies or content codings. On `node:http`, because the first
 * use of the global `fetch` takes longer than Node's own start.
 *
 * @param maxBytes of the reply's body
 * @throws what the socket throws, where there is no whole reply
 */
export async function sendRequest(request: HttpRequest, maxBytes: number): Promise<HttpReply> {
  const { method, url, headers, body, signal } = request;
  const { Agent, request: begin } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  agents[url.protocol] ??= new Agent({ keepAlive: true, timeout: IDLE_MS });
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options: RequestOptions = {
    method,
    headers: { 'accept-encoding': 'identity', ...headers, ...length },
    agent: agents[url.protocol],
    signal,
  };
  return new Promise((resolve, reject) => {
    const sent = begin(url, options, (response) => {
      readText(response, maxBytes).then((text) => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      }, reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** One for each protocol. */
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
