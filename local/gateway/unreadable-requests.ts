import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { GATEWAY_DETAILS } from '../../lambdas/core/contract/problems';
import { newId, type Randomness } from '../../lambdas/core/crypto/randomness';
import { invalidRequest, KeywardError } from '../../lambdas/core/errors/errors';
import { problemReply } from '../../lambdas/core/http/problem';
import type { RefusalLogger } from './refusal-logger';

/** First byte of a TLS client (RFC 8446 section 5.1: a handshake). */
const TLS_HANDSHAKE = 0x16;
/** Time for the client to close the connection after the reply. */
const LINGER_MS = 1_000;

/** Error that Node passes to listeners of `clientError`. */
export interface UnreadableError extends Error {
  readonly code?: string;
  readonly rawPacket?: Uint8Array;
}

type Connection = Duplex & { readonly remoteAddress?: string | undefined; readonly bytesRead?: number };

/**
 * Answers requests that Node cannot parse as HTTP/1.1 with a problem document, and logs the reason, in a few lines a minute. The
 * sender is unknown, so nothing is audited.
 */
export class UnreadableRequests {
  /** Unfinished responses of a connection. */
  private readonly open = new WeakMap<Duplex, Set<ServerResponse>>();
  private readonly ended = new WeakSet<Duplex>();

  constructor(private readonly deps: { readonly lines: RefusalLogger; readonly randomness: Randomness }) {}

  /** Must be called with each response before it is answered. */
  note(response: ServerResponse): void {
    const { socket } = response.req;
    const open = this.open.get(socket) ?? new Set();
    this.open.set(socket, open.add(response));
    response.once('close', () => open.delete(response));
  }

  /**
   * A listener of `clientError`. Complete earlier requests of the connection are answered as usual, and it ends with the last
   * reply: an error reply written now would be taken for one of those.
   */
  answer(error: UnreadableError, connection: Connection): void {
    if (this.ended.has(connection)) return;
    this.ended.add(connection);
    const open = [...(this.open.get(connection) ?? [])];
    const whole = open.filter((response) => response.req.complete || response.headersSent);
    const fault = connection.writable ? faultOf(error, connection) : undefined;
    if (fault === undefined || (whole.length > 0 && whole.length < open.length)) {
      connection.destroy();
      return;
    }
    const requestId = newId(this.deps.randomness);
    if (fault.message !== undefined) {
      const code = fault.error === undefined ? {} : { code: fault.error.code };
      this.deps.lines.tell(fault.message, connection.remoteAddress ?? null, { request_id: requestId, ...code });
    }
    const last = whole.at(-1);
    if (last === undefined) end(connection, replyText(fault, requestId));
    else last.shouldKeepAlive = false;
    last?.once('close', () => {
      end(connection);
    });
  }
}

/** Further data is dropped for a while: resetting the connection at once could lose the reply. */
function end(connection: Connection, text = ''): void {
  connection.end(text);
  setTimeout(() => connection.destroy(), LINGER_MS).unref();
}

interface Fault {
  /** A line of the log; undefined if none is needed. */
  readonly message: string | undefined;
  /** Undefined for a timeout, which has no problem document. */
  readonly error: KeywardError | undefined;
}

/** Returns undefined if the connection itself broke. */
function faultOf({ code = '', rawPacket }: UnreadableError, { bytesRead }: Connection): Fault | undefined {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    // Browsers open connections in advance, and send nothing for a while.
    const message = bytesRead === 0 ? undefined : 'request refused: it was not complete in time';
    return { message, error: undefined };
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    const error = new KeywardError('headers_too_large', GATEWAY_DETAILS.headersTooLarge);
    return { message: 'request refused: its headers are too large', error };
  }
  if (!code.startsWith('HPE_')) return undefined;
  const message =
    rawPacket?.[0] === TLS_HANDSHAKE
      ? 'request refused: it came by TLS, and this server speaks http:// alone'
      : 'request refused: it is not valid HTTP/1.1 (RFC 9112)';
  return { message, error: invalidRequest('the request is not valid HTTP/1.1') };
}

/** Returns a whole response: there is no request, and so no response object of Node. */
function replyText({ error }: Fault, requestId: string): string {
  const { statusCode, headers, body } =
    error === undefined ? { statusCode: 408, headers: {}, body: '' } : problemReply(error, requestId);
  const lines = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    // The machine's clock, as in all other responses of Node.
    `date: ${new Date().toUTCString()}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
