import { createHttpHandler } from '../core/http/http-handler';
import { KEYSET_OPERATIONS } from '../core/keysets/operations/keyset-operations';
import { apiRuntime, composeKeys } from '../core/runtime/compose-api';

export const handler = createHttpHandler(KEYSET_OPERATIONS, apiRuntime(composeKeys));
