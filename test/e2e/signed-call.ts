import { request } from 'node:http';
import { sdkSign } from '../doubles/sdk-signer';

/** Who signs. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Call {
  readonly service: string;
  readonly region: string;
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** The name that the request is for, where it is not that of the server's address. */
  readonly host?: string;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** The server's port on 127.0.0.1, and the keys of an account's root. */
export interface Cloud {
  readonly port: number;
  readonly root: Keys;
}

const TIMEOUT_MS = 60_000;

/** Signs a call as the AWS SDK does, and sends it. Without keys it goes unsigned. */
export async function signedCall(port: number, call: Call, keys: Keys | undefined): Promise<Answer> {
  const headers = await headersOf(port, call, keys);
  return sendCall(port, call, headers);
}

/** The headers that {@link signedCall} would send. */
export async function headersOf(port: number, call: Call, keys: Keys | undefined): Promise<Record<string, string>> {
  const headers = { host: call.host ?? `127.0.0.1:${port}`, ...call.headers };
  if (keys === undefined) return headers;
  const { service, region, method, path, query, body } = call;
  return sdkSign(
    { method, path, headers, ...(query !== undefined && { query }), ...(body !== undefined && { body }) },
    { ...keys, at: Date.now(), region, service, pathAsIs: service === 's3' },
  );
}

/** Sends a call with just these headers. */
export function sendCall(port: number, call: Call, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const search = call.query === undefined ? '' : `?${new URLSearchParams(call.query).toString()}`;
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method: call.method, path: `${call.path}${search}`, headers, timeout: TIMEOUT_MS },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.once('error', reject);
        reply.once('end', () => {
          resolve({ status: reply.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
        });
      },
    );
    sent.once('timeout', () => sent.destroy(new Error(`${call.method} ${call.path} had no answer`)));
    sent.once('error', reject);
    sent.end(call.body);
  });
}
