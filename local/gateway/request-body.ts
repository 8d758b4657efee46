import type { IncomingMessage } from 'node:http';

/** Bytes of a too large body that are read and dropped, so that the client finishes sending and sees the reply: API Gateway's limit. */
const MAX_DROPPED_BYTES = 10_485_760;

const EMPTY = Buffer.alloc(0);

/** Returns the declared length of the request, or undefined if there is none. */
const declaredLength = (request: IncomingMessage): number | undefined => {
  const header = request.headers['content-length'];
  return header === undefined ? undefined : Number(header);
};

/** Whether the declared length of the body is too large. */
export const declaresTooMuch = (request: IncomingMessage, maxBytes: number): boolean =>
  (declaredLength(request) ?? 0) > maxBytes;

/**
 * Reads a body of at most `maxBytes`.
 *
 * @returns `too_large` for a longer body, `aborted` if the client disconnected. Never rejects.
 */
export function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too_large' | 'aborted'> {
  const declared = declaredLength(request);
  if (declared === 0 || (declared === undefined && request.headers['transfer-encoding'] === undefined)) {
    return Promise.resolve(EMPTY);
  }
  // A client that sent `Expect` was not told to continue, and sends no body.
  const waits = request.headers.expect !== undefined && declaresTooMuch(request, maxBytes);
  if (waits || (declared ?? 0) > MAX_DROPPED_BYTES) return Promise.resolve('too_large');
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else if (length > MAX_DROPPED_BYTES) resolve('too_large');
      else chunks.length = 0;
    });
    request.on('end', () => {
      if (length > maxBytes) resolve('too_large');
      else resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    request.on('error', () => {
      resolve('aborted');
    });
    request.on('close', () => {
      resolve('aborted');
    });
  });
}
