import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { ROTATION_ID, dekRotationReply } from '../../doubles/cli-stage';
import type { JsonObject } from '../../../cli/client/json-object';

export interface Received {
  readonly method: string;
  /** Includes the query. */
  readonly path: string;
  readonly idempotencyKey: string | undefined;
  readonly body: JsonObject | undefined;
}

/** The answer to one request: a status and a body with headers, a closed connection, or none. */
export type Answer =
  | { readonly status: number; readonly body: JsonObject; readonly headers?: Record<string, string> }
  | 'hang up'
  | 'say nothing';

/** The progress of rotations: the answer to each look, the last one repeated. */
export const COURSE: readonly JsonObject[] = [
  dekRotationReply(),
  dekRotationReply({ status: 'rekeying', counts: { total: 1_000, moved: 250 }, moved_per_second: 100 }),
  dekRotationReply({
    status: 'completed',
    counts: { total: 1_000, moved: 1_000, shards_verified: 16 },
    ended_at: '2026-11-21T00:05:00.000Z',
  }),
];

/**
 * Speaks the rotation part of the API over real HTTP. A rotation starts once for each idempotency key, whether or not its
 * answer arrives; `interfere` may replace the answer to a request that has been carried out.
 */
export class DekRotationService {
  readonly received: Received[] = [];
  /** The number of started rotations. */
  started = 0;
  url = '';
  private readonly keys = new Set<string>();
  private looks = 0;
  private readonly server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    void this.serve(request, response);
  });

  constructor(
    private readonly course: readonly JsonObject[] = COURSE,
    private readonly interfere: (received: Received, count: number) => Answer | undefined = () => undefined,
  ) {}

  async listen(): Promise<this> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    return this;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    const body = headers['content-type'] === 'application/json' ? ((await json(request)) as JsonObject) : undefined;
    const key = headers['idempotency-key'];
    const received = { method, path: url, idempotencyKey: typeof key === 'string' ? key : undefined, body };
    this.received.push(received);
    const isSigned = headers.authorization?.startsWith('AWS4-HMAC-SHA256 Credential=') === true;
    const usual = isSigned ? this.answer(received) : problem(403, 'access_denied');
    const answer = this.interfere(received, this.received.length) ?? usual;
    if (answer === 'hang up') {
      response.destroy();
      return;
    }
    if (answer === 'say nothing') return;
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
    response.end(JSON.stringify(answer.body));
  }

  private answer({ method, path, idempotencyKey, body }: Received): Answer {
    if (method === 'POST' && path === '/v1/providers/openai/rotate') return this.start(idempotencyKey ?? '', body);
    if (method === 'GET' && path === '/v1/providers/openai/rotations?limit=1') return ok({ rotations: [COURSE[0]] });
    if (method === 'GET' && path === `/v1/providers/openai/rotations/${ROTATION_ID}`) {
      this.looks += 1;
      return ok(this.course[Math.min(this.looks, this.course.length) - 1] ?? {});
    }
    return problem(404, 'rotation_not_found');
  }

  private start(key: string, body: JsonObject | undefined): Answer {
    if (body?.['dry_run'] === true) return ok(dryRunPart(body['cursor']));
    if (!this.keys.has(key)) {
      if (this.started > 0) return problem(409, 'rotation_running', { rotation_id: ROTATION_ID });
      this.keys.add(key);
      this.started += 1;
    }
    return { status: 202, body: dekRotationReply() };
  }
}

export const problem = (status: number, code: string, members: JsonObject = {}, headers = {}): Answer => ({
  status,
  body: { type: 'about:blank', status, code, detail: 'as the service says it', request_id: 'r-1', ...members },
  headers: { 'content-type': 'application/problem+json', ...headers },
});

const ok = (body: JsonObject): Answer => ({ status: 200, body });

/** A dry run in three parts of 100 credentials each; the last part has one that does not decrypt. */
function dryRunPart(cursor: unknown): JsonObject {
  const index = cursor === undefined ? 0 : Number(cursor);
  return {
    provider: 'openai',
    dry_run: true,
    from_version: 1,
    to_version: 2,
    credentials: 100,
    by_version: [{ key_version: 1, credentials: 100 }],
    undecryptable: index === 2 ? ['damaged'] : [],
    would_move: index === 2 ? 99 : 100,
    estimated_seconds: 203,
    ...(index < 2 && { next_cursor: String(index + 1) }),
  };
}
