import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** How long a server that ends waits for others. */
export interface DrainLimits {
  /** For what is still being sent or answered. */
  readonly answerMs: number;
  /** For a connection on which nothing has ever come, such as one that a browser opens in advance. */
  readonly silentMs: number;
  /** Where connections keep coming, it stops to take them after this time. */
  readonly acceptMs: number;
}

export const DRAIN_LIMITS: DrainLimits = { answerMs: 10_000, silentMs: 5_000, acceptMs: 5_000 };
/** Turns of the event loop without a new connection, after which none waits in the system's queue. */
const QUIET_TURNS = 2;

/**
 * Ends a server without resetting a connection that the system had accepted for it: those were told that somebody listens,
 * and may have sent a request that nobody has read.
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

  /** To be called with each response before it is answered. */
  note(response: ServerResponse): void {
    // Its own is not set before the responses ahead of it in a pipeline are sent.
    const { socket } = response.req;
    this.silent.delete(socket);
    this.newest.set(socket, response);
    response.once('close', () => {
      if (this.draining !== undefined) this.closeIdle();
    });
  }

  /** Whether the connection is to end with this response. */
  endsWith(response: ServerResponse): boolean {
    return this.draining !== undefined && this.newest.get(response.req.socket) === response;
  }

  /**
   * Takes what waits to be accepted, reads what has come, then accepts no more. Idle connections end at once, others with their
   * answer, what is half sent after 10 seconds at most. Calling it again waits for the same end.
   */
  run(): Promise<void> {
    this.draining ??= this.drain();
    return this.draining;
  }

  private async drain(): Promise<void> {
    // Set before the first turn, so that what is answered from now on ends its connection.
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

  /** What has come meanwhile on a connection that would be idle is read first. */
  private closeIdle(): void {
    setImmediate(() => {
      setImmediate(() => {
        this.server.closeIdleConnections();
      });
    });
  }
}

/** Between two of them the event loop asks the system once for connections and bytes. */
const oneTurn = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });
