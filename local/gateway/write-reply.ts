import type { ServerResponse } from 'node:http';

type HeaderValue = string | number | boolean;

/**
 * Sends a whole reply with the length of its body; to HEAD Node leaves the body out. Does nothing where the client is gone, or half an
 * answer sent.
 */
export function writeReply(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, HeaderValue | HeaderValue[]>>,
  body: Buffer | string,
): void {
  if (response.headersSent || response.destroyed) return;
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, Array.isArray(value) ? value.map(String) : String(value));
  }
  if (status !== 204) response.setHeader('content-length', Buffer.byteLength(body));
  response.writeHead(status);
  // A text goes out in one write with the headers; a buffer would cost a second one.
  response.end(body);
}
