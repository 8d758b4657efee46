import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Certified } from './make-certificate';

/** One request to the proxy. */
interface Asked {
  readonly target: string;
  readonly authorization: string | undefined;
}

/** An HTTP proxy that knows CONNECT, on real sockets. Every name leads to one port of this machine. */
export class ConnectProxy {
  readonly asked: Asked[] = [];
  /** The status that it answers instead of connecting. */
  refuseWith: number | undefined;
  /** Whether it does not answer. */
  isSilent = false;
  private readonly sockets = new Set<Duplex>();

  private constructor(
    private readonly server: Server,
    private readonly toPort: () => number,
    private readonly scheme: string,
  ) {
    server.on('connection', (socket: Socket) => {
      this.keep(socket);
    });
    server.on('connect', ({ url = '', headers }, client: Duplex, head: Buffer) => {
      this.asked.push({ target: url, authorization: headers['proxy-authorization'] });
      client.on('error', () => undefined);
      if (this.isSilent) return;
      if (this.refuseWith !== undefined) {
        client.end(`HTTP/1.1 ${this.refuseWith} Refused\r\ncontent-length: 3\r\n\r\nno\n`);
        return;
      }
      const there = connect(this.toPort(), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        there.write(head);
        there.pipe(client).pipe(there);
      });
      this.keep(there);
      there.on('error', () => client.destroy());
    });
  }

  /** @param tls the certificate, if clients speak TLS to the proxy */
  static async start(toPort: () => number, tls?: Certified): Promise<ConnectProxy> {
    const server = tls === undefined ? createServer() : createTlsServer({ key: tls.key, cert: tls.cert });
    const proxy = new ConnectProxy(server, toPort, tls === undefined ? 'http' : 'https');
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.scheme}://localhost:${this.port}`;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private keep(socket: Duplex): void {
    this.sockets.add(socket);
    socket.once('close', () => this.sockets.delete(socket));
  }
}
