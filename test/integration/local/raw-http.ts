import { once } from 'node:events';
import type { Socket } from 'node:net';

/** A response as received. */
export interface Reply {
  readonly status: number;
  readonly head: string;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

export const toReply = (raw: string): Reply => {
  const [head = '', ...rest] = raw.split('\r\n\r\n');
  const text = rest.join('\r\n\r\n');
  const isJson = text !== '' && /content-type: application\/(problem\+)?json/i.test(head);
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1]),
    head,
    text,
    body: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
  };
};

/** All data until the other side ends. */
export const readAll = async (socket: Socket): Promise<string> => {
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('utf8')));
  socket.on('error', () => undefined);
  await once(socket, 'close');
  return text;
};

/** A request as it is sent. */
export interface Sent {
  method: string;
  target: string;
  headers: [string, string][];
  body: Buffer;
}

export const toBytes = ({ method, target, headers, body }: Sent): Buffer =>
  Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\n${headers.map((pair) => `${pair.join(': ')}\r\n`).join('')}\r\n`),
    body,
  ]);
