import type { ApiMethod } from '../../lambdas/core/contract/api-calls';
import type { ApiFunction } from '../../lambdas/core/contract/functions';
import type { Grant } from '../../lambdas/core/contract/grants';

/** What the stacks need to know of one call of the API; each operation in lambdas/ fits it. */
export interface ApiRoute {
  readonly method: ApiMethod;
  readonly path: string;
  readonly function: ApiFunction;
  readonly grant: Grant | 'anyone';
  readonly authenticated: boolean;
}
