import type { ApiMethod } from '../../lambdas/core/contract/api-method';
import type { ApiFunction } from '../../lambdas/core/contract/functions';
import type { Grant } from '../../lambdas/core/contract/grants';

/** The part of an operation that the stacks need; each operation in lambdas/ has this shape. */
export interface ApiRoute {
  readonly method: ApiMethod;
  readonly path: string;
  readonly function: ApiFunction;
  readonly grant: Grant | 'anyone';
  readonly authenticated: boolean;
}
