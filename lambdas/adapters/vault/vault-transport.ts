import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

/** One request to Vault's HTTP API. */
export interface VaultRequest {
  readonly method: 'GET' | 'POST';
  /** After `/v1/`, encoded, with its query. */
  readonly path: string;
  /** Left out: a call that needs none, such as a login. */
  readonly token?: string;
  readonly body?: object;
}

export interface VaultAnswer {
  readonly status: number;
  readonly text: string;
}

/** The one way to Vault: sends a request, and neither retries nor judges. */
export interface VaultTransport {
  /** @throws an error of Node.js if there was no whole answer in time; the request may have been carried out */
  send(request: VaultRequest): Promise<VaultAnswer>;
}

export interface VaultTransportOptions {
  readonly url: URL;
  readonly namespace: string | undefined;
  /** PEM text of the authorities to trust; left out: those of Node.js. */
  readonly ca: string | undefined;
  readonly tlsServerName: string | undefined;
  /** For the whole exchange, in milliseconds. */
  readonly timeoutMs: number;
}

/** A KV value has at most 512 KiB (Vault, "Vault limits and maximums": storage entry size), and JSON escapes it. */
const MAX_ANSWER_BYTES = 4_194_304;

/**
 * Makes the way to one Vault by Node's own client. It follows no redirect: the token would go to an address that nobody
 * configured (a standby node redirects unless it forwards requests: "High availability", request forwarding).
 */
export function createVaultTransport(options: VaultTransportOptions): VaultTransport {
  const { url, namespace, ca, tlsServerName, timeoutMs } = options;
  const base = url.pathname.replace(/\/+$/, '');
  const tls = {
    // NODE_TLS_REJECT_UNAUTHORIZED=0, which somebody may have set for another program, would give the token to anybody.
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
    ...(tlsServerName !== undefined && { servername: tlsServerName }),
  };
  const open = url.protocol === 'https:' ? requestHttps : requestHttp;
  return {
    send: ({ method, path, token, body }) =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const sent = open(
          {
            ...tls,
            method,
            protocol: url.protocol,
            hostname: url.hostname.replace(/^\[|\]$/g, ''),
            port: url.port,
            path: `${base}/v1/${path}`,
            signal: AbortSignal.timeout(timeoutMs),
            headers: {
              // Vault refuses what a browser was tricked into sending ("The X-Vault-Request header").
              'x-vault-request': 'true',
              ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
              ...(token !== undefined && { 'x-vault-token': token }),
              ...(text !== undefined && {
                'content-type': 'application/json',
                'content-length': Buffer.byteLength(text),
              }),
            },
          },
          (answer) => {
            const chunks: Buffer[] = [];
            let size = 0;
            answer.on('data', (chunk: Buffer) => {
              size += chunk.length;
              if (size > MAX_ANSWER_BYTES)
                answer.destroy(Object.assign(new Error('the answer is too large'), { name: 'UnusableAnswer' }));
              else chunks.push(chunk);
            });
            answer.on('error', reject);
            answer.on('end', () => {
              if (answer.complete)
                resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') });
              else reject(Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' }));
            });
          },
        );
        sent.on('error', reject);
        sent.end(text);
      }),
  };
}
