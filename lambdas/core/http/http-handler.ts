import type { APIGatewayProxyResult } from 'aws-lambda';
import { invalidRequest, toKeywardError } from '../errors/errors';
import type { ApplicationOf, Operation, Operations, Runtime } from './operation';
import { problemReply } from './problem';
import { isProxyEvent } from './proxy-event';
import { matchRoute } from './router';
import { serveRoute } from './serve-route';

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
    const reply = await serveRoute(event, matchRoute(own, event.httpMethod, event.path), own, context);
    context.flush?.();
    return reply;
  };
}
