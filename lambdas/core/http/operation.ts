import type * as z from 'zod/mini';
import type { ApiMethod } from '../contract/api-method';
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

/** What an operation needs: its part of the application, and the parts that serve it over HTTP. */
export interface Runtime<A> {
  readonly application: A;
  /** The configured providers; any other is not found. */
  readonly providers: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** Writes the metrics of a request, for a process that may be frozen after it. Never throws. */
  readonly flush?: () => void;
}

/** The `detail` of one example reply for each code, with its extension members. */
export type DeclaredProblems = Readonly<
  Partial<Record<ErrorCode, string | { readonly detail: string; readonly members: object }>>
>;

/** The reply of an operation: a status with a body, or a problem with extension members. */
export type OperationReply =
  | { readonly status: number; readonly body?: object; readonly headers?: Readonly<Record<string, string>> }
  | { readonly problem: KeywardError; readonly members: Readonly<Record<string, unknown>> };

/** A request that was checked in full: it has only what the operation declares. */
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
  /** Undefined if the caller sends none or the operation takes none. */
  readonly precondition: Precondition | undefined;
  /** Undefined if the caller sends none or the operation takes none. */
  readonly idempotencyKey: string | undefined;
}

/** One operation of the API. The router, the OpenAPI document, the gateway and the callers' policies are derived from it. */
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
  /** Maximum size of the body in bytes. */
  readonly maxBodyBytes: number;
  readonly reply: z.ZodMiniType | undefined;
  readonly entityTag: boolean;
  readonly preconditions: readonly ConditionalHeader[];
  readonly idempotent: boolean;
  readonly ignoresInput: boolean;
  /** Statuses of success. */
  readonly statuses: readonly number[];
  /** All codes that the operation may answer with, in the order of their statuses. */
  readonly problems: readonly ErrorCode[];
  readonly problemDetails: DeclaredProblems;
  readonly problemMembers: z.ZodMiniType | undefined;
  readonly example: { readonly request?: object; readonly reply?: object };
  readonly handle: (request: OperationRequest, runtime: Runtime<A>) => Promise<OperationReply>;
}

/** Operations by their ids. */
export type Operations = OperationsOf<ApiFunction>;

/** Operations that one function serves. */
export type OperationsOf<F extends ApiFunction> = Readonly<Record<string, Operation<never, F>>>;

/** What the operations need, all together. */
export type ApplicationOf<O extends Operations> = {
  [N in keyof O]: (asked: AskedBy<O[N]>) => void;
}[keyof O] extends (asked: infer A) => void
  ? A
  : never;

type AskedBy<O> = O extends { readonly handle: (request: OperationRequest, runtime: Runtime<infer A>) => unknown }
  ? A
  : never;

/** Declaration of an operation; members that are left out have defaults. */
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
  /** The one function that serves it. */
  readonly function: F;
  /** The grant that a caller needs; `anyone` may call without a signature. */
  readonly grant: G;
  /** What it does, in one line. */
  readonly summary: string;
  /** What a caller has to know, in Markdown. */
  readonly description: string;
  /** The reply carries plaintext. */
  readonly plaintext?: true;
  readonly parameters?: Readonly<Record<string, PathParameter>>;
  /** Left out: no parameter is taken. */
  readonly query?: Q;
  /** Left out: no body is taken. */
  readonly request?: B;
  /** Left out: {@link MAX_BODY_BYTES}. */
  readonly maxBodyBytes?: number;
  /** Left out: the reply has no body. */
  readonly reply?: z.ZodMiniType;
  /** The reply carries the revision as its `ETag`. */
  readonly entityTag?: true;
  readonly preconditions?: readonly ConditionalHeader[];
  /** `Idempotency-Key` is taken. */
  readonly idempotent?: true;
  /** Query and body are ignored: load balancers and monitors add their own to a health check. */
  readonly ignoresInput?: true;
  /** Statuses of success; left out: 200. */
  readonly statuses?: readonly number[];
  /** Codes beyond those that follow from the other members. */
  readonly problems?: DeclaredProblems;
  /** Extension members of its problems. Left out: they have none. */
  readonly problemMembers?: z.ZodMiniType;
  /** An example request and reply. Every key in them is made up. */
  readonly example?: { readonly request?: object; readonly reply?: object };
  /** Handles a checked request. A thrown KeywardError becomes a problem document. */
  readonly handle: (request: OperationRequest<Path, G, Q, B>, runtime: Runtime<A>) => Promise<OperationReply>;
}

type ParametersOf<Path extends string> = Path extends `${string}{${infer Name}}${infer Tail}`
  ? Readonly<Record<Name, string>> & ParametersOf<Tail>
  : unknown;
