import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { API_SERVICE } from '../../lambdas/core/contract/execute-api';
import { GATEWAY_DETAILS, OUTAGE_DETAILS, tooLarge } from '../../lambdas/core/contract/problems';
import { SECOND_MS } from '../../lambdas/core/contract/time-units';
import { KeywardError, toKeywardError } from '../../lambdas/core/errors/errors';
import { newId, type Randomness } from '../../lambdas/core/crypto/randomness';
import { problemReply } from '../../lambdas/core/http/problem';
import { OPERATIONS } from '../../lambdas/core/runtime/operations';
import type { AuditSink } from '../../lambdas/core/audit/ports/audit-log';
import type { Clock } from '../../lambdas/core/ports/clock';
import { failureFields } from '../../lambdas/core/ports/failure-fields';
import type { LogFields, Logger } from '../../lambdas/core/ports/logger';
import type { Metrics } from '../../lambdas/core/ports/metrics';
import {
  asksForDocument,
  otherMethodOf,
  readAsked,
  routeOf,
  type AskedRequest,
  type GatewayDocument,
  type Problem,
} from './asked-request';
import { isAskedUnbidden } from './asked-unbidden';
import { bodyText } from './body-text';
import { ServerDrain, type DrainLimits } from './drain-server';
import { allowsInvoke, invokeArn } from './execute-api-policy';
import type { LocalHandler } from './handle-locally';
import type { Principal, SigningPrincipal } from '../identity/principals';
import { headersFault } from './header-limits';
import { RefusalLogger } from './refusal-logger';
import type { Refusal } from '../../lambdas/core/refusals/refusal-event';
import { RefusalAudit } from './refusal-audit';
import { describeRefusal } from './describe-refusal';
import { declaresTooMuch, readRequestBody } from './request-body';
import { createCallersServer } from './reserved-port';
import { isUnsigned, SignatureVerifier, type Verification } from '../identity/signature-v4';
import { toProxyEvent } from './to-proxy-event';
import { UnreadableRequests } from './unreadable-requests';
import { writeReply } from './write-reply';

export interface GatewayOptions {
  /** A listening server. Left out: `listen` makes one. */
  readonly server?: Server;
  readonly region: string;
  /** By access key id. */
  readonly principals: ReadonlyMap<string, SigningPrincipal>;
  /** The configured providers: audit events have no other provider names. */
  readonly providers: readonly string[];
  readonly handler: LocalHandler;
  /** Public documents for GET, such as `/openapi.json` and `/docs`. */
  readonly documents?: (path: string) => GatewayDocument | undefined;
  readonly audit: AuditSink;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Limits of {@link Gateway.close}. Left out: the defaults. */
  readonly drainLimits?: DrainLimits;
}

const DONE = Promise.resolve();
const FLUSH_INTERVAL_MS = 15_000;

const UNSIGNED: Problem = { error: new KeywardError('access_denied', GATEWAY_DETAILS.unsigned) };
const NOT_ALLOWED: Problem = { error: new KeywardError('access_denied', GATEWAY_DETAILS.notAllowed) };
const NOT_FOUND: Problem = { error: new KeywardError('route_not_found', GATEWAY_DETAILS.noRoute) };

/**
 * Stands in for API Gateway with IAM authorization: converts HTTP requests to proxy events for the handlers that run on Lambda.
 * Every request except GET and HEAD of `/healthz` and of the documents must have a valid Signature Version 4 and be allowed by
 * its principal's policy; otherwise it gets 403, audited before the reply. An unsupported method of a path is 405 for verified
 * and for unsigned requests, because the API's description lists the methods; a wrong signature is always 403.
 */
export class Gateway {
  private readonly server: Server;
  private readonly verifier: SignatureVerifier;
  private readonly refusals: RefusalAudit;
  private readonly refusalLogger: RefusalLogger;
  private readonly flushTimer: NodeJS.Timeout;
  private readonly drain: ServerDrain;
  private readonly unreadable: UnreadableRequests;

  constructor(private readonly deps: GatewayOptions) {
    this.verifier = new SignatureVerifier({ ...deps, service: API_SERVICE });
    this.refusals = new RefusalAudit(deps);
    this.refusalLogger = new RefusalLogger(deps);
    this.server = deps.server ?? createCallersServer();
    this.unreadable = new UnreadableRequests({ lines: this.refusalLogger, randomness: deps.randomness });
    this.server.on('request', (request, response) => {
      this.accept(request, response, () => undefined);
    });
    this.drain = new ServerDrain(this.server, deps.drainLimits);
    this.server.on('checkContinue', (request, response) => {
      this.accept(request, response, (maxBodyBytes) => {
        if (!declaresTooMuch(request, maxBodyBytes)) response.writeContinue();
      });
    });
    this.server.on('clientError', (error, socket) => {
      this.unreadable.answer(error, socket);
    });
    this.flushTimer = setInterval(() => void this.refusals.flush(), FLUSH_INTERVAL_MS);
    this.flushTimer.unref();
  }

  /**
   * @param port 0 takes a free one
   * @returns the port that it listens on
   * @throws KeywardError `configuration_invalid` if the port is not available
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

  /** Stops accepting, answers accepted requests for at most 10 seconds, and writes the counts of refusals. Idempotent. */
  async close(): Promise<void> {
    clearInterval(this.flushTimer);
    await this.drain.run();
    await this.refusals.close();
  }

  /** @param invite asks for the body, if the client waits for that */
  private accept(request: IncomingMessage, response: ServerResponse, invite: (maxBodyBytes: number) => void): void {
    this.drain.note(response);
    this.unreadable.note(response);
    const requestId = newId(this.deps.randomness);
    this.serve(request, response, requestId, invite).catch((thrown: unknown) => {
      this.deps.logger.error('request failed', { request_id: requestId, ...failureFields(thrown) });
      this.send(response, problemReply(toKeywardError(undefined), requestId));
    });
  }

  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    invite: (maxBodyBytes: number) => void,
  ): Promise<void> {
    const { documents = () => undefined } = this.deps;
    const asked = readAsked(request, response, { requestId, receivedAt: this.deps.clock.now() }, documents);
    const fault = headersFault(request);
    if (fault !== undefined) {
      response.shouldKeepAlive = false;
      const message =
        fault.code === 'headers_too_large'
          ? 'request refused: it has too many headers, or too large ones'
          : 'request refused: it has no Host, or several';
      this.refusalLogger.tell(message, asked.sourceIp, { request_id: requestId, code: fault.code });
      this.fail(asked, { error: fault });
      return;
    }
    invite(asked.maxBodyBytes);
    const answered = this.answerAnyone(asked);
    if (answered !== undefined) return answered;
    const body = await readRequestBody(request, asked.maxBodyBytes);
    if (body === 'aborted') return;
    if (body === 'too_large') {
      response.shouldKeepAlive = false;
      const problem = { error: new KeywardError('payload_too_large', tooLarge(asked.maxBodyBytes)) };
      this.turnAway(asked, problem, asked.sourceIp, 'request refused: its body is larger than the call allows');
      return;
    }
    const { method, target } = asked;
    const verification = this.verifier.verify({ method, rawHeaders: request.rawHeaders, body, ...target });
    if (verification.ok) await this.answerVerified(asked, verification.principal, body);
    else await this.refuseUnverified(asked, verification);
  }

  /** Answers requests that need no signature, and those that programs make without a user's intent; undefined for any other. */
  private answerAnyone(asked: AskedRequest): Promise<void> | undefined {
    const { request, response, method, target, match, document } = asked;
    if (match.kind === 'route' && !OPERATIONS[match.operation].authenticated) {
      return this.answer(asked, '', undefined);
    }
    if (document !== undefined && asksForDocument(asked)) {
      if (this.drain.endsWith(response)) response.shouldKeepAlive = false;
      writeReply(response, document.status, document.headers, document.body);
      return DONE;
    }
    const { rawHeaders } = request;
    if (!isAskedUnbidden(method, target.path) || !isUnsigned({ ...target, rawHeaders })) return undefined;
    this.fail(asked, match.kind === 'none' ? NOT_FOUND : (otherMethodOf(asked) ?? UNSIGNED));
    return DONE;
  }

  private async answerVerified(asked: AskedRequest, principal: Principal, body: Buffer): Promise<void> {
    const { method, target } = asked;
    const otherMethod = otherMethodOf(asked);
    if (otherMethod !== undefined) {
      this.fail(asked, otherMethod);
    } else if (!target.isPlain) {
      this.fail(asked, NOT_FOUND);
    } else if (!allowsInvoke(principal.policy, invokeArn(this.deps.region, method, target.path))) {
      const refusal = describeRefusal(asked, NOT_ALLOWED, 'policy_denied', this.deps.providers);
      this.tell(refusal, principal.arn, 'request refused: the policy of its user does not allow it');
      await this.refuse(asked, NOT_ALLOWED, this.refusals.verified(refusal, principal));
    } else {
      await this.answerAllowed(asked, principal, body);
    }
  }

  private async answerAllowed(asked: AskedRequest, principal: Principal, body: Buffer): Promise<void> {
    let text: string;
    try {
      text = bodyText(body, asked.request.headers['content-encoding']);
    } catch (thrown) {
      const problem = { error: toKeywardError(thrown) };
      this.turnAway(asked, problem, principal.arn, 'request refused: its body is encoded, or not UTF-8');
      return;
    }
    await this.answer(asked, text, principal);
  }

  private async refuseUnverified(
    asked: AskedRequest,
    { reason, message, claimed, skewMs }: Extract<Verification, { ok: false }>,
  ): Promise<void> {
    const problem = (reason === 'signature_missing' ? otherMethodOf(asked) : undefined) ?? UNSIGNED;
    const refusal = describeRefusal(asked, problem, reason, this.deps.providers);
    this.tell(refusal, asked.sourceIp, message, {
      ...(reason === 'signature_scope' && { region: this.deps.region }),
      ...(skewMs !== undefined && { clock_skew_seconds: Math.round(skewMs / SECOND_MS) }),
    });
    await this.refuse(asked, problem, this.refusals.unverified(refusal, claimed));
  }

  private async answer(asked: AskedRequest, body: string, principal: Principal | undefined): Promise<void> {
    const { request, response, target, match } = asked;
    const event = toProxyEvent(request, target, body, { principal, route: routeOf(match), ...asked });
    this.send(response, await this.deps.handler(event, match));
  }

  private fail({ response, requestId }: AskedRequest, { error, extras }: Problem): void {
    this.send(response, problemReply(error, requestId, extras));
  }

  /** Answers when the refusal is durable, and with 503 if it cannot be made durable. */
  private async refuse(asked: AskedRequest, problem: Problem, audited: Promise<void>): Promise<void> {
    try {
      await audited;
    } catch {
      this.fail(asked, { error: new KeywardError('audit_unavailable', OUTAGE_DETAILS.auditAway) });
      return;
    }
    this.fail(asked, problem);
  }

  /** Refuses a body without reading it. This is logged but not audited: anybody can send such a body, and no operation was requested. */
  private turnAway(asked: AskedRequest, problem: Problem, sender: string | null, message: string): void {
    const { code } = problem.error;
    this.tell(describeRefusal(asked, problem, code, this.deps.providers), sender, message);
    this.fail(asked, problem);
  }

  private tell(refusal: Refusal, sender: string | null, message: string, more: LogFields = {}): void {
    const { requestId, code, reason, operation, provider } = refusal;
    this.refusalLogger.tell(message, sender, {
      request_id: requestId,
      code,
      reason,
      ...(operation !== undefined && { operation }),
      ...(provider !== null && { provider }),
      ...more,
    });
  }

  private send(response: ServerResponse, reply: APIGatewayProxyResult): void {
    if (this.drain.endsWith(response)) response.shouldKeepAlive = false;
    const body = reply.isBase64Encoded === true ? Buffer.from(reply.body, 'base64') : reply.body;
    writeReply(response, reply.statusCode, { ...reply.headers, ...reply.multiValueHeaders }, body);
  }
}
