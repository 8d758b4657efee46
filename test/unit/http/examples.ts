import { OPERATION_IDS, OPERATIONS, type OperationId } from '../../../lambdas/core/runtime/operations';

/** The documented request and reply of each operation. */
export const EXAMPLES = Object.fromEntries(OPERATION_IDS.map((id) => [id, OPERATIONS[id].example])) as Readonly<
  Record<OperationId, { readonly request?: object; readonly reply?: object }>
>;
