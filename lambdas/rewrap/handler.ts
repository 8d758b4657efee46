import { createHttpHandler } from '../core/http/http-handler';
import { apiRuntime, composeRewrap } from '../core/runtime/compose-api';
import { REWRAP_OPERATIONS } from '../core/tokens/operations/rewrap-operations';

export const handler = createHttpHandler(REWRAP_OPERATIONS, apiRuntime(composeRewrap));
