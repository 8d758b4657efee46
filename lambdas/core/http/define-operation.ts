import * as z from 'zod/mini';
import type { ApiMethod } from '../contract/api-calls';
import type { ApiFunction } from '../contract/functions';
import type { Grant } from '../contract/grants';
import { MAX_BODY_BYTES } from '../contract/limits';
import type { Declaration, Operation } from './operation';
import { STANDING_PARAMETERS } from './path-parameter';

const noQuery = z.strictObject({});

/**
 * One call of the API, with everything that is known of it: where it is, who serves it, who may call it, what it takes, answers
 * and does.
 */
export function defineOperation<
  A,
  const Path extends string,
  const F extends ApiFunction,
  const G extends Grant | 'anyone',
  Q extends z.ZodMiniType = typeof noQuery,
  B extends z.ZodMiniType | undefined = undefined,
>(declared: Declaration<A, Path, F, G, Q, B>): Operation<NoInfer<A>, F, Q> {
  const { grant, parameters, query, request, reply, preconditions = [], idempotent, plaintext, entityTag } = declared;
  return {
    ...declared,
    authenticated: grant !== 'anyone',
    plaintext: plaintext ?? false,
    parameters: { ...STANDING_PARAMETERS, ...parameters },
    query: query ?? (noQuery as z.ZodMiniType as Q),
    request,
    maxBodyBytes: declared.maxBodyBytes ?? MAX_BODY_BYTES,
    reply,
    entityTag: entityTag ?? false,
    preconditions,
    idempotent: idempotent ?? false,
    ignoresInput: declared.ignoresInput ?? false,
    statuses: declared.statuses ?? [200],
    problems: problemsOf(declared),
    example: declared.example ?? {},
  };
}

/**
 * What is signed may be refused, and may find others out of reach; a path with parameters may name what is not there. A body may
 * come where none is taken, too.
 */
function problemsOf(declared: {
  readonly method: ApiMethod;
  readonly path: string;
  readonly grant: Grant | 'anyone';
  readonly preconditions?: unknown;
  readonly problems?: readonly number[];
}): readonly number[] {
  const { method, path, grant, preconditions, problems = [] } = declared;
  return [
    400,
    500,
    ...(grant === 'anyone' ? [] : [403, 503]),
    ...(path.includes('{') ? [404] : []),
    ...(preconditions === undefined ? [] : [412]),
    ...(method === 'GET' || method === 'HEAD' ? [] : [413, 415]),
    ...problems,
  ].sort((a, b) => a - b);
}
