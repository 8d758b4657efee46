import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemCode } from '../../lambdas/adapters/local/private-file';
import { KeywardError } from '../../lambdas/core/errors/errors';

/** A port that is had before there is anything to serve. */
export interface ReservedPort {
  readonly port: number;
  readonly server: Server;
  /** To be called once the server has its listeners: gives them the requests that came before. */
  handOver(): void;
  /** Gives the port up; who waits on it gets no answer. */
  release(): Promise<void>;
}

/** Of an HTTP server that faces callers. Node itself answers what is beyond `maxHeaderSize`. */
const SERVER_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
  // The gateway looks for it, and answers with a problem document.
  requireHostHeader: false,
};

/**
 * An HTTP server that faces callers. By itself Node leaves out, in silence, the headers beyond the thousandth (`maxHeadersCount`, Node's
 * documentation of `http.Server`); this one gives all that it reads, so that the gateway can refuse them.
 */
export function createCallersServer(): Server {
  const server = createServer(SERVER_LIMITS);
  server.maxHeadersCount = 0;
  return server;
}

/**
 * Listens on a port before anything is opened or made, so that a start that cannot have it leaves nothing behind. A request
 * that comes already waits until the port is handed over.
 *
 * @param port 0 takes a free one
 * @throws KeywardError `configuration_invalid` where the port cannot be had
 */
export async function reservePort(port: number, host: string): Promise<ReservedPort> {
  const server = createCallersServer();
  const early: { event: string; request: IncomingMessage; response: ServerResponse }[] = [];
  const keep = (event: string) => {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      early.push({ event, request, response });
    };
    server.on(event, listener);
    return () => server.off(event, listener);
  };
  const stops = [keep('request'), keep('checkContinue')];
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      const code = systemCode(error);
      const why = code === 'EADDRINUSE' ? 'is in use; set PORT to another one' : `cannot be used (${code})`;
      reject(new KeywardError('configuration_invalid', `port ${port} ${why}`));
    });
    server.listen(port, host, resolve);
  });
  return {
    server,
    port: (server.address() as AddressInfo).port,
    handOver: () => {
      for (const stop of stops) stop();
      for (const { event, request, response } of early) {
        if (!response.destroyed) server.emit(event, request, response);
      }
    },
    release: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
