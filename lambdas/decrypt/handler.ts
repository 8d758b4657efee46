import { createHttpHandler } from '../core/http/http-handler';
import { apiRuntime, composeDecrypt } from '../core/runtime/compose-api';
import { DECRYPT_OPERATIONS } from '../core/tokens/operations/decrypt-operations';

export const handler = createHttpHandler(DECRYPT_OPERATIONS, apiRuntime(composeDecrypt));
