import { createHttpHandler } from '../core/http/http-handler';
import { apiRuntime, composeEncrypt } from '../core/runtime/compose-api';
import { ENCRYPT_OPERATIONS } from '../core/tokens/operations/encrypt-operations';

export const handler = createHttpHandler(ENCRYPT_OPERATIONS, apiRuntime(composeEncrypt));
