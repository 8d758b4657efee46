import type { ApiMethod } from '../../lambdas/core/contract/api-method';

/** The call that a command makes. */
export interface ApiCall {
  readonly method: ApiMethod;
  /** From `/v1` on; the patterns of provider and name need no encoding. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** The body without the secret; absent if the call takes no body. */
  readonly body?: Readonly<Record<string, unknown>>;
}
