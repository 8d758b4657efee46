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
  // Names and values in turn are written as they are; an object of them Node would first copy into its own.
  const lines: string[] = [];
  for (const name of Object.keys(headers)) {
    const value = headers[name] as HeaderValue | HeaderValue[];
    if (Array.isArray(value)) for (const each of value) lines.push(name, String(each));
    else lines.push(name, String(value));
  }
  if (status !== 204) lines.push('content-length', String(Buffer.byteLength(body)));
  response.writeHead(status, lines);
  // A text goes out in one write with the headers; a buffer would cost a second one.
  response.end(body);
}
