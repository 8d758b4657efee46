import type { RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { failureReason, NoConnection, type FailureReason } from './failure-reason';
import type { ProxySetting } from './proxy-settings';

/** A proxy did not connect to the host. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';

  constructor(
    /** The variable that names it, and its address. */
    readonly proxy: string,
    readonly reason: FailureReason,
  ) {
    super(reason.text);
  }
}

export interface TunnelWanted {
  readonly host: string;
  readonly port: number;
  /** In PEM, for a proxy that speaks TLS itself. */
  readonly ca: readonly string[] | undefined;
  readonly limitMs: number;
  /** Aborts it. */
  readonly signal: AbortSignal | undefined;
}

/**
 * A connection through a proxy (RFC 9110 section 9.3.6, CONNECT). The caller speaks TLS over it: the proxy sees the host's name and
 * nothing else.
 *
 * @throws ProxyFailure if the proxy does not answer or refuses
 */
export async function openTunnel(proxy: ProxySetting, wanted: TunnelWanted): Promise<Duplex> {
  const { url, variable } = proxy;
  const fail = (reason: FailureReason): ProxyFailure => new ProxyFailure(`${url.origin} (${variable})`, reason);
  const { request } = await (url.protocol === 'https:' ? import('node:https') : import('node:http'));
  const target = `${wanted.host.includes(':') ? `[${wanted.host}]` : wanted.host}:${wanted.port}`;
  const options: RequestOptions = {
    method: 'CONNECT',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port,
    path: target,
    headers: { host: target, ...authorization(url) },
    agent: false,
    ...(wanted.ca !== undefined && { ca: [...wanted.ca] }),
  };
  return new Promise((resolve, reject) => {
    const asked = request(options);
    const giveUp = (): void => {
      asked.destroy(new NoConnection());
    };
    const timer = setTimeout(giveUp, wanted.limitMs);
    wanted.signal?.addEventListener('abort', giveUp, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      wanted.signal?.removeEventListener('abort', giveUp);
    };
    asked.once('connect', ({ statusCode = 0 }, socket, head) => {
      settle();
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(fail(refusalOf(statusCode)));
    });
    asked.on('error', (thrown) => {
      settle();
      reject(fail(failureReason(thrown)));
    });
    asked.end();
  });
}

/** Basic (RFC 7617), from the user and password of the URL. */
function authorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const pair = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  return { 'proxy-authorization': `Basic ${pair}` };
}

/** Unchanged if it is not valid percent-encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function refusalOf(status: number): FailureReason {
  switch (status) {
    case 407:
      return {
        text: 'it needs a user and password: write them into the URL, as in http://user:password@host:port',
        lasts: true,
      };
    case 403:
      return { text: 'it does not allow this connection (403)', lasts: true };
    case 502:
    case 503:
    case 504:
      return { text: `it could not connect (${status})`, lasts: false };
    default:
      return { text: `it refused to connect (${status})`, lasts: status < 500 };
  }
}
