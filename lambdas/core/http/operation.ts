import type * as z from 'zod/mini';
import type { ApiFunction } from '../contract/functions';
import type { KeywardError } from '../errors/errors';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Precondition } from '../ports/precondition';
import type { Caller } from '../ports/caller';
import type { OperationId, ROUTES } from './routes';

/** What a handler runs on: its part of the application, and what serving it over HTTP needs. */
export interface Runtime<A> {
  readonly application: A;
  /** The configured providers; any other is not found. */
  readonly providers: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes out what a request has counted, where a process may be frozen after it. Never throws. */
  readonly flush?: () => void;
}

/** A request that has been checked in full: only what the route's schemas describe. */
export interface OperationRequest<O extends OperationId> {
  readonly caller: RouteOf<O> extends { authenticated: true } ? Caller : undefined;
  readonly parameters: ParametersOf<RouteOf<O>['path']>;
  readonly query: z.output<RouteOf<O>['query']>;
  readonly body: RouteOf<O> extends { request: infer S extends z.ZodMiniType } ? z.output<S> : undefined;
  /** Undefined on routes that take none. */
  readonly precondition: Precondition | undefined;
  /** Undefined where the caller gave none, and on routes that take none. */
  readonly idempotencyKey: string | undefined;
}

/** What an operation answers: a status of its route with a body, or a problem with members of its own. */
export type OperationReply =
  | { readonly status: number; readonly body?: object; readonly headers?: Readonly<Record<string, string>> }
  | { readonly problem: KeywardError; readonly members: Readonly<Record<string, unknown>> };

/** One call from its checked request to its reply. A thrown KeywardError becomes a problem document. */
export type Operation<O extends OperationId, A> = (
  request: OperationRequest<O>,
  runtime: Runtime<A>,
) => Promise<OperationReply>;

/** Exactly the operations of one function's routes. */
export type OperationsOf<F extends ApiFunction, A> = {
  readonly [O in OperationId as RouteOf<O>['function'] extends F ? O : never]: Operation<O, A>;
};

type RouteOf<O extends OperationId> = (typeof ROUTES)[O];

type ParametersOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Tail}`
  ? Readonly<Record<Name, string>> & ParametersOf<Tail>
  : unknown;
