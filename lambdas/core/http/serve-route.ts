import type { APIGatewayProxyResult } from 'aws-lambda';
import { GATEWAY_DETAILS } from '../contract/problems';
import { KeywardError, toKeywardError } from '../errors/errors';
import { failureFields } from '../ports/failure-fields';
import type { LogFields } from '../ports/logger';
import { cutToSchema } from './cut-to-schema';
import { readIdempotencyKey } from './idempotency-key';
import { jsonReply } from './json-reply';
import { methodNotAllowed } from './method-not-allowed';
import type { Operation, OperationReply, OperationRequest, Runtime } from './operation';
import { readPrecondition } from './precondition';
import { problemReply, type ProblemExtras } from './problem';
import { callerOf, type ProxyEvent } from './proxy-event';
import { readBody, readQuery } from './request-content';
import { checkParameters, type RouteMatch } from './router';

/**
 * Serves one request whose route is known. Parses the whole of it before the operation runs, takes identity from the gateway's request
 * context alone, cuts the reply to its schema, and writes one log line. Never rejects.
 *
 * @param match as the router found it in `operations`
 */
export async function serveRoute<A>(
  event: ProxyEvent,
  match: RouteMatch,
  operations: Readonly<Record<string, Operation<A>>>,
  context: Runtime<A>,
): Promise<APIGatewayProxyResult> {
  const { requestId } = event.requestContext;
  const startedAt = context.clock.now();
  let operationId: string | undefined;
  let provider: string | undefined;
  const finish = (reply: APIGatewayProxyResult, more?: LogFields): APIGatewayProxyResult => {
    context.logger[levelOf(reply.statusCode, more)]('request served', {
      request_id: requestId,
      ...(operationId !== undefined && { operation: operationId }),
      ...(provider !== undefined && { provider }),
      ...more,
      status: reply.statusCode,
      duration_ms: Math.max(0, context.clock.now() - startedAt),
    });
    return reply;
  };
  const refuse = (thrown: unknown, extras: ProblemExtras = {}): APIGatewayProxyResult => {
    const error = toKeywardError(thrown);
    const reply = problemReply(error, requestId, extras);
    return finish(reply, shownFailure(thrown, reply.statusCode));
  };

  try {
    if (match.kind === 'none') return refuse(new KeywardError('route_not_found', GATEWAY_DETAILS.noRoute));
    if (match.kind === 'other_method') {
      const { error, extras } = methodNotAllowed(match.allow);
      return refuse(error, extras);
    }
    const { operation: id, parameters } = match;
    // The router found the id in `operations`.
    const operation = operations[id] as Operation<A>;
    operationId = id;
    const caller = operation.authenticated ? callerOf(event) : undefined;
    if (operation.authenticated && caller === undefined) {
      throw new KeywardError('access_denied', 'the request names no verified caller');
    }
    checkParameters(operation, parameters, context.providers);
    ({ provider } = parameters);
    const request = {
      caller,
      parameters,
      body: operation.ignoresInput ? undefined : readBody(event, operation),
      query: operation.ignoresInput ? {} : readQuery(event, operation.query),
      precondition: readPrecondition(event, operation),
      idempotencyKey: readIdempotencyKey(event, operation),
    } as OperationRequest;
    const reply = await operation.handle(request, context);
    if ('problem' in reply) return refuse(reply.problem, { members: shownMembers(operation, reply) });
    return finish(jsonReply(reply.status, shownBody(operation, reply), requestId, reply.headers));
  } catch (thrown) {
    return refuse(thrown);
  }
}

/** The body cut to the members of the operation's schema. */
const shownBody = ({ reply: schema }: Operation, reply: Extract<OperationReply, { status: number }>): unknown =>
  schema === undefined ? undefined : cutToSchema(schema, reply.body);

/** The extension members that the operation declares. */
const shownMembers = (
  { problemMembers: schema }: Operation,
  { members }: Extract<OperationReply, { problem: unknown }>,
): Readonly<Record<string, unknown>> =>
  schema === undefined ? {} : (cutToSchema(schema, members) as Readonly<Record<string, unknown>>);

/** A made-up version can cause `unknown_version`, so it is a warning and no error: the read of home logs its own failure. */
function levelOf(status: number, more: LogFields | undefined): 'info' | 'warn' | 'error' {
  if (status < 500) return 'info';
  return more?.reason === 'unknown_version' ? 'warn' : 'error';
}

/** Log fields of a failure, without a reason that would tell why a token did not open. */
const shownFailure = (thrown: unknown, status: number): LogFields =>
  status >= 500 ? failureFields(thrown) : { code: toKeywardError(thrown).code };
