import { OPERATIONS, type OperationId } from '../../../lambdas/core/runtime/operations';
import { EXAMPLES } from './examples';
import type { TestRequest } from './proxy-event-of';

/** Values of path parameters: a path with another parameter keeps a brace, and no route is found. */
const PARAMETERS: Readonly<Record<string, string>> = {
  provider: 'openai',
  name: 'default',
  rotation_id: '019a2f6b1c4000112233445566778899',
  id: '01a1fd1e90e200112233445566778899',
  version: '2',
};

/** Queries of calls that need one. */
const QUERIES: Partial<Record<OperationId, Readonly<Record<string, string>>>> = {
  readLog: { prefix: 'archive/2026-11-21T08/' },
};

/** A request that succeeds. */
export function requestOf(operation: OperationId, over: Partial<TestRequest> = {}): TestRequest {
  const { method, path } = OPERATIONS[operation];
  const { request } = EXAMPLES[operation];
  const query = QUERIES[operation];
  return {
    method,
    path: path.replace(/\{([a-z_]+)\}/g, (brace, name: string) => PARAMETERS[name] ?? brace),
    ...(request !== undefined && { body: request }),
    ...(query && { query }),
    ...over,
  };
}
