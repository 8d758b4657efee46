import { isUtf8 } from 'node:buffer';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { API_SERVICE } from '../../lambdas/core/contract/api-calls';
import { MAX_BODY_BYTES } from '../../lambdas/core/contract/limits';
import { GATEWAY_DETAILS, tooLarge } from '../../lambdas/core/contract/problems';
import { invalidRequest, KeywardError, toKeywardError } from '../../lambdas/core/errors/errors';
import { newId, type Randomness } from '../../lambdas/core/crypto/randomness';
import { checkContentCoding } from '../../lambdas/core/http/content-coding';
import { problemReply } from '../../lambdas/core/http/problem';
import { keptUserAgent } from '../../lambdas/core/http/user-agent';
import { matchRoute, type RouteMatch } from '../../lambdas/core/http/router';
import { OPERATIONS, type OperationId } from '../../lambdas/core/runtime/operations';
import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import { failureFields } from '../../lambdas/core/ports/failure-fields';
import type { Logger } from '../../lambdas/core/ports/logger';
import type { Metrics } from '../../lambdas/core/ports/metrics';
import { ServerDrain, type DrainLimits } from './drain-server';
import { allowsInvoke, invokeArn } from './execute-api-policy';
import type { Principal, SigningPrincipal } from '../identity/principals';
import { RefusalLog, type Refusal } from './refusal-log';
import { announcesTooMuch, readRequestBody } from './request-body';
import { parseRequestTarget, type RequestTarget } from './request-target';
import { SERVER_LIMITS } from './reserved-port';
import { SignatureVerifier } from '../identity/signature-v4';
import { toProxyEvent } from './to-proxy-event';

/** A reply that needs no handler, such as a page of the documentation. */
export interface GatewayDocument {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface GatewayOptions {
  /** Listens already. Left out: `listen` makes one do so. */
  readonly server?: Server;
  readonly region: string;
  /** By access key id. */
  readonly principals: ReadonlyMap<string, SigningPrincipal>;
  /** The configured providers: only these names get into an audit event. */
  readonly providers: readonly string[];
  readonly handler: (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult>;
  /** What anyone may GET under `/openapi.json` and `/docs`. */
  readonly documents?: (path: string) => GatewayDocument | undefined;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Of {@link Gateway.close}. Left out: what suits. */
  readonly drainLimits?: DrainLimits;
}

type Match = RouteMatch<OperationId>;

const FLUSH_INTERVAL_MS = 15_000;

/**
 * Stands in for API Gateway with IAM authorization: turns HTTP into proxy events for the handlers that run on Lambda.
 * Everything but `GET /healthz` and the documents must carry a valid Signature Version 4 and be allowed by the policy
 * of its principal; what is not gets 403, audited before it is sent.
 */
export class Gateway {
  private readonly server: Server;
  private readonly verifier: SignatureVerifier;
  private readonly refusals: RefusalLog;
  private readonly flushTimer: NodeJS.Timeout;
  private readonly drain: ServerDrain;

  constructor(private readonly on: GatewayOptions) {
    this.verifier = new SignatureVerifier({ ...on, service: API_SERVICE });
    this.refusals = new RefusalLog(on);
    this.server = on.server ?? createServer(SERVER_LIMITS);
    this.server.on('request', (request, response) => {
      this.accept(request, response);
    });
    this.drain = new ServerDrain(this.server, on.drainLimits);
    this.server.on('checkContinue', (request, response) => {
      const target = parseRequestTarget(request.url ?? '');
      const limit = bodyLimit(routeOf(request.method ?? '', target));
      if (!announcesTooMuch(request, limit)) response.writeContinue();
      this.accept(request, response);
    });
    this.flushTimer = setInterval(() => void this.refusals.flush(), FLUSH_INTERVAL_MS);
    this.flushTimer.unref();
  }

  /**
   * @param port 0 takes a free one
   * @returns the port that it listens on
   * @throws KeywardError `configuration_invalid` where the port cannot be had
   */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.server.once('error', (error: NodeJS.ErrnoException) => {
        const isTaken = error.code === 'EADDRINUSE';
        const why = isTaken ? 'is in use; set PORT to another one' : `cannot be used (${error.code ?? 'unknown'})`;
        reject(new KeywardError('configuration_invalid', `port ${port} ${why}`));
      });
      this.server.listen(port, host, () => {
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /**
   * Stops accepting, answers what was accepted, for at most 10 seconds, and writes the counts of refusals. Calling it again is
   * harmless.
   */
  async close(): Promise<void> {
    clearInterval(this.flushTimer);
    await this.drain.run();
    await this.refusals.close();
  }

  private accept(request: IncomingMessage, response: ServerResponse): void {
    this.drain.note(response);
    const requestId = newId(this.on.randomness);
    this.serve(request, response, requestId).catch((thrown: unknown) => {
      this.on.logger.error('request failed', { request_id: requestId, ...failureFields(thrown) });
      this.send(response, problemReply(toKeywardError(undefined), requestId));
    });
  }

  private async serve(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const receivedAt = this.on.clock.now();
    const method = request.method ?? '';
    const target = parseRequestTarget(request.url ?? '');
    const match = routeOf(method, target);
    const sourceIp = request.socket.remoteAddress ?? null;
    const answer = async (body: string, principal: Principal | undefined): Promise<void> => {
      const route = match.kind === 'route' ? toRoute(match) : undefined;
      const facts = { requestId, receivedAt, sourceIp, principal, route };
      this.send(response, await this.on.handler(toProxyEvent(request, target, body, facts)));
    };
    if (match.kind === 'route' && !OPERATIONS[match.operation].authenticated) {
      await answer('', undefined);
      return;
    }
    const document = method === 'GET' && target.isPlain ? this.on.documents?.(target.path) : undefined;
    if (document !== undefined) {
      if (this.drain.endsWith(response)) response.shouldKeepAlive = false;
      write(response, document.status, document.headers, document.body);
      return;
    }
    const maxBodyBytes = bodyLimit(match);
    const body = await readRequestBody(request, maxBodyBytes);
    if (body === 'aborted') return;
    if (body === 'too_large') {
      response.shouldKeepAlive = false;
      const error = new KeywardError('payload_too_large', tooLarge(maxBodyBytes));
      this.send(response, problemReply(error, requestId));
      return;
    }

    const { path, rawQuery, query } = target;
    const verification = this.verifier.verify({
      method,
      path,
      rawQuery,
      query,
      rawHeaders: request.rawHeaders,
      body,
    });
    const refusal = (reason: string): Refusal => ({
      requestId,
      address: sourceIp,
      userAgent: keptUserAgent(request.headers['user-agent']),
      reason,
      ...(match.kind === 'route' ? this.shownRoute(match) : { operation: undefined, provider: null }),
    });
    if (!verification.ok) {
      const audited = this.refusals.unverified(refusal(verification.reason), verification.claimed);
      await this.refuse(response, requestId, GATEWAY_DETAILS.unsigned, audited);
      return;
    }
    const { principal } = verification;
    if (!target.isPlain) {
      this.send(response, problemReply(new KeywardError('route_not_found', GATEWAY_DETAILS.noRoute), requestId));
      return;
    }
    if (!allowsInvoke(principal.policy, invokeArn(this.on.region, method, path))) {
      await this.refuse(
        response,
        requestId,
        GATEWAY_DETAILS.notAllowed,
        this.refusals.verified(refusal('policy_denied'), principal),
      );
      return;
    }
    try {
      checkText(body, request.headers['content-encoding']);
    } catch (thrown) {
      this.send(response, problemReply(toKeywardError(thrown), requestId));
      return;
    }
    await answer(body.toString('utf8'), principal);
  }

  /** Answers once the refusal is durable, and with 503 where it cannot be made so. */
  private async refuse(
    response: ServerResponse,
    requestId: string,
    detail: string,
    audited: Promise<void>,
  ): Promise<void> {
    let error = new KeywardError('access_denied', detail);
    try {
      await audited;
    } catch {
      error = new KeywardError('audit_unavailable', 'the audit log is out of reach; try again');
    }
    this.send(response, problemReply(error, requestId));
  }

  private shownRoute({ operation, parameters }: Extract<Match, { kind: 'route' }>): {
    operation: string;
    provider: string | null;
  } {
    const { method, path } = OPERATIONS[operation];
    const { provider = '' } = parameters;
    return { operation: `${method} ${path}`, provider: this.on.providers.includes(provider) ? provider : null };
  }

  private send(response: ServerResponse, reply: APIGatewayProxyResult): void {
    if (this.drain.endsWith(response)) response.shouldKeepAlive = false;
    const body = reply.isBase64Encoded === true ? Buffer.from(reply.body, 'base64') : reply.body;
    write(response, reply.statusCode, { ...reply.headers, ...reply.multiValueHeaders }, body);
  }
}

type HeaderValue = string | number | boolean;

function write(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, HeaderValue | HeaderValue[]>>,
  body: Buffer | string,
): void {
  // The client may be gone, or half an answer sent: nothing more can be said then.
  if (response.headersSent || response.destroyed) return;
  for (const [name, value] of Object.entries(headers)) {
    response.setHeader(name, Array.isArray(value) ? value.map(String) : String(value));
  }
  if (status !== 204) response.setHeader('content-length', Buffer.byteLength(body));
  response.writeHead(status);
  // A text goes out in one write with the headers; a buffer would cost a second one.
  response.end(body);
}

const routeOf = (method: string, target: RequestTarget): Match =>
  target.isPlain ? matchRoute(OPERATIONS, method, target.path) : { kind: 'none' };

/** The most bytes that a request's body may have; where there is no such route, as most calls. */
const bodyLimit = (match: Match): number =>
  match.kind === 'route' ? OPERATIONS[match.operation].maxBodyBytes : MAX_BODY_BYTES;

/**
 * An event holds a body as text, so what is encoded is told before it is taken for damaged text.
 *
 * @throws KeywardError `unsupported_media_type`, `invalid_request`
 */
function checkText(body: Buffer, contentEncoding = ''): void {
  if (body.length > 0) checkContentCoding([contentEncoding]);
  if (!isUtf8(body)) throw invalidRequest('the body is not UTF-8');
}

const toRoute = ({ operation, parameters }: Extract<Match, { kind: 'route' }>) => ({
  path: OPERATIONS[operation].path,
  parameters: { ...parameters },
});
