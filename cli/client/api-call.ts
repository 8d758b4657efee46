import type { ApiMethod } from '../../lambdas/core/contract/api-method';

/** The call that a command makes. */
export interface ApiCall {
  readonly method: ApiMethod;
  /** From `/v1` on; provider and name are of patterns that need no encoding. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body without the secret; absent where the call takes no body. */
  readonly body?: Readonly<Record<string, unknown>>;
}
