import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Time limits of a server's shutdown. */
export interface DrainLimits {
  /** For requests and replies in progress. */
  readonly answerMs: number;
  /** For a connection without any data, such as one that a browser opens in advance. */
  readonly silentMs: number;
  /** After this time no more connections are accepted, even if more arrive. */
  readonly acceptMs: number;
}

export const DRAIN_LIMITS: DrainLimits = { answerMs: 10_000, silentMs: 5_000, acceptMs: 5_000 };
/** Turns of the event loop without a new connection, after which the system's queue is empty. */
const QUIET_TURNS = 2;

/**
 * Ends a server without resetting a connection that the system had accepted for it: the client believes it is connected, and may
 * have sent a request that was not read.
 */
export class ServerDrain {
  private readonly silent = new Set<Socket>();
  /** The newest response of each connection: earlier ones of a pipeline must not end it. */
  private readonly newest = new WeakMap<Socket, ServerResponse>();
  private accepted = 0;
  private draining: Promise<void> | undefined;

  constructor(
    private readonly server: Server,
    private readonly limits: DrainLimits = DRAIN_LIMITS,
  ) {
    server.on('connection', (socket) => {
      this.accepted += 1;
      this.silent.add(socket);
      socket.once('close', () => this.silent.delete(socket));
    });
  }

  /** Must be called with each response before it is answered. */
  note(response: ServerResponse): void {
    // The response's own socket is not set before the pipeline's earlier responses are sent.
    const { socket } = response.req;
    this.silent.delete(socket);
    this.newest.set(socket, response);
    response.once('close', () => {
      if (this.draining !== undefined) this.closeIdle();
    });
  }

  /** Whether the connection ends with this response. */
  endsWith(response: ServerResponse): boolean {
    return this.draining !== undefined && this.newest.get(response.req.socket) === response;
  }

  /**
   * Accepts waiting connections, reads received data, then accepts no more. Idle connections end at once, others with their
   * reply, and half-sent requests after at most 10 seconds. Repeated calls wait for the same end.
   */
  run(): Promise<void> {
    this.draining ??= this.drain();
    return this.draining;
  }

  private async drain(): Promise<void> {
    // Set before the first turn, so that every later reply ends its connection.
    const startedAt = performance.now();
    for (let quiet = 0; quiet < QUIET_TURNS && performance.now() - startedAt < this.limits.acceptMs;) {
      const before = this.accepted;
      await oneTurn();
      quiet = this.accepted === before ? quiet + 1 : 0;
    }
    const limits = [
      setTimeout(() => {
        for (const socket of this.silent) if (socket.bytesRead === 0) socket.destroy();
      }, this.limits.silentMs),
      setTimeout(() => {
        this.server.closeAllConnections();
      }, this.limits.answerMs),
    ];
    await new Promise<void>((resolve) => {
      this.server.close(() => {
        resolve();
      });
    });
    for (const limit of limits) clearTimeout(limit);
  }

  /** Received data on an otherwise idle connection is read first. */
  private closeIdle(): void {
    setImmediate(() => {
      setImmediate(() => {
        this.server.closeIdleConnections();
      });
    });
  }
}

/** In each turn the event loop asks the system once for connections and bytes. */
const oneTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
