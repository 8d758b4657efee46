import type { APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod/mini';
import { GATEWAY_DETAILS } from '../contract/problems';
import type { ApiFunction } from '../contract/functions';
import { invalidRequest, KeywardError, toKeywardError } from '../errors/errors';
import { failureFields } from '../ports/failure-fields';
import type { LogFields } from '../ports/logger';
import { readIdempotencyKey } from './idempotency-key';
import { jsonReply } from './json-reply';
import type { Operation, OperationReply, OperationRequest, OperationsOf, Runtime } from './operation';
import { readPrecondition } from './precondition';
import { problemReply, type ProblemExtras } from './problem';
import { callerOf, isProxyEvent, type ProxyEvent } from './proxy-event';
import { readBody, readQuery } from './request-content';
import { checkParameters, matchRoute } from './router';
import { OPERATION_IDS, ROUTES, type OperationId, type Route } from './routes';

/** A Lambda function behind the REST API. Never rejects: whatever happens becomes a reply. */
export type HttpHandler = (event: unknown) => Promise<APIGatewayProxyResult>;

const UNKNOWN_REQUEST_ID = 'unknown';

/**
 * Serves one function's routes and no others. Parses everything before the operation runs, takes identity from the
 * gateway's request context alone, cuts replies to their schemas, and writes one log line a request.
 *
 * @param runtime called for every request: it memoises. Where it rejects it has already logged why.
 */
export function createHttpHandler<F extends ApiFunction, A>(
  functionName: F,
  runtime: () => Promise<Runtime<A>>,
  operations: OperationsOf<F, A>,
): HttpHandler {
  const served = OPERATION_IDS.filter((operation) => ROUTES[operation].function === functionName);
  // A request is built by the very route that names the operation, which the types cannot follow.
  const run = operations as unknown as Readonly<Record<OperationId, Operation<OperationId, A>>>;

  return async (event) => {
    let context: Runtime<A>;
    try {
      context = await runtime();
    } catch (thrown) {
      return problemReply(
        toKeywardError(thrown),
        isProxyEvent(event) ? event.requestContext.requestId : UNKNOWN_REQUEST_ID,
      );
    }
    if (!isProxyEvent(event)) {
      context.logger.error('event refused: it is not a request of this API', { operation: functionName });
      return problemReply(invalidRequest('the event is not a request of this API'), UNKNOWN_REQUEST_ID);
    }
    const reply = await serve(event, served, run, context);
    context.flush?.();
    return reply;
  };
}

async function serve<A>(
  event: ProxyEvent,
  served: readonly OperationId[],
  run: Readonly<Record<OperationId, Operation<OperationId, A>>>,
  context: Runtime<A>,
): Promise<APIGatewayProxyResult> {
  const { requestId } = event.requestContext;
  const startedAt = context.clock.now();
  let fields: LogFields = { request_id: requestId };
  const finish = (reply: APIGatewayProxyResult, more: LogFields = {}): APIGatewayProxyResult => {
    const duration = Math.max(0, context.clock.now() - startedAt);
    const level = levelOf(reply.statusCode, more);
    context.logger[level]('request served', { ...fields, ...more, status: reply.statusCode, duration_ms: duration });
    return reply;
  };
  const refuse = (thrown: unknown, extras: ProblemExtras = {}): APIGatewayProxyResult => {
    const error = toKeywardError(thrown);
    const reply = problemReply(error, requestId, extras);
    return finish(reply, shownFailure(thrown, reply.statusCode));
  };

  try {
    const match = matchRoute(served, event.httpMethod, event.path);
    if (match.kind === 'none') return refuse(new KeywardError('route_not_found', GATEWAY_DETAILS.noRoute));
    if (match.kind === 'other_method') {
      const error = new KeywardError('method_not_allowed', 'the path does not have this method');
      return refuse(error, { headers: { allow: match.allow } });
    }
    const { operation, parameters } = match;
    const route: Route = ROUTES[operation];
    fields = { ...fields, operation };
    const caller = route.authenticated ? callerOf(event) : undefined;
    if (route.authenticated && caller === undefined) {
      throw new KeywardError('access_denied', 'the request names no verified caller');
    }
    checkParameters(route, parameters, context.providers);
    if (parameters.provider !== undefined) fields = { ...fields, provider: parameters.provider };
    const request = {
      caller,
      parameters,
      body: readBody(event, route.request),
      query: readQuery(event, route.query),
      precondition: readPrecondition(event, route),
      idempotencyKey: readIdempotencyKey(event, route),
    } as OperationRequest<OperationId>;
    const reply = await run[operation](request, context);
    if ('problem' in reply) return refuse(reply.problem, { members: reply.members });
    return finish(jsonReply(reply.status, shownBody(route, reply), requestId, reply.headers));
  } catch (thrown) {
    return refuse(thrown);
  }
}

/** The body with the members of the route's schema and no others. */
const shownBody = (route: Route, reply: Extract<OperationReply, { status: number }>): unknown =>
  route.reply === undefined ? undefined : z.parse(route.reply, reply.body);

/** A token may name a version that nobody made: that home cannot say so for now is told by those who ask home. */
function levelOf(status: number, { reason }: LogFields): 'info' | 'warn' | 'error' {
  if (status < 500) return 'info';
  return reason === 'unknown_version' ? 'warn' : 'error';
}

/** What the log says of a failure. The reason stays out where it would tell why a token did not open. */
const shownFailure = (thrown: unknown, status: number): LogFields =>
  status >= 500 ? failureFields(thrown) : { code: toKeywardError(thrown).code };
