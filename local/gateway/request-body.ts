import type { IncomingMessage } from 'node:http';

/**
 * What is read and dropped of a body that is too large, so that the client sends it to the end and sees the answer: as much as
 * API Gateway takes.
 */
const MAX_DROPPED_BYTES = 10_485_760;

const EMPTY = Buffer.alloc(0);

/** The length that the request declares, or undefined where it does not. */
const declaredLength = (request: IncomingMessage): number | undefined => {
  const header = request.headers['content-length'];
  return header === undefined ? undefined : Number(header);
};

/** Whether the request itself says that its body is too large. */
export const declaresTooMuch = (request: IncomingMessage, maxBytes: number): boolean =>
  (declaredLength(request) ?? 0) > maxBytes;

/**
 * Reads a body of at most `maxBytes`.
 *
 * @returns `too_large` over that, `aborted` where the client went away in the middle. Never rejects.
 */
export function readRequestBody(request: IncomingMessage, maxBytes: number): Promise<Buffer | 'too_large' | 'aborted'> {
  const declared = declaredLength(request);
  if (declared === 0 || (declared === undefined && request.headers['transfer-encoding'] === undefined)) {
    return Promise.resolve(EMPTY);
  }
  // A client that asked whether to continue was not told to, and sends nothing.
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
