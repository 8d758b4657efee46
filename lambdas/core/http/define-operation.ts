import type * as z from 'zod/mini';
import type { ApiFunction } from '../contract/functions';
import type { Grant } from '../contract/grants';
import { MAX_BODY_BYTES } from '../contract/limits';
import { PROBLEM_STATUSES, type ErrorCode } from '../contract/problems';
import type { DeclaredProblems, Declaration, Operation } from './operation';
import { STANDING_PARAMETERS } from './path-parameter';
import { NO_QUERY } from './request-content';

/** Defines one operation of the API: its path, function, grant, input, replies and handler. */
export function defineOperation<
  A,
  const Path extends string,
  const F extends ApiFunction,
  const G extends Grant | 'anyone',
  Q extends z.ZodMiniType = typeof NO_QUERY,
  B extends z.ZodMiniType | undefined = undefined,
>(declared: Declaration<A, Path, F, G, Q, B>): Operation<NoInfer<A>, F, Q> {
  const { grant, parameters, query, request, reply, preconditions = [], idempotent, plaintext, entityTag } = declared;
  return {
    ...declared,
    authenticated: grant !== 'anyone',
    plaintext: plaintext ?? false,
    parameters: { ...STANDING_PARAMETERS, ...parameters },
    query: query ?? (NO_QUERY as z.ZodMiniType as Q),
    request,
    maxBodyBytes: declared.maxBodyBytes ?? MAX_BODY_BYTES,
    reply,
    entityTag: entityTag ?? false,
    preconditions,
    idempotent: idempotent ?? false,
    ignoresInput: declared.ignoresInput ?? false,
    statuses: declared.statuses ?? [200],
    problems: problemsOf(declared),
    problemDetails: declared.problems ?? {},
    problemMembers: declared.problemMembers,
    example: declared.example ?? {},
  };
}

/** Codes that every operation may answer with. */
const ANY = ['headers_too_large', 'throttled', 'configuration_invalid', 'internal'] as const;
/** Codes of signed operations: access denied, or a service unavailable. */
const SIGNED = ['access_denied', 'audit_unavailable', 'keys_unavailable', 'store_unavailable'] as const;

/** Also for operations without a body: a caller may send one. */
const OF_INPUT = ['invalid_request', 'payload_too_large', 'unsupported_media_type'] as const;

/** Codes that follow from the rest of an operation. */
export type CommonCode =
  (typeof ANY)[number] | (typeof SIGNED)[number] | (typeof OF_INPUT)[number] | 'provider_not_found';

function problemsOf(declared: {
  readonly path: string;
  readonly grant: Grant | 'anyone';
  readonly ignoresInput?: boolean;
  readonly problems?: DeclaredProblems;
}): readonly ErrorCode[] {
  const { path, grant, ignoresInput, problems = {} } = declared;
  const common: CommonCode[] = [
    ...ANY,
    ...(ignoresInput ? [] : OF_INPUT),
    ...(grant === 'anyone' ? [] : SIGNED),
    ...(path.includes('{provider}') ? (['provider_not_found'] as const) : []),
  ];
  const codes = new Set([...common, ...(Object.keys(problems) as ErrorCode[])]);
  return [...codes].sort((a, b) => PROBLEM_STATUSES[a] - PROBLEM_STATUSES[b] || (a < b ? -1 : 1));
}
