import { createHttpHandler, type HttpHandler } from '../../lambdas/core/http/http-handler';
import type { ApplicationOf, Runtime } from '../../lambdas/core/http/operation';
import { OPERATIONS } from '../../lambdas/core/runtime/operations';

/** All functions in one process: every event goes to the operation that it would go to behind API Gateway. */
export const handleLocally = (runtime: Runtime<ApplicationOf<typeof OPERATIONS>>): HttpHandler =>
  createHttpHandler(OPERATIONS, () => Promise.resolve(runtime));
