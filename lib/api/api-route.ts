import type { ApiMethod } from '../../lambdas/core/contract/api-calls';
import type { ApiFunction } from '../../lambdas/core/contract/functions';

/** What the stacks need to know of one call of the API; the route table in lambdas/ fits it. */
export interface ApiRoute {
  readonly method: ApiMethod;
  readonly path: string;
  readonly function: ApiFunction;
  readonly authenticated: boolean;
  readonly plaintext: boolean;
}
