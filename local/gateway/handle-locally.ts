import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { ApplicationOf, Operation, Operations, Runtime } from '../../lambdas/core/http/operation';
import type { RouteMatch } from '../../lambdas/core/http/router';
import { serveRoute } from '../../lambdas/core/http/serve-route';
import { OPERATIONS } from '../../lambdas/core/runtime/operations';

type Application = ApplicationOf<typeof OPERATIONS>;

/** Handles an event of the gateway, with its route. Never rejects. */
export type LocalHandler = (event: APIGatewayProxyEvent, match: RouteMatch) => Promise<APIGatewayProxyResult>;

/** Runs all functions in one process: every event goes to the same operation as behind API Gateway. */
export function handleLocally(runtime: Runtime<Application>): LocalHandler {
  const operations = OPERATIONS as Operations as Readonly<Record<string, Operation<Application>>>;
  return (event, match) => serveRoute(event, match, operations, runtime);
}
