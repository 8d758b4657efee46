import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sdkSign } from '../../doubles/sdk-signer';
import { replyBody } from '../../reply-body';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Reads a profile of the credentials file in a data directory. */
export function credentialsOf(home: string, profile: string): Credentials {
  const text = readFileSync(join(home, 'credentials'), 'utf8');
  const section = new RegExp(`\\[${profile}\\]([^[]*)`).exec(text)?.[1] ?? '';
  const member = (name: string): string => new RegExp(`${name}\\s*=\\s*(\\S+)`).exec(section)?.[1] ?? '';
  return { accessKeyId: member('aws_access_key_id'), secretAccessKey: member('aws_secret_access_key') };
}

export interface RequestToSign {
  readonly method: string;
  readonly url: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The headers of a request signed by the AWS SDK's own signer. */
export function sign(
  credentials: Credentials,
  { method, url, body, headers }: RequestToSign,
): Promise<Record<string, string>> {
  const { host, pathname: path, searchParams } = new URL(url);
  const request = {
    method,
    path,
    query: Object.fromEntries(searchParams),
    headers: { host, ...headers },
    ...(body === undefined ? {} : { body }),
  };
  return sdkSign(request, { ...credentials, at: Date.now() });
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Record<string, unknown>;
}

/** Signs and sends a request. */
export async function send(credentials: Credentials, request: RequestToSign): Promise<Reply> {
  const { host: _host, ...headers } = await sign(credentials, request);
  return fetchReply(request, headers);
}

/** Sends a request with exactly these headers. */
export async function fetchReply(request: RequestToSign, headers: Record<string, string>): Promise<Reply> {
  const { method, url, body } = request;
  const response = await fetch(url, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: replyBody(response.status, isJson && text !== '' ? (JSON.parse(text) as Record<string, unknown>) : {}),
  };
}
