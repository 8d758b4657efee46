import type { ServerResponse } from 'node:http';

type HeaderValue = string | number | boolean;

/**
 * Sends a whole reply with the length of its body; for HEAD Node leaves the body out. Does nothing if the client has disconnected
 * or half a reply was sent.
 */
export function writeReply(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, HeaderValue | HeaderValue[]>>,
  body: Buffer | string,
): void {
  if (response.headersSent || response.destroyed) return;
  // Names and values in turn are written as they are; Node would first copy an object.
  const lines: string[] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name] as HeaderValue | HeaderValue[];
    if (Array.isArray(value)) for (const each of value) lines.push(name, String(each));
    else lines.push(name, String(value));
  }
  if (status !== 204) lines.push('content-length', String(Buffer.byteLength(body)));
  response.writeHead(status, lines);
  // A text is written together with the headers; a buffer would need a second write.
  response.end(body);
}
