import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemCode } from '../../lambdas/adapters/local/private-file';
import { KeywardError } from '../../lambdas/core/errors/errors';

/** A port that is open before there is anything to serve. */
export interface ReservedPort {
  readonly port: number;
  readonly server: Server;
  /** Must be called when the server has its listeners: passes on the requests that arrived before. */
  handOver(): void;
  /** Closes the port; waiting requests get no reply. */
  release(): Promise<void>;
}

/** Limits of an HTTP server that faces callers. Node itself answers requests over `maxHeaderSize`. */
const SERVER_LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
  maxHeaderSize: 16_384,
  // The gateway checks it, and answers with a problem document.
  requireHostHeader: false,
};

/**
 * Returns an HTTP server that faces callers. By default Node silently drops headers beyond the thousandth (`maxHeadersCount`,
 * Node's documentation of `http.Server`); this server passes on all of them, so that the gateway can refuse them.
 */
export function createCallersServer(): Server {
  const server = createServer(SERVER_LIMITS);
  server.maxHeadersCount = 0;
  return server;
}

/**
 * Listens on a port before anything is opened or created, so that a start without the port leaves nothing behind. Requests wait
 * until the port is handed over.
 *
 * @param port 0 takes a free one
 * @throws KeywardError `configuration_invalid` if the port is not available
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
