import type { Server } from 'node:http';

/** Ends a server with all of its connections; resolves when it is closed. */
export const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });
