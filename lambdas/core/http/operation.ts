import type * as z from 'zod/mini';
import type { ApiMethod } from '../contract/api-calls';
import type { ApiFunction } from '../contract/functions';
import type { Grant } from '../contract/grants';
import type { ErrorCode } from '../contract/problems';
import type { KeywardError } from '../errors/errors';
import type { Caller } from '../ports/caller';
import type { Clock } from '../ports/clock';
import type { Logger } from '../ports/logger';
import type { Precondition } from '../ports/precondition';
import type { PathParameter } from './path-parameter';

/** A conditional header (RFC 9110 section 13.1). */
type ConditionalHeader = 'if-match' | 'if-none-match';

/** What an operation runs on: its part of the application, and what serving it over HTTP needs. */
export interface Runtime<A> {
  readonly application: A;
  /** The configured providers; any other is not found. */
  readonly providers: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes out what a request has counted, where a process may be frozen after it. Never throws. */
  readonly flush?: () => void;
}

/** By each code, what one reply with it says: its `detail`, and members of its own where it has any. */
export type DeclaredProblems = Readonly<
  Partial<Record<ErrorCode, string | { readonly detail: string; readonly members: object }>>
>;

/** What an operation answers: a status of its own with a body, or a problem with members of its own. */
export type OperationReply =
  | { readonly status: number; readonly body?: object; readonly headers?: Readonly<Record<string, string>> }
  | { readonly problem: KeywardError; readonly members: Readonly<Record<string, unknown>> };

/** A request that has been checked in full: only what the operation declares. */
export interface OperationRequest<
  Path extends string = string,
  G = unknown,
  Q extends z.ZodMiniType = z.ZodMiniType,
  B = unknown,
> {
  readonly caller: G extends 'anyone' ? undefined : Caller;
  readonly parameters: ParametersOf<Path>;
  readonly query: z.output<Q>;
  readonly body: B extends z.ZodMiniType ? z.output<B> : undefined;
  /** Undefined where the caller demands nothing, and where no conditional header is taken. */
  readonly precondition: Precondition | undefined;
  /** Undefined where the caller gave none, and where none is taken. */
  readonly idempotencyKey: string | undefined;
}

/** One call of the API. The router, the OpenAPI document, the gateway and the policies of callers follow from it. */
export interface Operation<A = never, F extends string = ApiFunction, Q extends z.ZodMiniType = z.ZodMiniType> {
  readonly method: ApiMethod;
  readonly path: string;
  readonly function: F;
  readonly grant: Grant | 'anyone';
  /** Whether the gateway lets only signed requests through. */
  readonly authenticated: boolean;
  readonly plaintext: boolean;
  readonly summary: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, PathParameter>>;
  readonly query: Q;
  readonly request: z.ZodMiniType | undefined;
  /** The most bytes that the body may have. */
  readonly maxBodyBytes: number;
  readonly reply: z.ZodMiniType | undefined;
  readonly entityTag: boolean;
  readonly preconditions: readonly ConditionalHeader[];
  readonly idempotent: boolean;
  readonly ignoresInput: boolean;
  /** Of success. */
  readonly statuses: readonly number[];
  /** All that there may be, by their statuses. */
  readonly problems: readonly ErrorCode[];
  readonly problemDetails: DeclaredProblems;
  readonly example: { readonly request?: object; readonly reply?: object };
  readonly handle: (request: OperationRequest, runtime: Runtime<A>) => Promise<OperationReply>;
}

/** Operations by their ids. */
export type Operations = OperationsOf<ApiFunction>;

/** Operations that one function serves. */
export type OperationsOf<F extends ApiFunction> = Readonly<Record<string, Operation<never, F>>>;

/** What the operations ask for, all together. */
export type ApplicationOf<O extends Operations> = {
  [N in keyof O]: (asked: AskedBy<O[N]>) => void;
}[keyof O] extends (asked: infer A) => void
  ? A
  : never;

type AskedBy<O> = O extends { readonly handle: (request: OperationRequest, runtime: Runtime<infer A>) => unknown }
  ? A
  : never;

/** How an operation is declared; what is left out is as it mostly is. */
export interface Declaration<
  A,
  Path extends string,
  F extends ApiFunction,
  G extends Grant | 'anyone',
  Q extends z.ZodMiniType,
  B extends z.ZodMiniType | undefined,
> {
  readonly method: ApiMethod;
  /** Segments in braces are parameters: `{provider}` and `{version}`, and those of `parameters`. */
  readonly path: Path;
  /** The function that serves it, and no other does. */
  readonly function: F;
  /** What a caller must be given; `anyone` may call without a signature. */
  readonly grant: G;
  /** What it does, in a line. */
  readonly summary: string;
  /** What whoever calls it has to know, in Markdown. */
  readonly description: string;
  /** The reply carries what was encrypted. */
  readonly plaintext?: true;
  readonly parameters?: Readonly<Record<string, PathParameter>>;
  /** Left out: no parameter is taken. */
  readonly query?: Q;
  /** Left out: no body is taken. */
  readonly request?: B;
  /** Left out: as of any call. */
  readonly maxBodyBytes?: number;
  /** Left out: the reply has no body. */
  readonly reply?: z.ZodMiniType;
  /** The reply says in `ETag` which revision it is of. */
  readonly entityTag?: true;
  readonly preconditions?: readonly ConditionalHeader[];
  /** `Idempotency-Key` is taken. */
  readonly idempotent?: true;
  /** Query and body are passed over, whatever they are: load balancers and monitors add to a health check what they like. */
  readonly ignoresInput?: true;
  /** Of success; left out: 200. */
  readonly statuses?: readonly number[];
  /** Beyond those that follow from the rest, by their codes. */
  readonly problems?: DeclaredProblems;
  /** One request and one reply, where there are any. Every key in them is made up. */
  readonly example?: { readonly request?: object; readonly reply?: object };
  /** From the checked request to the reply. A thrown KeywardError becomes a problem document. */
  readonly handle: (request: OperationRequest<Path, G, Q, B>, runtime: Runtime<A>) => Promise<OperationReply>;
}

type ParametersOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Tail}`
  ? Readonly<Record<Name, string>> & ParametersOf<Tail>
  : unknown;
