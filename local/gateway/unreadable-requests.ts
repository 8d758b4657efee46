import { STATUS_CODES, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { GATEWAY_DETAILS } from '../../lambdas/core/contract/problems';
import { newId, type Randomness } from '../../lambdas/core/crypto/randomness';
import { invalidRequest, KeywardError } from '../../lambdas/core/errors/errors';
import { problemReply } from '../../lambdas/core/http/problem';
import type { RefusalLogger } from './refusal-logger';

/** The first byte of what a client sends that speaks TLS (RFC 8446 section 5.1: a handshake). */
const TLS_HANDSHAKE = 0x16;
/** For the other side to end the connection, after it has been told why. */
const LINGER_MS = 1_000;

/** What Node gives to listeners of `clientError`. */
export interface UnreadableError extends Error {
  readonly code?: string;
  readonly rawPacket?: Uint8Array;
}

type Connection = Duplex & { readonly remoteAddress?: string | undefined; readonly bytesRead?: number };

/**
 * Answers what Node cannot read as HTTP/1.1 as everything else is answered, by a problem document, and says in the log why, in a
 * few lines a minute: whoever sends such things is known by no name, so the audit log has nothing of it.
 */
export class UnreadableRequests {
  /** Responses of a connection that are not at their end. */
  private readonly open = new WeakMap<Duplex, Set<ServerResponse>>();
  private readonly ended = new WeakSet<Duplex>();

  constructor(private readonly deps: { readonly lines: RefusalLogger; readonly randomness: Randomness }) {}

  /** To be called with each response before it is answered. */
  note(response: ServerResponse): void {
    const { socket } = response.req;
    const open = this.open.get(socket) ?? new Set();
    this.open.set(socket, open.add(response));
    response.once('close', () => open.delete(response));
  }

  /**
   * A listener of `clientError`. Where whole requests came before on the connection, they are answered as if nothing followed, and it
   * ends with the last of them: what was written now would be taken for one of those answers.
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

/** What still comes is dropped for a while: a connection that is reset at once can take the answer with it. */
function end(connection: Connection, text = ''): void {
  connection.end(text);
  setTimeout(() => connection.destroy(), LINGER_MS).unref();
}

interface Fault {
  /** A line of the log; undefined where nobody has to know. */
  readonly message: string | undefined;
  /** Undefined: the time was up, which no problem document says. */
  readonly error: KeywardError | undefined;
}

/** Undefined where it is the connection itself that broke. */
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

/** A whole response: there is no request, and so nothing of Node's to answer with. */
function replyText({ error }: Fault, requestId: string): string {
  const { statusCode, headers, body } =
    error === undefined ? { statusCode: 408, headers: {}, body: '' } : problemReply(error, requestId);
  const lines = [
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}`,
    ...Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
    // The machine's clock, as Node has it in all other responses.
    `date: ${new Date().toUTCString()}`,
    'connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}
