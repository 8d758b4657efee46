import type { APIGatewayProxyResult } from 'aws-lambda';
import * as z from 'zod/mini';
import { GATEWAY_DETAILS } from '../contract/problems';
import { invalidRequest, KeywardError, toKeywardError } from '../errors/errors';
import { failureFields } from '../ports/failure-fields';
import type { LogFields } from '../ports/logger';
import { readIdempotencyKey } from './idempotency-key';
import { jsonReply } from './json-reply';
import { methodNotAllowed } from './method-not-allowed';
import type { ApplicationOf, Operation, OperationReply, OperationRequest, Operations, Runtime } from './operation';
import { readPrecondition } from './precondition';
import { problemReply, type ProblemExtras } from './problem';
import { callerOf, isProxyEvent, type ProxyEvent } from './proxy-event';
import { readBody, readQuery } from './request-content';
import { checkParameters, matchRoute } from './router';

/** A Lambda function behind the REST API. Never rejects: every error becomes a reply. */
export type HttpHandler = (event: unknown) => Promise<APIGatewayProxyResult>;

const UNKNOWN_REQUEST_ID = 'unknown';

/**
 * Serves the operations of one function. Parses the whole request before an operation runs, takes identity from the gateway's
 * request context alone, cuts replies to their schemas, and writes one log line per request.
 *
 * @param runtime called for every request, so it must memoize; if it rejects, it has logged the reason
 */
export function createHttpHandler<O extends Operations>(
  operations: O,
  runtime: () => Promise<Runtime<ApplicationOf<O>>>,
): HttpHandler {
  const [functionName = ''] = Object.values(operations).map((operation) => operation.function);
  // The application is what all operations need together, so it has what each of them needs.
  const own = operations as Operations as Readonly<Record<string, Operation<ApplicationOf<O>>>>;
  return async (event) => {
    let context: Runtime<ApplicationOf<O>>;
    try {
      context = await runtime();
    } catch (thrown) {
      return problemReply(
        toKeywardError(thrown),
        isProxyEvent(event) ? event.requestContext.requestId : UNKNOWN_REQUEST_ID,
      );
    }
    if (!isProxyEvent(event)) {
      context.logger.error('event refused: not a request of this API', { operation: functionName });
      return problemReply(invalidRequest('the event is not a request of this API'), UNKNOWN_REQUEST_ID);
    }
    const reply = await serve(event, own, context);
    context.flush?.();
    return reply;
  };
}

async function serve<A>(
  event: ProxyEvent,
  operations: Readonly<Record<string, Operation<A>>>,
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
    const match = matchRoute(operations, event.httpMethod, event.path);
    if (match.kind === 'none') return refuse(new KeywardError('route_not_found', GATEWAY_DETAILS.noRoute));
    if (match.kind === 'other_method') {
      const { error, extras } = methodNotAllowed(match.allow);
      return refuse(error, extras);
    }
    const { operation: id, parameters } = match;
    // The router found the id in `operations`.
    const operation = operations[id] as Operation<A>;
    fields = { ...fields, operation: id };
    const caller = operation.authenticated ? callerOf(event) : undefined;
    if (operation.authenticated && caller === undefined) {
      throw new KeywardError('access_denied', 'the request names no verified caller');
    }
    checkParameters(operation, parameters, context.providers);
    const { provider } = parameters;
    if (provider !== undefined) fields = { ...fields, provider };
    const request = {
      caller,
      parameters,
      body: operation.ignoresInput ? undefined : readBody(event, operation),
      query: operation.ignoresInput ? {} : readQuery(event, operation.query),
      precondition: readPrecondition(event, operation),
      idempotencyKey: readIdempotencyKey(event, operation),
    } as OperationRequest;
    const reply = await operation.handle(request, context);
    if ('problem' in reply) return refuse(reply.problem, { members: reply.members });
    return finish(jsonReply(reply.status, shownBody(operation, reply), requestId, reply.headers));
  } catch (thrown) {
    return refuse(thrown);
  }
}

/** The body cut to the members of the operation's schema. */
const shownBody = ({ reply: schema }: Operation, reply: Extract<OperationReply, { status: number }>): unknown =>
  schema === undefined ? undefined : z.parse(schema, reply.body);

/** A made-up version can cause `unknown_version`, so it is a warning and no error: the read of home logs its own failure. */
function levelOf(status: number, { reason }: LogFields): 'info' | 'warn' | 'error' {
  if (status < 500) return 'info';
  return reason === 'unknown_version' ? 'warn' : 'error';
}

/** Log fields of a failure, without a reason that would tell why a token did not open. */
const shownFailure = (thrown: unknown, status: number): LogFields =>
  status >= 500 ? failureFields(thrown) : { code: toKeywardError(thrown).code };
