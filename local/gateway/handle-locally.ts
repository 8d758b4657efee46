import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { ApiFunction } from '../../lambdas/core/contract/functions';
import { createHandler as createAuditHandler } from '../../lambdas/audit/handler';
import type { HttpHandler } from '../../lambdas/core/http/http-handler';
import type { Runtime } from '../../lambdas/core/http/operation';
import { matchRoute } from '../../lambdas/core/http/router';
import { OPERATION_IDS, ROUTES } from '../../lambdas/core/http/routes';
import type { Application, RotationsApplication } from '../../lambdas/core/runtime/application';
import { createHandler as createCredentialsHandler } from '../../lambdas/credentials/handler';
import { createHandler as createDecryptHandler } from '../../lambdas/decrypt/handler';
import { createHandler as createEncryptHandler } from '../../lambdas/encrypt/handler';
import { createHandler as createHealthHandler } from '../../lambdas/health/handler';
import { createHandler as createKeysHandler } from '../../lambdas/keys/handler';
import { createHandler as createRewrapHandler } from '../../lambdas/rewrap/handler';
import { createHandler as createRotationsHandler } from '../../lambdas/rotations/handler';

/** All functions in one process: an event goes to the handler of the function that API Gateway would invoke. */
export function handleLocally(
  runtime: Runtime<Application & RotationsApplication>,
): (event: APIGatewayProxyEvent) => Promise<APIGatewayProxyResult> {
  const shared = (): Promise<Runtime<Application & RotationsApplication>> => Promise.resolve(runtime);
  const handlers: Readonly<Record<ApiFunction, HttpHandler>> = {
    audit: createAuditHandler(shared),
    credentials: createCredentialsHandler(shared),
    decrypt: createDecryptHandler(shared),
    encrypt: createEncryptHandler(shared),
    health: createHealthHandler(shared),
    keys: createKeysHandler(shared),
    rewrap: createRewrapHandler(shared),
    rotations: createRotationsHandler(shared),
  };
  return (event) => {
    const match = matchRoute(OPERATION_IDS, event.httpMethod, event.path);
    if (match.kind === 'route') return handlers[ROUTES[match.operation].function](event);
    // No function serves it alone; any of them gives the answer for its own paths, and 404 for the others.
    const owner = match.kind === 'other_method' ? ownerOf(event.path, match.allow) : 'health';
    return handlers[owner](event);
  };
}

/** The function of the route that has this path with a method it allows. */
function ownerOf(path: string, allow: string): ApiFunction {
  const match = matchRoute(OPERATION_IDS, allow.split(', ')[0] ?? '', path);
  return match.kind === 'route' ? ROUTES[match.operation].function : 'health';
}
