import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_BODY_BYTES } from '../../lambdas/core/contract/limits';
import type { KeywardError } from '../../lambdas/core/errors/errors';
import { methodNotAllowed } from '../../lambdas/core/http/method-not-allowed';
import type { ProblemExtras } from '../../lambdas/core/http/problem';
import { matchRoute, type RouteMatch } from '../../lambdas/core/http/router';
import { OPERATIONS, type OperationId } from '../../lambdas/core/runtime/operations';
import { parseRequestTarget, type RequestTarget } from './request-target';

/** A reply that needs no handler, such as a page of the documentation. */
export interface GatewayDocument {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** What is answered where no handler is asked. */
export interface Problem {
  readonly error: KeywardError;
  readonly extras?: ProblemExtras;
}

/** A request, and where it goes. */
export interface AskedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly receivedAt: number;
  readonly sourceIp: string | null;
  readonly method: string;
  readonly target: RequestTarget;
  readonly match: RouteMatch<OperationId>;
  /** Where there is no such route, as most calls. */
  readonly maxBodyBytes: number;
  /** What is at the path, whatever the method. */
  readonly document: GatewayDocument | undefined;
}

/** Of a document, as `Allow` has them. */
const DOCUMENT_METHODS = 'GET, HEAD';

/** Reads a request's first line. What is no plain path has no route. */
export function readAsked(
  request: IncomingMessage,
  response: ServerResponse,
  known: Pick<AskedRequest, 'requestId' | 'receivedAt'>,
  documents: (path: string) => GatewayDocument | undefined,
): AskedRequest {
  const { method = '', url = '' } = request;
  const target = parseRequestTarget(url);
  const match: AskedRequest['match'] = target.isPlain ? matchRoute(OPERATIONS, method, target.path) : { kind: 'none' };
  return {
    ...known,
    request,
    response,
    sourceIp: request.socket.remoteAddress ?? null,
    method,
    target,
    match,
    maxBodyBytes: match.kind === 'route' ? OPERATIONS[match.operation].maxBodyBytes : MAX_BODY_BYTES,
    document: documents(target.path),
  };
}

export const asksForDocument = ({ method }: AskedRequest): boolean => method === 'GET' || method === 'HEAD';

/** 405, where the path has other methods; undefined where it has this one, or is none. */
export function otherMethodOf({ match, document }: AskedRequest): Problem | undefined {
  if (document !== undefined) return methodNotAllowed(DOCUMENT_METHODS);
  return match.kind === 'other_method' ? methodNotAllowed(match.allow) : undefined;
}

/** The route's template and what stands in its place, where the path and method are a route's. */
export const routeOf = (match: AskedRequest['match']) =>
  match.kind === 'route' ? { path: OPERATIONS[match.operation].path, parameters: { ...match.parameters } } : undefined;
